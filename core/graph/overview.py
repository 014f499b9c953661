"""What a graph is about, on one page: kinds of entities, and the relations between them.

Where facts say of entities what they are (`rdf:type`, `instance of`), that is their kind. Otherwise
relations tell: what leaves the same entities belongs together, so a city is whatever people are
born in and has a country. Such a kind has no name but that of its commonest relation.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.plain_text import plain
from core.results.graph import GraphOverview, Hub, KindOfEntity, RelationBetween

KINDS: Final = 24
"""Kinds told apart at most, those of most entities; the rest is one more, without a name."""

COMPARED: Final = 600
"""Relation codes compared at most, those of most entities; their number squared is held."""

OVERLAP: Final = 0.35
"""Share of the smaller set of entities, on average, from which on relations make one kind."""

HUBS: Final = 10

TYPE_RELATIONS: Final = ("type", "rdf type", "instance of", "is a", "p31")
"""What a relation that says what a thing is may be called."""


def overview(graph: KnowledgeGraph, language: str = "en") -> GraphOverview:
    """Find the kinds of a graph and count the facts between them.

    Args:
        graph: The graph; time and memory follow its facts.
        language: Of the labels.
    """
    kind_of, kinds = kinds_of_entities(graph, language)
    degrees = graph.degree(np.arange(graph.entity_count))
    hubs = np.argsort(-degrees, kind="stable")[:HUBS]
    return GraphOverview(
        name=graph.name,
        by_type=type_relation(graph) is not None,
        kinds=kinds,
        relations=_between(graph, kind_of, len(kinds), language),
        hubs=tuple(
            Hub(graph.entity_id(one), graph.label(one, language), int(degrees[one])) for one in hubs
        ),
    )


def type_relation(graph: KnowledgeGraph) -> int | None:
    """The code of the relation that says what things are; None where there is none."""
    for code in range(graph.relation_count):
        name = graph.relation_id(code)
        ending = name.replace("#", "/").rstrip("/").rpartition("/")[2]
        label = graph.relation_label(code, "en")
        if {plain(one.replace("_", " ").replace(":", " ")) for one in (ending, label)} & set(
            TYPE_RELATIONS
        ):
            return code
    return None


def kinds_of_entities(
    graph: KnowledgeGraph, language: str = "en"
) -> tuple[Ints, tuple[KindOfEntity, ...]]:
    """One kind for each entity.

    Returns:
        `(kind_of, kinds)`: `(entities,)` places in `kinds`, whose most numerous stand first; the
        last one has no name and takes whatever is left, if anything is.
    """
    code = type_relation(graph)
    keys, names = _by_relations(graph) if code is None else _by_type(graph, code)
    counts = np.bincount(keys[keys >= 0], minlength=len(names))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0][:KINDS]
    place = np.full(len(names) + 1, len(order))
    place[order] = np.arange(len(order))
    kind_of = place[keys]  # -1 is the last place: what has no kind
    sizes = np.bincount(kind_of, minlength=len(order) + 1)
    first = np.full(len(sizes), -1)
    degrees = graph.degree(np.arange(graph.entity_count))
    best_last = np.argsort(-degrees, kind="stable")[::-1]
    first[kind_of[best_last]] = best_last
    kinds = []
    for at, size in enumerate(sizes):
        if at < len(order) or size:
            named = int(names[order[at]]) if at < len(order) else -1
            kinds.append(_kind(graph, named, code is not None, int(size), int(first[at]), language))
    return kind_of, tuple(kinds)


def _kind(
    graph: KnowledgeGraph, named: int, by_type: bool, size: int, first: int, language: str
) -> KindOfEntity:
    name = label = ""
    if named >= 0 and by_type:
        name, label = graph.entity_id(named), graph.label(named, language)
    elif named >= 0:
        name, label = graph.relation_id(named), graph.relation_label(named, language)
    return KindOfEntity(id=name, label=label, entities=size, example=graph.label(first, language))


def _by_type(graph: KnowledgeGraph, code: int) -> tuple[Ints, Ints]:
    """By the rarest of an entity's types that are among the commonest: `(entities,)` keys."""
    at = np.flatnonzero(graph.relations == code)
    heads, tails = graph.heads[at], graph.tails[at]
    types, which, counts = np.unique(tails, return_inverse=True, return_counts=True)
    keys = np.full(graph.entity_count, -1)
    ranks = np.empty(len(types), np.int64)
    ranks[np.argsort(-counts, kind="stable")] = np.arange(len(types))
    common = ranks[which] < KINDS
    order = np.argsort(ranks[which][common], kind="stable")  # the rarest is written last
    keys[heads[common][order]] = which[common][order]
    return keys, types


def _by_relations(graph: KnowledgeGraph) -> tuple[Ints, Ints]:
    """By which relations leave it, either way: `(entities,)` keys, and a code that names each."""
    count = graph.entity_count
    owner, leaving, _ = graph.relations_of(np.arange(count))
    per_code = np.bincount(leaving, minlength=2 * graph.relation_count)
    codes = np.sort(np.argsort(-per_code, kind="stable")[:COMPARED])
    codes = codes[per_code[codes] > 0]
    column = np.full(2 * graph.relation_count, -1)
    column[codes] = np.arange(len(codes))
    kept = column[leaving] >= 0
    owner, leaving = owner[kept], column[leaving[kept]]
    ones = np.ones(len(owner), np.int32)
    leaves = sparse.csr_matrix((ones, (owner, leaving)), shape=(count, len(codes)))
    together = np.asarray((leaves.T @ leaves).todense(), np.float64)
    sizes = np.diag(together)
    overlap = together / np.minimum(sizes[:, None], sizes[None, :])
    if len(codes) == 1:
        groups = np.zeros(1, np.int64)
    else:
        distances = squareform(1 - overlap, checks=False)
        groups = fcluster(linkage(distances, "average"), 1 - OVERLAP, "distance") - 1
    group_count = int(groups.max()) + 1
    named = np.zeros(group_count, np.int64)
    commonest_last = np.argsort(-sizes, kind="stable")[::-1]
    named[groups[commonest_last]] = codes[commonest_last]
    member = sparse.csr_matrix(
        (np.ones(len(codes), np.int32), (np.arange(len(codes)), groups)),
        shape=(len(codes), group_count),
    )
    votes = (leaves @ member).tocsr()
    keys = np.asarray(votes.argmax(axis=1)).ravel()
    keys[np.diff(votes.indptr) == 0] = -1
    return keys, named


def _between(
    graph: KnowledgeGraph, kind_of: Ints, kinds: int, language: str
) -> tuple[RelationBetween, ...]:
    """Facts by relation and the kinds of their ends, most first."""
    keys = (graph.relations.astype(np.int64) * kinds + kind_of[graph.heads]) * kinds
    found, counts = np.unique(keys + kind_of[graph.tails], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rows = zip(found[order].tolist(), counts[order].tolist(), strict=True)
    return tuple(
        RelationBetween(
            id=graph.relation_id(key // kinds**2),
            label=graph.relation_label(key // kinds**2, language),
            source=key // kinds % kinds,
            target=key % kinds,
            facts=facts,
        )
        for key, facts in rows
    )
