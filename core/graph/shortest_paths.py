"""The shortest ways from one entity to another, told as relation paths with an example of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph


@dataclass(frozen=True, slots=True)
class Chain:
    """One way through the graph.

    Attributes:
        entities: Entity numbers from source to target, one more than relations.
        relations: Relation codes of the hops.
    """

    entities: tuple[int, ...]
    relations: tuple[int, ...]


def shortest_paths(
    graph: KnowledgeGraph, source: int, target: int, hops: int = 4, limit: int = 10
) -> list[Chain]:
    """Relation paths of the fewest hops between two entities, by relation code, one chain each.

    Relations are walked in both directions. Time follows the edges within reach of the source.

    Args:
        graph: The graph.
        source: Entity number to begin at.
        target: Entity number to end at.
        hops: Look no further than this.
        limit: At most so many relation paths.

    Returns:
        Empty if the target is not within reach.
    """
    levels = _levels(graph, source, target, hops)
    if not levels:
        return []
    between = _between(graph, levels, target)
    chains = _walk(graph, between, [np.array([source])], ())
    return [chain for chain, _ in zip(chains, range(limit), strict=False)]


def _levels(graph: KnowledgeGraph, source: int, target: int, hops: int) -> list[Ints]:
    """Entities by their distance from the source, up to the target's; empty if out of reach."""
    seen = np.zeros(graph.entity_count, bool)
    seen[source] = True
    levels: list[Ints] = [np.array([source])]
    while not seen[target]:
        if len(levels) > hops or not len(levels[-1]):
            return []
        tails = np.unique(graph.edges(levels[-1])[2])
        levels.append(tails[~seen[tails]])
        seen[tails] = True
    return levels


def _between(graph: KnowledgeGraph, levels: list[Ints], target: int) -> list[Ints]:
    """Of each level, the entities that lie on a shortest way to the target."""
    kept: list[Ints] = [np.array([target])]
    for level in reversed(levels[:-1]):
        before = np.unique(graph.edges(kept[0])[2])  # every edge is there in both directions
        kept.insert(0, np.intersect1d(before, level))
    return kept


def _walk(
    graph: KnowledgeGraph, between: list[Ints], frontiers: list[Ints], codes: tuple[int, ...]
) -> Iterator[Chain]:
    """Every relation path from the last frontier to the end, in the order of codes."""
    depth = len(codes)
    if depth == len(between) - 1:
        yield Chain(_example(graph, frontiers, codes), codes)
        return
    _, relations, tails = graph.edges(frontiers[-1])
    inside = np.isin(tails, between[depth + 1])
    for code in np.unique(relations[inside]):
        reached = np.unique(tails[inside & (relations == code)])
        yield from _walk(graph, between, [*frontiers, reached], (*codes, int(code)))


def _example(
    graph: KnowledgeGraph, frontiers: list[Ints], codes: tuple[int, ...]
) -> tuple[int, ...]:
    """One chain of entities along a relation path, found from its end."""
    chain = [int(frontiers[-1][0])]
    for frontier, code in zip(reversed(frontiers[:-1]), reversed(codes), strict=True):
        before = graph.follow(np.array([chain[0]]), graph.inverse(code))
        chain.insert(0, int(np.intersect1d(before, frontier)[0]))
    return tuple(chain)
