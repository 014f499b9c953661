"""A student as a scorer: how probable it finds the paths of a tree and what is missing, exactly.

What asks a `Scorer` for the paths of question trees (labels, calibration, traces) can ask a student
as it asks a teacher; a student's own answers are read off the same posterior.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.answers.ear import Ear
from core.graph.knowledge_graph import Ints
from core.graph.linking import Linker
from core.graph.path_tree import PathTree
from core.labels.masses import node_masses
from core.records import TOPIC_MARK
from core.student.absence import absent_masses, absent_relations
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.posterior import (
    PathPosterior,
    SpelledTree,
    path_posterior,
    spell_tree,
    spelled_tree,
)
from core.teacher.absence import NONE
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import Missing, ScoredTree

TOPICS = 100
"""Topics around which the graph is kept in tokens, for further questions about them."""

SAYINGS = 1000
"""Questions of which it is kept what the student said."""

NAMED = 0.05
"""From this mass on it is asked which relations are said that a place lacks: another pass."""


@dataclass(frozen=True, eq=False)
class StudentPosterior:
    """What a student means; the paths, what is missing and what is below open nodes sum to one.

    Attributes:
        path: `(tree nodes,)` float64, of the path that ends at each node; 0 at the root.
        missing: What the graph lacks.
        reached: `(tree nodes,)` of all that begins with each node's prefix.
    """

    path: np.ndarray
    missing: Missing
    reached: np.ndarray


class StudentScorer:
    """Gives the paths of question trees a student's probabilities.

    What it may say about a topic is kept for further questions: the whole tree in tokens, and a
    trie that grows as it is walked for what is searched. So is what it said.

    Args:
        student: The student; its weights must stay as they are.
        linker: Of its graph.
        ear: What it listens with; None for what it has learned alone.
    """

    def __init__(self, student: Student, linker: Linker, ear: Ear | None = None) -> None:
        self.student, self.linker, self.ear = student, linker, ear
        self.absence_weight = float(student.card.get("absence_weight", 1.0))
        self._tries: dict[int, GraphTrie] = {}
        self._trees: dict[int, SpelledTree | None] = {}
        self._said: dict[tuple[str, int], StudentPosterior] = {}

    def weighing(self, ear: Ear | None, absence_weight: float) -> StudentScorer:
        """The same, what it says weighed otherwise; what it has said is not asked again."""
        other = copy(self)
        other.ear, other.absence_weight = ear, absence_weight
        return other

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order; see `core.student.posterior`."""
        for one in trees:
            text = self.linker.read(one.question.text).masked(one.tree.topic, TOPIC_MARK)
            me = self.student
            spelled = spell_tree(me.graph, one.tree, me.speller, me.shape)
            found = self.weighed(text, one.tree, self._by_itself(text, spelled))
            below = np.where(one.tree.open, found.reached, 0.0)
            lost = np.bincount(found.missing.nodes, found.missing.probability, len(one.tree))
            mass = node_masses(one.tree.parents, found.path + lost + below)
            attention = np.zeros((len(one.tree), len(one.words)))  # it shows none
            yield ScoredTree(one.tree, found.path, mass, one.match, attention, found.missing)

    def posterior(self, text: str, spelled: SpelledTree) -> StudentPosterior:
        """What a student means by a masked text, among all that can be meant about its topic.

        That are the paths that exist, the relations that a place lacks (said as missing, or just
        so, as of a topic that has them), and none of these. What is neither is no relation at all
        and counts for nothing, nor does what is said to be missing and is there. Without an ear,
        what is missing is weighed as the student's card says (`core.evaluation.absence`).

        Args:
            text: The question with `TOPIC_MARK` for the mention of its topic.
            spelled: One of `spelled`.
        """
        asked = text, spelled.tree.topic
        if asked not in self._said:
            self._said[asked] = self._by_itself(text, spelled)
        return self.weighed(text, spelled.tree, self._said[asked])

    def _by_itself(self, text: str, spelled: SpelledTree) -> StudentPosterior:
        """What a student says, what is missing not yet weighed: they sum to one at most."""
        one = self.student
        found = path_posterior(one.model, one.speller.prompt(text), spelled)
        places = np.flatnonzero(spelled.none >= 0)
        return told(found, places, lambda unclear: self._named(text, spelled.tree, unclear))

    def weighed(self, text: str, tree: PathTree, said: StudentPosterior) -> StudentPosterior:
        """What a student says by itself, beside what is heard, or what is missing weighed."""
        if self.ear is not None and not tree.truncated and not tree.open.any():
            return StudentPosterior(*self.ear.weigh(text, tree, said.path, said.missing))
        below = said.reached[tree.open].sum()
        lost = self.absence_weight * said.missing.probability
        whole = max(said.path.sum() + below + lost.sum(), np.finfo(float).tiny)
        lacking = replace(said.missing, probability=lost / whole)
        return StudentPosterior(said.path / whole, lacking, said.reached / whole)

    def _named(
        self, text: str, tree: PathTree, nodes: Sequence[int]
    ) -> list[tuple[Ints, np.ndarray]]:
        """The relations that nodes lack, by code, and how probable it is that each is said."""
        if not nodes:
            return []
        one, graph = self.student, self.student.graph
        lacking, places = [], []
        for node in nodes:
            present = tree.relations[tree.children(node)]
            if tree.truncated:  # what was left out is there
                present = graph.edges(tree.frontier(node), one.shape.directions)[1]
            codes = absent_relations(graph, one.shape.directions, present.tolist())
            lacking.append(codes)
            prefix = tuple(graph.relation_id(code) for code in tree.prefix(node))
            places.append((prefix, [graph.relation_id(code) for code in codes.tolist()]))
        prompt = one.speller.prompt(text)
        masses = absent_masses(one.model, prompt, one.speller, places)
        return list(zip(lacking, masses, strict=True))

    def spelled(self, topic: int) -> SpelledTree | None:
        """All paths around a topic in tokens; None where they are too many."""
        if topic not in self._trees:
            one = self.student
            self._trees[topic] = spelled_tree(one.graph, topic, one.shape, one.speller)
        return self._trees[topic]

    def trie(self, topic: int) -> GraphTrie:
        """The paths around a topic as a trie that grows as it is walked."""
        if topic not in self._tries:
            one = self.student
            self._tries[topic] = GraphTrie(one.graph, topic, one.shape, one.speller)
        return self._tries[topic]

    def leads_on(self, topic: int) -> bool:
        """Whether any relation leaves a topic."""
        return bool(self.trie(topic).following(0))

    def make_room(self) -> None:
        """Forget those that came first where there are too many."""
        _forget(self._tries, TOPICS)
        _forget(self._trees, TOPICS)
        _forget(self._said, SAYINGS)


def told(
    found: PathPosterior,
    places: Ints,
    named: Callable[[Sequence[int]], Sequence[tuple[Ints, np.ndarray]]],
) -> StudentPosterior:
    """What is found probable on a tree, and what is missing by name where that may be meant.

    Args:
        found: What the student finds probable.
        places: Nodes where something may be missing.
        named: Of some of them the relations that each lacks, by code, and how probable it is that
            each is said there.
    """
    unclear = [at for at in places.tolist() if found.missing[at] + found.beside[at] >= NAMED]
    nodes, codes, masses = places, np.full(len(places), NONE), found.none[places].copy()
    masses += np.where(np.isin(places, unclear), 0.0, found.missing[places])
    for node, (lacking, chances) in zip(unclear, named(unclear), strict=True):
        nodes = np.append(nodes, np.full(len(lacking), node))
        codes = np.append(codes, lacking)
        masses = np.append(masses, float(found.reached[node]) * chances)
    return StudentPosterior(found.path, Missing(nodes, codes, masses), found.reached)


def _forget(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]
