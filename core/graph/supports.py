"""What the frontiers of a relation-prefix tree rest on, and what they lose without some facts.

An entity stands in a frontier as long as one fact leads there from the frontier before. Without
that fact those are lost who stand there by it alone, further on those who stand there by them
alone, and a node that loses everybody is gone. So it is known what becomes of a tree without a
fact, and only what hangs on that fact is looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from functools import cache, cached_property

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import PathTree
from core.graph.removal import Edge


class Supports:
    """The facts along the hops of a tree.

    Args:
        graph: What the tree was grown in.
        tree: The tree, of which nothing was cut: without a fact it may not grow where it did not.
    """

    def __init__(self, graph: KnowledgeGraph, tree: PathTree) -> None:
        self.graph, self.tree = graph, tree
        nothing = np.zeros(0, np.int32)
        self._edges = [(nothing, nothing), *map(self._edges_into, range(1, len(tree)))]
        self._by_head = cache(self._tails_by_head)

    @cached_property
    def facts(self) -> set[Edge]:
        """All facts along the hops, each as its triple says it."""
        return self._triples([np.ones(len(tails), bool) for _, tails in self._edges])

    @cached_property
    def sole(self) -> set[Edge]:
        """Those without which some frontier loses somebody."""
        chosen = []
        for _, tails in self._edges:
            _, where, counts = np.unique(tails, return_inverse=True, return_counts=True)
            chosen.append(counts[where] == 1)
        return self._triples(chosen)

    def lost(self, facts: Collection[Edge]) -> dict[int, set[int]]:
        """What the frontiers lose without some facts.

        Args:
            facts: Each as its triple says it.

        Returns:
            Node -> entities that are lost from its frontier; nodes that lose nobody left out.
        """
        cut: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for head, code, tail in facts:
            cut[code].append((head, tail))
            cut[self.graph.inverse(code)].append((tail, head))
        lost: dict[int, set[int]] = {}
        parents, codes = self.tree.parents.tolist(), self.tree.relations.tolist()
        for node in range(1, len(self.tree)):
            above, here = lost.get(parents[node], set()), cut.get(codes[node], ())
            if not above and not here:
                continue
            by_head, support = self._by_head(node)
            fallen = Counter(tail for head in above for tail in by_head.get(head, ()))
            fallen.update(t for h, t in here if h not in above and t in by_head.get(h, ()))
            gone = {tail for tail, count in fallen.items() if count == support[tail]}
            if gone:
                lost[node] = gone
        return lost

    def emptied(self, lost: dict[int, set[int]]) -> bool:
        """Whether a node has nobody left, so that the tree has fewer paths."""
        return any(len(gone) == len(self.tree.frontier(node)) for node, gone in lost.items())

    def _edges_into(self, node: int) -> tuple[Ints, Ints]:
        """Heads and tails of the edges by which a node's frontier is reached."""
        before = self.tree.frontier(int(self.tree.parents[node]))
        positions, tails = self.graph.edges_along(before, int(self.tree.relations[node]))
        there = np.isin(tails, self.tree.frontier(node))  # a hop back does not reach the topic
        return before[positions[there]], tails[there]

    def _tails_by_head(self, node: int) -> tuple[dict[int, set[int]], Counter[int]]:
        """Whom each entity before leads to, and how many lead to each."""
        by_head: dict[int, set[int]] = defaultdict(set)
        heads, tails = (column.tolist() for column in self._edges[node])
        for head, tail in zip(heads, tails, strict=True):
            by_head[head].add(tail)
        return by_head, Counter(tails)

    def _triples(self, chosen: list[np.ndarray]) -> set[Edge]:
        """Some of each node's edges, by a mask each, as their triples say them."""
        found: set[Edge] = set()
        count = self.graph.relation_count
        each = zip(self.tree.relations.tolist(), self._edges, chosen, strict=True)
        for code, (heads, tails), some in each:
            pairs = zip(heads[some].tolist(), tails[some].tolist(), strict=True)
            if code < count:
                found.update((head, code, tail) for head, tail in pairs)
            else:
                found.update((tail, code - count, head) for head, tail in pairs)
        return found
