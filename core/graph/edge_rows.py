"""Reading the edges of entities from compressed rows, and no more of a row than is asked for.

Entity e's edges stand side by side, by relation code and then by tail, so that its forward edges
come first and all edges of one relation form a *run*. A hub may have a million edges: what leaves
it by one relation is found by binary search, and which relations leave it by jumping from run to
run, so the rest of its row is never read (nor, where the graph is a memory map, loaded).

    starts     0           6 ...
    codes      0 0 2 | 5 5 7 ...      R = 4: forward | backward
    tails      3 8 1 | 2 6 0 ...
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.graph.numbering import Ints as Ints
from core.graph.numbering import sorted_rows

Directions = Literal["forward", "both"]

_NARROW = 4096
"""A row of so many edges is read whole (two pages of 16 KB) rather than jumped through."""


@dataclass(frozen=True, eq=False, slots=True)
class EdgeRows:
    """The edges of a graph in compressed rows, both ways.

    Attributes:
        heads: `(triples,)` head of every triple, sorted: how many forward edges an entity has.
        starts: `(entities + 1,)` entity e's edges stand at `starts[e]:starts[e + 1]`.
        codes: `(2 * triples,)` relation codes, int32 or narrower; what is read of them is int32.
        tails: `(2 * triples,)` targets.
    """

    heads: Ints
    starts: Ints
    codes: Ints
    tails: Ints

    @classmethod
    def of(
        cls, heads: Ints, relations: Ints, tails: Ints, entity_count: int, relation_count: int
    ) -> EdgeRows:
        """Compress triples that are distinct and sorted by head."""
        sources, codes, targets = sorted_rows(
            [
                np.concatenate([heads, tails]),
                np.concatenate([relations, relations + np.int32(relation_count)]),
                np.concatenate([tails, heads]),
            ],
            (entity_count, 2 * relation_count, entity_count),
        )
        starts = np.zeros(entity_count + 1, np.int64)
        np.cumsum(np.bincount(sources, minlength=entity_count), out=starts[1:])
        return cls(heads, starts, codes, targets)

    def degree(self, entities: Ints) -> Ints:
        """Edges per entity, both directions: `(n,)`."""
        return self.starts[np.asarray(entities) + 1] - self.starts[entities]

    def edges(
        self, entities: Ints, directions: Directions = "both", limit: int | None = None
    ) -> tuple[Ints, Ints, Ints]:
        """Edges that leave some entities.

        Args:
            entities: `(n,)` entity numbers.
            directions: `forward` reads no incoming edge.
            limit: At most so many per entity and relation, lowest tails first; None for all.

        Returns:
            `(positions, codes, tails)`, one row per edge, sorted in that order: the position of its
            source in `entities`, its relation code, its target.
        """
        if limit is None:
            begins, sizes = self._rows(entities, directions)
            positions, where = _ranges(begins, sizes)
            return positions, self.codes[where].astype(np.int32), self.tails[where]
        owners, codes, begins, sizes = self._runs(entities, directions)
        runs, where = _ranges(begins, np.minimum(sizes, limit))
        return owners[runs], codes[runs], self.tails[where]

    def edges_along(self, entities: Ints, code: int) -> tuple[Ints, Ints]:
        """Edges of one relation: `(positions, tails)`, as in `edges`."""
        begins, ends = self._stretches(entities, np.full(len(entities), code))
        positions, where = _ranges(begins, ends - begins)
        return positions, self.tails[where]

    def relations_of(
        self, entities: Ints, directions: Directions = "both"
    ) -> tuple[Ints, Ints, Ints]:
        """Which relations leave some entities, without reading all of their edges.

        Returns:
            `(positions, codes, counts)`, one row per entity and relation, sorted in that order; the
            count is that of the edges.
        """
        owners, codes, _, sizes = self._runs(entities, directions)
        return owners, codes, sizes

    def holds(self, heads: Ints, codes: Ints, tails: Ints) -> NDArray[np.bool_]:
        """Which of some edges exist: `(n,)`."""
        begins, ends = self._stretches(heads, codes)
        places = _first_at_least(self.tails, begins, ends, tails)
        found = places < ends
        found[found] = self.tails[places[found]] == tails[found]
        return found

    def triples_at(
        self, codes: Ints, ends: Ints, heads: Ints, relations: Ints, tails: Ints
    ) -> Ints:
        """Where triples that exist stand among all.

        Args:
            codes: `(triples,)` relations of all.
            ends: `(triples,)` tails of all.
            heads: `(n,)` of those wanted.
            relations: Likewise.
            tails: Likewise.
        """
        wanted = np.asarray(heads, self.heads.dtype)
        low, high = (np.searchsorted(self.heads, wanted, side) for side in ("left", "right"))
        first = _first_at_least(codes, low, high, relations)
        last = _first_at_least(codes, first, high, relations + 1)
        return _first_at_least(ends, first, last, tails)

    def _rows(self, entities: Ints, directions: Directions) -> tuple[Ints, Ints]:
        """Where the edges of each entity begin, and how many there are."""
        entities = np.asarray(entities, self.heads.dtype)  # else the search would copy all heads
        if directions == "both":
            return self.starts[entities], self.degree(entities)
        first, last = (np.searchsorted(self.heads, entities, side) for side in ("left", "right"))
        return self.starts[entities], last - first

    def _stretches(self, entities: Ints, codes: Ints) -> tuple[Ints, Ints]:
        """Where the edges of an entity by a relation begin and end, for each of the pairs."""
        begins, sizes = self._rows(entities, "both")
        ends = begins + sizes
        first = _first_at_least(self.codes, begins, ends, codes)
        return first, _first_at_least(self.codes, first, ends, codes + 1)

    def _runs(self, entities: Ints, directions: Directions) -> tuple[Ints, Ints, Ints, Ints]:
        """Runs of edges with one source and one relation: `(positions, codes, begins, sizes)`."""
        begins, sizes = self._rows(entities, directions)
        wide = np.flatnonzero(sizes > _NARROW)
        owners, where = _ranges(begins, np.where(sizes > _NARROW, 0, sizes))
        codes = self.codes[where].astype(np.int32)
        first = np.ones(len(where), bool)
        first[1:] = (owners[1:] != owners[:-1]) | (codes[1:] != codes[:-1])
        cuts = np.flatnonzero(first)
        runs = [owners[cuts], codes[cuts], where[cuts], np.diff(np.append(cuts, len(where)))]
        if not len(wide):
            return runs[0], runs[1], runs[2], runs[3]
        for owner in wide:
            found = self._jump(int(begins[owner]), int(begins[owner] + sizes[owner]))
            jumped = [np.full(len(found[0]), owner), *found]
            runs = [np.concatenate(pair) for pair in zip(runs, jumped, strict=True)]
        order = np.argsort(runs[0], kind="stable")
        return runs[0][order], runs[1][order], runs[2][order], runs[3][order]

    def _jump(self, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
        """The runs of one wide row: `(codes, begins, sizes)`."""
        begins = [begin]
        while begins[-1] < end:
            rest = self.codes[begins[-1] : end]
            begins.append(begins[-1] + int(np.searchsorted(rest, rest[0], "right")))
        where = np.array(begins)
        return self.codes[where[:-1]].astype(np.int32), where[:-1], np.diff(where)


def _ranges(begins: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """`begins[i], begins[i] + 1, ...`, `sizes[i]` of them, for every i: `(i, numbers)`."""
    owners = np.repeat(np.arange(len(sizes)), sizes)
    before = np.cumsum(sizes) - sizes
    return owners, np.arange(len(owners)) + np.repeat(begins - before, sizes)


def _first_at_least(column: Ints, low: Ints, high: Ints, wanted: Ints) -> Ints:
    """In each stretch `low[i]:high[i]` of a sorted column, where values >= `wanted[i]` begin."""
    low, high = low.copy(), high.copy()
    while len(open_ := np.flatnonzero(low < high)):
        middle = (low[open_] + high[open_]) // 2
        before = column[middle] < wanted[open_]
        low[open_[before]] = middle[before] + 1
        high[open_[~before]] = middle[~before]
    return low
