"""A student as a scorer: how probable it finds the paths of a tree and what is missing, exactly.

What asks a `Scorer` for the paths of question trees (labels, calibration, traces) can ask a student
as it asks a teacher; a student's own answers are read off the same posterior.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from core.student.posterior import SpelledTree, path_posterior, spell_tree, spelled_tree
from core.teacher.absence import NONE
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import Missing, ScoredTree

TOPICS = 100
"""Topics around which the graph is kept in tokens, for further questions about them."""

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
    trie that grows as it is walked for what is searched.

    Args:
        student: The student.
        linker: Of its graph.
        ear: What it listens with; None for what it has learned alone.
    """

    def __init__(self, student: Student, linker: Linker, ear: Ear | None = None) -> None:
        self.student, self.ear = student, ear
        self._linker = linker
        self._tries: dict[int, GraphTrie] = {}
        self._trees: dict[int, SpelledTree | None] = {}

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order; see `core.student.posterior`."""
        for one in trees:
            text = self._linker.read(one.question.text).masked(one.tree.topic, TOPIC_MARK)
            me = self.student
            spelled = spell_tree(me.graph, one.tree, me.speller, me.shape)
            found = self.posterior(text, spelled)
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
        """
        one = self.student
        found = path_posterior(one.model, one.speller.prompt(text), spelled)
        nodes, codes, masses = [], [], []
        for node in np.flatnonzero(spelled.none >= 0).tolist():
            missing, none = float(found.missing[node]), float(found.none[node])
            if missing + float(found.beside[node]) >= NAMED:
                named, chances = self._named(text, spelled.tree, node)
                nodes += [node] * len(named)
                codes += named.tolist()
                masses += (float(found.reached[node]) * chances).tolist()
                missing = 0.0
            nodes.append(node)
            codes.append(NONE)
            masses.append(missing + none)
        below = found.reached[spelled.tree.open].sum()
        if self.ear is not None and not spelled.tree.truncated and not spelled.tree.open.any():
            lacking = Missing(np.array(nodes, int), np.array(codes, int), np.array(masses))
            heard = self.ear.weigh(text, spelled.tree, found.path, lacking)
            return StudentPosterior(*heard)
        lost = float(one.card.get("absence_weight", 1.0)) * np.array(masses)
        whole = max(found.path.sum() + below + lost.sum(), np.finfo(float).tiny)
        lacking = Missing(np.array(nodes, int), np.array(codes, int), lost / whole)
        return StudentPosterior(found.path / whole, lacking, found.reached / whole)

    def _named(self, text: str, tree: PathTree, node: int) -> tuple[Ints, np.ndarray]:
        """The relations that a node lacks, by code, and how probable it is that each is said."""
        one, graph = self.student, self.student.graph
        present = tree.relations[tree.children(node)]
        if tree.truncated:  # what was left out is there
            present = graph.edges(tree.frontier(node), one.shape.directions)[1]
        codes = absent_relations(graph, one.shape.directions, present.tolist())
        names = [graph.relation_id(code) for code in codes.tolist()]
        prefix = [graph.relation_id(code) for code in tree.prefix(node)]
        prompt = one.speller.prompt(text)
        return codes, absent_masses(one.model, prompt, one.speller, prefix, names)

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
