"""The part of a graph around some entities, small enough to draw.

Time and memory follow the edges of the entities kept, not the size of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph


@dataclass(frozen=True, eq=False, slots=True)
class Neighbourhood:
    """Entities near some topics, and every triple among them.

    Attributes:
        entities: `(n,)` entity numbers in the graph: topics first, then nearest first, within a hop
            those with most edges first.
        hops: `(n,)` hops from the nearest topic.
        heads: `(m,)` positions in `entities`.
        relations: `(m,)` relation codes, all forward: each triple stands here once.
        tails: `(m,)` positions in `entities`.
        truncated: Whether the limit left out entities within the hops asked for.
    """

    entities: Ints
    hops: Ints
    heads: Ints
    relations: Ints
    tails: Ints
    truncated: bool


def neighbourhood(
    graph: KnowledgeGraph, topics: Sequence[int], hops: int, limit: int = 300
) -> Neighbourhood:
    """Walk outward from some topics, relations in both directions.

    Args:
        graph: The graph.
        topics: Entity numbers; repeated ones count once.
        hops: How far to walk; 0 keeps the topics alone.
        limit: At most so many entities; only those kept are walked on from.
    """
    distinct = np.array(list(dict.fromkeys(topics)), np.int32)
    rings: list[Ints] = [distinct[:limit]]
    truncated = len(distinct) > limit
    for _ in range(hops):
        kept = np.concatenate(rings)
        _, _, tails = graph.edges(rings[-1])
        ring = np.setdiff1d(tails, kept)
        ring = ring[np.argsort(-graph.degree(ring), kind="stable")]
        room = limit - len(kept)
        truncated = truncated or len(ring) > room
        rings.append(ring[:room])
    entities = np.concatenate(rings).astype(np.int32)
    heads, relations, tails = _triples_among(graph, entities)
    hop_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    return Neighbourhood(entities, hop_of, heads, relations, tails, truncated)


def _triples_among(graph: KnowledgeGraph, entities: Ints) -> tuple[Ints, Ints, Ints]:
    """Forward triples with both ends in `entities`, by position there."""
    heads, relations, tails = graph.edges(entities)
    inside = (relations < graph.relation_count) & np.isin(tails, entities)
    order = np.argsort(entities)
    positions = order[np.searchsorted(entities, tails[inside], sorter=order)]
    return heads[inside], relations[inside], positions
