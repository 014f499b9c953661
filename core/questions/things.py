"""What there is to ask about a graph: topics, and paths that lead from them to a few answers.

Every path that makes sense is asked about before one is asked about another topic.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import ROOT, PathTree, TreeShape, follow_path, grow_tree, relation_codes
from core.questions.phrasing import PhraseBook
from core.questions.topic_names import AMBIGUOUS, TopicNames
from core.records import RelationPath, inverse

MOST_ANSWERS = 10
"""A question with more answers than this is a list, not a question."""

_SHARES = (0.3, 0.4, 0.3, 0.2)  # of paths with 1, 2, 3, 4 hops, before they are made to sum to one


@dataclass(frozen=True)
class Thing:
    """One thing to ask: a topic, a path from it, and the entities in each frontier of the path."""

    topic: int
    path: RelationPath
    sizes: tuple[int, ...]


class Things:
    """Finds things to ask about a graph.

    Args:
        graph: What is asked about.
        book: Phrases; its examples come first.
        names: Of the topics; few of those that are asked about share theirs.
        languages: That are asked in.
        hops: Of the longest path.

    Attributes:
        topics: Entities around which things were looked for; none before `chosen`.
        answered: Topics by path that the graph answers from there; the same.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        book: PhraseBook,
        names: TopicNames,
        languages: Sequence[str],
        hops: int,
    ) -> None:
        self._graph, self._book, self._names = graph, book, names
        self._languages = languages
        self._shape = TreeShape(hops, "both", widest=MOST_ANSWERS)
        self.topics: Ints = np.zeros(0, np.int32)
        self.answered: Mapping[RelationPath, Sequence[int]] = {}

    def chosen(self, wanted: int, rng: random.Random) -> list[Thing]:
        """Distinct things in the order to ask them; the first `wanted` are a good selection.

        They are the examples, then paths of every length in fair shares, then all the rest. Where
        there are things to ask for every path, none is left out.
        """
        examples = self.examples()
        pools = self._pools(wanted, rng)
        covers = sum(map(len, pools.values())) <= wanted - len(examples)
        left = wanted - len(examples) - covers * sum(map(len, pools.values()))
        total = sum(_SHARES[: self._shape.hops])
        things, spare = examples, []
        for hop, pool in sorted(pools.items()):
            share = round(left * _SHARES[hop - 1] / total) + covers * len(pool)
            dealt = self._dealt(pool, rng)
            things += dealt[:share]
            spare += dealt[share:]
        rng.shuffle(spare)
        return self._few_ambiguous(self._distinct(things + spare), wanted)

    def share(self, things: Sequence[Thing], nth: int) -> list[Thing]:
        """What one of the languages asks about: the examples, its part of the others, the rest."""
        examples = {self.key(thing) for thing in self.examples()}
        first = [thing for thing in things if self.key(thing) in examples]
        others = [thing for thing in things if self.key(thing) not in examples]
        mine = others[nth :: len(self._languages)]
        chosen = {id(thing) for thing in mine}
        return [*first, *mine, *(thing for thing in others if id(thing) not in chosen)]

    def examples(self) -> list[Thing]:
        """Those of the table of phrases."""
        found = []
        for name, path in self._book.examples:
            if thing := self.thing(self._graph.entity(name), path):
                found.append(thing)
        return found

    def thing(self, topic: int, path: RelationPath) -> Thing | None:
        """A path asked about a topic; None where it does not lead anywhere from there."""
        codes = relation_codes(self._graph, path)
        walk = follow_path(self._graph, topic, codes) if codes else []
        return Thing(topic, path, tuple(map(len, walk))) if len(walk) == len(path) + 1 else None

    def _pools(self, wanted: int, rng: random.Random) -> dict[int, dict[RelationPath, list[Thing]]]:
        """Sensible things by hops and path, from as many topics as are needed."""
        topics = np.flatnonzero(np.diff(self._graph.starts)).tolist()
        rng.shuffle(topics)
        self.topics = np.array(topics[: max(1000, 4 * wanted)], np.int32)
        pools: dict[int, dict[RelationPath, list[Thing]]] = defaultdict(lambda: defaultdict(list))
        for topic in self.topics.tolist():
            tree = grow_tree(self._graph, topic, self._shape)
            for thing in self._sensible(tree):
                pools[len(thing.path)][thing.path].append(thing)
        self.answered = {
            path: [thing.topic for thing in things]
            for pool in pools.values()
            for path, things in pool.items()
        }
        return pools

    def _sensible(self, tree: PathTree) -> Iterator[Thing]:
        """Every path of a tree that a person might ask about."""
        sizes = np.diff(tree.starts)
        walks: dict[int, Thing] = {ROOT: Thing(tree.topic, (), (1,))}
        for node in range(1, len(tree)):
            before = walks.get(int(tree.parents[node]))
            if before is None or sizes[node] > MOST_ANSWERS:
                continue
            path = (*before.path, self._graph.relation_id(tree.relations[node]))
            if self._makes_sense(path) and self._is_common(tree, node) and not _returns(tree, node):
                thing = Thing(tree.topic, path, (*before.sizes, int(sizes[node])))
                walks[node] = thing
                yield thing

    def _makes_sense(self, path: RelationPath) -> bool:
        """Whether the last hop does not undo the one before or walk a symmetric relation back."""
        last = path[-1]
        if last.removeprefix("~") in self._symmetric:
            return not last.startswith("~") and path[-2:-1] != (last,)
        if path[-2:-1] != (inverse(last),):
            return True
        # "Other films by the director of ..." needs words of its own, and starts at the topic.
        return len(path) == 2 and all(self._book.knows(x, path) for x in self._languages)

    def _is_common(self, tree: PathTree, node: int) -> bool:
        """Whether at least half of the frontier before a hop can take it.

        Nobody asks what language the winners of an award are in because one of them is a film.
        """
        before = tree.frontier(int(tree.parents[node]))
        if len(before) == 1:
            return True
        sources, codes, _ = self._graph.edges(before)
        return 2 * len(np.unique(sources[codes == tree.relations[node]])) >= len(before)

    @cached_property
    def _symmetric(self) -> frozenset[str]:
        """Relations that always hold both ways, such as spouse."""
        graph = self._graph
        relations = graph.relations.astype(np.int64) * graph.entity_count
        forth = (relations + graph.heads) * graph.entity_count + graph.tails
        back = (relations + graph.tails) * graph.entity_count + graph.heads
        both = np.bincount(graph.relations, np.isin(back, forth), graph.relation_count)
        counts = np.bincount(graph.relations, minlength=graph.relation_count)
        symmetric = np.flatnonzero((both == counts) & (counts > 0))
        return frozenset(graph.relation_id(int(code)) for code in symmetric)

    def _dealt(self, pool: dict[RelationPath, list[Thing]], rng: random.Random) -> list[Thing]:
        """The pool's things in the order to ask them: each path once, then each once more.

        Paths with words of their own come before the others; among the rest, a path with more
        topics is more likely to come early.
        """
        order = {}
        for path, things in sorted(pool.items()):
            own = len(path) > 1 and all(self._book.knows(x, path) for x in self._languages)
            order[path] = (not own, -(rng.random() ** (1 / len(things))))
            rng.shuffle(things)
        ranked = sorted(pool, key=order.__getitem__)
        rounds = zip_longest(*(pool[path] for path in ranked))
        return [thing for one in rounds for thing in one if thing is not None]

    def key(self, thing: Thing) -> str:
        """The group that it is in: equal ways to one answer are one thing."""
        path = self._book.equals.get(thing.path, (thing.path,))[0]
        return " ".join((self._graph.entity_id(thing.topic), *path))

    def _distinct(self, things: Sequence[Thing]) -> list[Thing]:
        """The first thing of each group."""
        first: dict[str, Thing] = {}
        for thing in things:
            first.setdefault(self.key(thing), thing)
        return list(first.values())

    def _few_ambiguous(self, things: Sequence[Thing], wanted: int) -> list[Thing]:
        left, kept = int(AMBIGUOUS * wanted), []
        for thing in things:
            if self._names.is_ambiguous(thing.topic):
                if not left:
                    continue
                left -= 1
            kept.append(thing)
        return kept


def _returns(tree: PathTree, node: int) -> bool:
    """Whether a node's frontier holds the topic, or is a frontier that the path was at before."""
    frontier = tree.frontier(node)
    if tree.topic in frontier:
        return True
    above = int(tree.parents[node])
    while above != ROOT:
        if np.array_equal(tree.frontier(above), frontier):
            return True
        above = int(tree.parents[above])
    return False
