"""What a student may say about a topic: the graph around it as a trie of tokens, grown on demand.

A decoder asks what may follow a trie node; where that is a place in the relation tree it has not
been to, the relations that leave the frontier there are looked up and spelled. Only prefixes that
the student really considers are grown, so a topic with ten thousand paths costs what a few cost.

    0 --born--_in--<hop>-- 3 --<stop>            3 stands after `born_in`: what leads on from there
                             `-city--_of--<hop>  is looked up when somebody arrives
"""

from __future__ import annotations

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import ROOT, Growth, TreeShape
from core.records import RelationPath
from core.student.prompts import Speller

Spelling = tuple[tuple[int, ...], int, int]
"""A relation that may be meant: its tokens with `<hop>`, how many are said, the tree node there."""


class GraphTrie:
    """A trie over token ids that grows as it is walked; node 0 is the root."""

    def __init__(
        self, graph: KnowledgeGraph, topic: int, shape: TreeShape, speller: Speller
    ) -> None:
        self.graph, self.speller = graph, speller
        self._growth = Growth(graph, topic, shape)
        self._children: list[dict[int, int] | None] = [None]
        self._places = {0: ROOT}  # trie node -> tree node, where a path stands between two hops
        self._meant: dict[int, list[Spelling]] = {}  # trie node -> relations, in the midst of one
        self._ends: dict[int, int] = {}  # trie node of a `<stop>` -> tree node

    def following(self, node: int) -> dict[int, int]:
        """Tokens that may be said at a trie node, each with the node it leads to; empty at ends."""
        children = self._children[node]
        if children is None:
            children = self._children[node] = self._grown(node)
        return children

    def path(self, end: int) -> RelationPath:
        """The relations of the path that ends at a trie node, its `<stop>`."""
        names: list[str] = []
        place = self._ends[end]
        while place != ROOT:
            names.append(self.graph.relation_id(self._growth.relations[place]))
            place = self._growth.parents[place]
        return tuple(reversed(names))

    def _grown(self, node: int) -> dict[int, int]:
        if node in self._ends:
            return {}
        meant = self._meant.get(node) or self._leading_on(self._places[node])
        by_token: dict[int, list[Spelling]] = {}
        for tokens, said, place in meant:
            by_token.setdefault(tokens[said], []).append((tokens, said + 1, place))
        children = {token: self._inside(spellings) for token, spellings in by_token.items()}
        if self._places.get(node, ROOT) != ROOT:
            children[self.speller.stop] = self._new()
            self._ends[children[self.speller.stop]] = self._places[node]
        return children

    def _leading_on(self, place: int) -> list[Spelling]:
        """The relations that lead on from a place in the tree, nothing of them said."""
        codes = [(self._growth.relations[child], child) for child in self._growth.children(place)]
        named = [(self.graph.relation_id(code), child) for code, child in codes]
        return [((*self.speller.relation(name), self.speller.hop), 0, at) for name, at in named]

    def _inside(self, spellings: list[Spelling]) -> int:
        """A new trie node where one of some relations is meant, or one of them is said."""
        node = self._new()
        tokens, said, place = spellings[0]
        if said == len(tokens):
            # A tokenizer that normalises text may spell two relations alike: the first is meant.
            self._places[node] = place
        else:
            self._meant[node] = spellings
        return node

    def _new(self) -> int:
        self._children.append(None)
        return len(self._children) - 1
