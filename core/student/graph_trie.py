"""What a student may say about a topic: the graph around it as a trie of tokens, grown on demand.

A decoder asks what may follow a trie node; where that is a place in the relation tree it has not
been to, the relations that leave the frontier there are looked up and spelled. Only prefixes that
the student really considers are grown, so a topic with ten thousand paths costs what a few cost.

    0 --born--_in--<hop>-- 3 --<stop>            3 stands after `born_in`: what leads on from there
                             |-city--_of--<hop>  is looked up when somebody arrives
                             |-<none>--<hop>--<stop>
                             `-<missing>--       and the relations that do not lead on from there

A student that knows `<missing>` and `<none>` may say them wherever the tree may grow on.
"""

from __future__ import annotations

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import ROOT, Growth, TreeShape
from core.records import MISSING, RelationPath
from core.student.absence import absent_relations
from core.student.prompts import Speller

Place = tuple[int, str | None]
"""A tree node, and what is looked for there and not there; None where the node itself is meant."""

Spelling = tuple[tuple[int, ...], int, Place]
"""A relation that may be meant: its tokens with `<hop>`, how many are said, where that leads."""


class GraphTrie:
    """A trie over token ids that grows as it is walked; node 0 is the root."""

    def __init__(
        self, graph: KnowledgeGraph, topic: int, shape: TreeShape, speller: Speller
    ) -> None:
        self.graph, self.shape, self.speller = graph, shape, speller
        self._growth = Growth(graph, topic, shape)
        self._children: list[dict[int, int] | None] = [None]
        # Of a trie node: where it stands between two hops; what may be meant, in the midst of one;
        # what is missing, behind `<missing>`; where a path ends, behind `<stop>`.
        self._places: dict[int, Place] = {0: (ROOT, None)}
        self._meant: dict[int, list[Spelling]] = {}
        self._missing: dict[int, int] = {}
        self._ends: dict[int, Place] = {}

    def following(self, node: int) -> dict[int, int]:
        """Tokens that may be said at a trie node, each with the node it leads to; empty at ends."""
        children = self._children[node]
        if children is None:
            children = self._children[node] = self._grown(node)
        return children

    def path(self, end: int) -> RelationPath:
        """The relations of the path that ends at a trie node, its `<stop>`."""
        place, lacking = self._ends[end]
        names = [] if lacking is None else [MISSING + lacking]
        while place != ROOT:
            names.append(self.graph.relation_id(self._growth.relations[place]))
            place = self._growth.parents[place]
        return tuple(reversed(names))

    def _grown(self, node: int) -> dict[int, int]:
        if node in self._ends:
            return {}
        if node in self._missing:
            return self._after_one_token(self._absent(self._missing[node]))
        if node in self._meant:
            return self._after_one_token(self._meant[node])
        place, lacking = self._places[node]
        children = {}
        if lacking is None:
            children = self._after_one_token(self._leading_on(place))
            if children or (place != ROOT and self._growth.grows(place)):
                children |= self._offering_absence(place)
        if (place, lacking) != (ROOT, None):
            children[self.speller.stop] = self._new()
            self._ends[children[self.speller.stop]] = place, lacking
        return children

    def _leading_on(self, place: int) -> list[Spelling]:
        """The relations that lead on from a place in the tree, nothing of them said."""
        codes = [(self._growth.relations[child], child) for child in self._growth.children(place)]
        return [self._unsaid(self.graph.relation_id(code), (child, None)) for code, child in codes]

    def _offering_absence(self, place: int) -> dict[int, int]:
        """`<missing>`, if anything is, and `<none>`; nothing for a student that knows neither."""
        if self.speller.absent is None:
            return {}
        missing, none = self.speller.absent
        children = self._after_one_token([((none, self.speller.hop), 0, (place, ""))])
        if len(self._absent_codes(place)):
            children[missing] = self._new()
            self._missing[children[missing]] = place
        return children

    def _absent(self, place: int) -> list[Spelling]:
        """The relations that do not lead on from a place in the tree, nothing of them said."""
        names = [self.graph.relation_id(code) for code in self._absent_codes(place).tolist()]
        return [self._unsaid(name, (place, name)) for name in names]

    def _absent_codes(self, place: int) -> Ints:
        present = [self._growth.relations[child] for child in self._growth.children(place)]
        return absent_relations(self.graph, self.shape.directions, present)

    def _unsaid(self, name: str, place: Place) -> Spelling:
        return (*self.speller.relation(name), self.speller.hop), 0, place

    def _after_one_token(self, meant: list[Spelling]) -> dict[int, int]:
        """The next tokens of some relations, each with a new node where those that go on so are."""
        by_token: dict[int, list[Spelling]] = {}
        for tokens, said, place in meant:
            by_token.setdefault(tokens[said], []).append((tokens, said + 1, place))
        return {token: self._inside(spellings) for token, spellings in by_token.items()}

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
