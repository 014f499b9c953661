"""A graph without some of its triples or entities: what would be so if they were not?

The view reads like the graph that would be built without them, with the numbers of the whole one,
and copies nothing: what is removed is left out of each reading.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import NotFound
from core.graph.edge_rows import Directions
from core.graph.knowledge_graph import Ints, KnowledgeGraph

Edge = tuple[int, int, int]
"""Head, relation code, tail."""


def as_triple(graph: KnowledgeGraph, edge: Edge) -> Edge:
    """An edge as its triple says it: the other way round where it is walked backward."""
    head, code, tail = edge
    return edge if code < graph.relation_count else (tail, graph.inverse(code), head)


class Reduced(KnowledgeGraph):
    """A graph whose edges are read without those removed.

    An entity that is removed keeps its number and its names, and loses all of its edges. Whole
    columns (`heads`, `starts`, `edge_tails` ...) and `triple_count` stay those of the whole graph.
    The hash is its own, so that nothing learned from the one is taken for the other.

    Attributes:
        whole: The graph that something was left out of.
    """

    whole: KnowledgeGraph
    _removed: list[Edge]
    _gone: Ints

    def __init__(
        self, graph: KnowledgeGraph, edges: Sequence[Edge] = (), entities: Sequence[int] = ()
    ) -> None:
        """Leave something out of a graph.

        Args:
            graph: The whole graph, or one that lacks something already.
            edges: Edges to remove, each read either way: with one, its inverse goes too.
            entities: Entity numbers to remove.

        Raises:
            NotFound: If the graph has no such edge.
        """
        for head, code, tail in edges:
            if not graph.has(head, code, tail):
                names = graph.entity_id(head), graph.relation_id(code), graph.entity_id(tail)
                raise NotFound(
                    "The graph {name!r} has no edge {edge!r}.",
                    name=graph.name,
                    edge=" ".join(names),
                )
        back = [(tail, graph.inverse(code), head) for head, code, tail in edges]
        gone = sorted({int(entity) for entity in entities})
        numbers = {(int(head), int(code), int(tail)) for head, code, tail in [*edges, *back]}
        if isinstance(graph, Reduced):
            gone = sorted({*gone, *graph._gone.tolist()})
            numbers.update(graph._removed)
        removed = sorted(edge for edge in numbers if not {edge[0], edge[2]} & {*gone})
        digest = hashlib.sha256(f"{graph.hash} without {removed} {gone}".encode()).hexdigest()
        super().__init__(graph.name, graph._tables, digest)
        self.whole = graph
        self._removed, self._gone = removed, np.array(gone, np.int64)

    def changed_entities(self) -> Ints:
        """Entities that have fewer edges than in the whole graph, or may have: sorted."""
        beside = self.whole.edges(self._gone)[2]
        heads = [head for head, _, _ in self._removed]
        return np.unique(np.concatenate([heads, self._gone, beside]).astype(np.int64))

    def edges(
        self, entities: Ints, directions: Directions = "both", limit: int | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """As for the whole graph; the limit counts what is left."""
        left = self._left(entities)
        # Of one relation, an entity loses at most the removed edges and the removed entities.
        read = None if limit is None else limit + len(self._removed) + len(self._gone)
        positions, codes, tails = super().edges(entities[left], directions, read)
        keep = self._kept(entities[left][positions], codes, tails)
        positions, codes, tails = left[positions[keep]], codes[keep], tails[keep]
        if limit is None:
            return positions, codes, tails
        within = _rank(positions * (2 * self.relation_count) + codes) < limit
        return positions[within], codes[within], tails[within]

    def edges_along(self, entities: Ints, code: int) -> tuple[Ints, Ints]:
        """As for the whole graph."""
        left = self._left(entities)
        positions, tails = super().edges_along(entities[left], code)
        keep = self._kept(entities[left][positions], np.full(len(tails), code), tails)
        return left[positions[keep]], tails[keep]

    def relations_of(
        self, entities: Ints, directions: Directions = "both"
    ) -> tuple[Ints, Ints, Ints]:
        """As for the whole graph; what loses its last edge is not listed."""
        left = self._left(entities)
        positions, codes, counts = super().relations_of(entities[left], directions)
        heads = entities[left][positions]
        for head, code, _ in self._removed:
            counts = counts - ((heads == head) & (codes == code))
        for entity in self._gone:
            counts = counts - self._rows.holds(heads, codes, np.full(len(heads), entity))
        keep = counts > 0
        return left[positions[keep]], codes[keep], counts[keep]

    def degree(self, entities: Ints) -> Ints:
        """Edges left per entity, both directions: `(n,)`."""
        positions, _, counts = self.relations_of(entities)
        degrees = np.zeros(len(entities), np.int64)
        np.add.at(degrees, positions, counts)
        return degrees

    def has(self, head: int, code: int, tail: int) -> bool:
        """Whether an edge exists and is left."""
        edge = (np.array([number]) for number in (head, code, tail))
        is_left = head not in self._gone and bool(self._kept(*edge)[0])
        return is_left and super().has(head, code, tail)

    def _left(self, entities: Ints) -> Ints:
        """Positions of the entities that are not removed."""
        return np.flatnonzero(~np.isin(entities, self._gone))

    def _kept(self, heads: Ints, codes: Ints, tails: Ints) -> NDArray[np.bool_]:
        """Which edges, of heads not removed, are left."""
        keep = ~np.isin(tails, self._gone)
        for head, code, tail in self._removed:
            keep &= (heads != head) | (codes != code) | (tails != tail)
        return keep


def _rank(keys: Ints) -> Ints:
    """Position of each element in its run of equal keys (keys come sorted)."""
    return np.arange(len(keys)) - np.searchsorted(keys, keys, "left")
