"""Relations that say the same, and those with one value that have two somewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import sparse

from core.graph.duplicates import sharing_pieces, similarity
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.plain_text import plain

SHARED: Final = 0.5
"""Share of the facts of either of two relations that both have, from which on they say the same."""

NAMED_ALIKE: Final = 0.85
"""Share of letters, from which on the names of two relations are alike."""

FUNCTIONAL: Final = 0.95
"""Share of entities with one value of a relation, from which on two values are odd."""

HAVING: Final = 20
"""Entities that have a relation before it is said to have one value."""

LEAST: Final = 3
"""Facts that two relations share before they are said to say the same by them."""


@dataclass(frozen=True, slots=True)
class AlikeRelations:
    """Two relations that may be one.

    Attributes:
        first, second: Codes; the first is walked forward and has more facts; the second may be
            walked backward, where it says the same the other way round.
        alike: Share of letters that their names have in common; 0 for one walked backward.
        shared: Facts that both say.
        either: Facts that either says.
    """

    first: int
    second: int
    alike: float
    shared: int
    either: int


@dataclass(frozen=True, slots=True)
class Clash:
    """An entity with several values of a relation that has one nearly everywhere."""

    entity: int
    code: int
    values: tuple[int, ...]


def alike_relations(graph: KnowledgeGraph, one_of: Ints | None = None) -> list[AlikeRelations]:
    """Pairs of relations with the same facts or nearly the same name, the surest first.

    Args:
        graph: The graph.
        one_of: `(entities,)` the entity that stands for each, where some are taken for one.
    """
    stands = np.arange(graph.entity_count) if one_of is None else one_of
    heads = np.repeat(np.arange(graph.entity_count), np.diff(graph.starts))
    keys = stands[heads].astype(np.int64) * graph.entity_count + stands[graph.edge_tails]
    _, rows = np.unique(keys, return_inverse=True)
    said = sparse.csr_matrix(
        (np.ones(len(rows), np.int32), (rows, graph.edge_relations.astype(np.int64)))
    )
    said.data[:] = 1  # facts that have become the same count once
    together = (said.T @ said).tocoo()
    counts = np.asarray(said.sum(axis=0)).ravel()
    shared = {
        (int(a), int(b)): int(n)
        for a, b, n in zip(together.row, together.col, together.data, strict=True)
        if a < graph.relation_count and a != b and b != graph.inverse(int(a))
    }
    names = [
        plain(graph.relation_label(code).replace("_", " ")) for code in range(graph.relation_count)
    ]
    named_alike = dict.fromkeys(pair for pair in sharing_pieces(names) if pair[0] != pair[1])
    pairs = dict.fromkeys([*shared, *named_alike, *((b, a) for a, b in named_alike)])
    found = []
    for first, second in pairs:
        if (counts[first], second % graph.relation_count) < (counts[second], first):
            continue  # told once, the commoner one first
        forward = second < graph.relation_count
        alike = similarity(names[first], names[second]) if forward else 0.0
        both = shared.get((first, second), 0)
        either = int(counts[first] + counts[second]) - both
        if alike >= NAMED_ALIKE or (both >= LEAST and both >= SHARED * either):
            found.append(AlikeRelations(first, second, alike, both, either))
    return sorted(found, key=lambda one: (-one.shared / one.either, -one.alike, one.first))


def clashes(graph: KnowledgeGraph) -> Iterator[Clash]:
    """Entities with several values of a relation that has one for nearly all, either way."""
    owner, codes, counts = graph.relations_of(np.arange(graph.entity_count))
    having = np.bincount(codes, minlength=2 * graph.relation_count)
    single = np.bincount(codes[counts == 1], minlength=2 * graph.relation_count)
    functional = (having >= HAVING) & (single >= FUNCTIONAL * having)
    odd = functional[codes] & (counts > 1)
    for entity, code in zip(owner[odd].tolist(), codes[odd].tolist(), strict=True):
        values = graph.edges_along(np.array([entity]), code)[1]
        yield Clash(entity, code, tuple(values.tolist()))
