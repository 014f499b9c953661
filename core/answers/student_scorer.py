"""A student as a scorer: how probable it finds the paths of a tree, exactly, confined to the graph.

What asks a `Scorer` for the paths of question trees (labels, calibration, traces) can ask a student
as it asks a teacher; a student's own answers are read off the same posterior.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.graph.knowledge_graph import Ints
from core.graph.linking import Linker
from core.graph.path_tree import PathTree
from core.labels.masses import node_masses
from core.records import TOPIC_MARK
from core.student.absence import absent_posterior, absent_relations
from core.student.graph_trie import GraphTrie
from core.student.language_model import Student
from core.student.posterior import (
    PathPosterior,
    SpelledTree,
    path_posterior,
    spell_tree,
    spelled_tree,
)
from core.student.scoring import score_tree
from core.teacher.absence import NONE
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import Missing, ScoredTree

TOPICS = 100
"""Topics around which the graph is kept in tokens, for further questions about them."""

NAMED = 0.1
"""From this probability of `<missing>` on it is asked which relation is meant: another pass."""


class StudentScorer:
    """Gives the paths of question trees a student's probabilities.

    What it may say about a topic is kept for further questions: the whole tree in tokens, and a
    trie that grows as it is walked for what is searched.
    """

    def __init__(self, student: Student, linker: Linker) -> None:
        self.student = student
        self._linker = linker
        self._tries: dict[int, GraphTrie] = {}
        self._trees: dict[int, SpelledTree | None] = {}

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order; every choice among what follows a node is renormalised."""
        for one in trees:
            text = self._linker.read(one.question.text).masked(one.tree.topic, TOPIC_MARK)
            me = self.student
            spelled = spell_tree(me.graph, one.tree, me.speller, me.shape)
            found = self.posterior(text, spelled)
            below = np.where(one.tree.open, self._masses(text, spelled), 0.0)
            own = found.path + found.missing + found.none + below
            mass = node_masses(one.tree.parents, own)
            attention = np.zeros((len(one.tree), len(one.words)))  # it shows none
            missing = self.missing(text, spelled, found)
            yield ScoredTree(one.tree, found.path, mass, one.match, attention, missing)

    def posterior(self, text: str, spelled: SpelledTree) -> PathPosterior:
        """P(path | masked text) and P(it is not in the graph), at each node of a tree."""
        return path_posterior(self.student.model, self.student.speller.prompt(text), spelled)

    def missing(self, text: str, spelled: SpelledTree, posterior: PathPosterior) -> Missing:
        """What the student looks for and the graph lacks.

        What it means by `<missing>` is asked where that is at least as probable as `NAMED`.
        Elsewhere it counts with what is none of the graph's relations, so that with the paths all
        sums to one.
        """
        nodes, codes, probability = [], [], []
        for node in np.flatnonzero(posterior.missing + posterior.none > 0).tolist():
            missing, none = float(posterior.missing[node]), float(posterior.none[node])
            if missing >= NAMED:
                named, chances = self._named(text, spelled.tree, node)
                nodes += [node] * len(named)
                codes += named.tolist()
                probability += (missing * chances).tolist()
            else:
                none += missing
            nodes.append(node)
            codes.append(NONE)
            probability.append(none)
        return Missing(np.array(nodes, int), np.array(codes, int), np.array(probability, float))

    def _named(self, text: str, tree: PathTree, node: int) -> tuple[Ints, np.ndarray]:
        """The relations that a node lacks, by code, and how probable it is that each is meant."""
        one, graph = self.student, self.student.graph
        present = tree.relations[tree.children(node)]
        if tree.truncated:  # what was left out is there
            present = graph.edges(tree.frontier(node), one.shape.directions)[1]
        codes = absent_relations(graph, one.shape.directions, present.tolist())
        names = [graph.relation_id(code) for code in codes.tolist()]
        prefix = [graph.relation_id(code) for code in tree.prefix(node)]
        prompt = one.speller.prompt(text)
        return codes, absent_posterior(one.model, prompt, one.speller, prefix, names)

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
        for kept in (self._tries, self._trees):
            while len(kept) > TOPICS:
                del kept[next(iter(kept))]

    def _masses(self, text: str, spelled: SpelledTree) -> np.ndarray:
        """`(nodes,)` of all paths through each node; asked for only where a tree is cut."""
        if not spelled.tree.open.any():
            return np.zeros(len(spelled.tree))
        prompt = self.student.speller.prompt(text)
        masses = np.exp(score_tree(self.student.model, prompt, spelled.trie, confined=True))
        return np.asarray(masses[spelled.trie.at])
