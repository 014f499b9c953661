"""A question that was asked, and what the same model says to it over its graph without some facts.

What a model says follows from what it looks at: which paths there are, where they end, what could
be there and is not, and for a teacher what else stands at the frontiers. Where a fact changes none
of it, nothing is asked again. A student is read once: what it says where paths are gone follows
from what it said (`fewer_paths`), and where only their ends change, the votes are counted anew. A
teacher, who looks at everything that a fact touches, is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Protocol

import numpy as np

from core.answers.fewer_paths import FewerPaths
from core.answers.predictions import (
    StudentPrediction,
    predict_paths,
    student_prediction,
    weighed_paths,
)
from core.answers.student_scorer import StudentScorer
from core.answers.supposing import student_over
from core.errors import NotFound, SettingsError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import ROOT, PathTree, grow_tree
from core.graph.removal import Edge, Reduced, as_triple
from core.graph.schema import sole_witnesses
from core.graph.supports import Supports
from core.student.decoding import DecodedPath
from core.teacher.absence import NONE, Absent, absent_alternatives
from core.teacher.question_trees import QuestionTree, TreeGrower, frontier_kinds, telling
from core.teacher.reasoning import ScoredQuestion
from core.teacher.teachers import Teacher

TOGETHER = 256
"""Facts whose trees a teacher scores at a time."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says.

    Attributes:
        first: What is most probable; None: that the graph does not say.
        chance: Its probability.
        kept: That of what was first with every fact there.
    """

    first: int | None
    chance: float
    kept: float


class Asked(Protocol):
    """A question that a model was asked.

    Attributes:
        graph: The model's.
        supports: What the trees of the question's topics rest on.
        now: What is said with every fact there.
    """

    graph: KnowledgeGraph
    supports: tuple[Supports, ...]
    now: Said

    def elsewhere(self) -> set[Edge]:
        """Facts that lie not along the hops of the trees, or change more than their frontiers."""

    def without(self, each: Sequence[Edge]) -> list[Said]:
        """What is said without each of some facts."""

    def without_all(self, facts: Sequence[Edge]) -> Said:
        """What is said without any of some facts."""


class AskedStudent:
    """A question to a student that weighs all paths.

    Args:
        scorer: The student.
        requests: The question about each of its topics, masked, with the topic.

    Raises:
        SettingsError: If a topic has more paths than are weighed at once.
    """

    def __init__(self, scorer: StudentScorer, requests: Sequence[tuple[str, int]]) -> None:
        self.scorer, self.graph = scorer, scorer.student.graph
        self._requests = requests
        spelled = [scorer.spelled(topic) for _, topic in requests]
        trees = [None if one is None else one.tree for one in spelled]
        self.supports = all_supports(self.graph, trees)
        self._said = said_about(scorer, requests)
        self.now = _said_by(student_prediction(self.graph, self._said))
        self._schema: set[Edge] = set()
        if (ear := scorer.ear) is not None:
            for one in self.supports:
                absent = absent_alternatives(self.graph, one.tree, ear.shape)
                self._schema |= schema_facts(self.graph, one.tree, absent)

    def elsewhere(self) -> set[Edge]:
        """Facts on which it rests what a student with an ear takes for possible."""
        return self._schema

    def without(self, each: Sequence[Edge]) -> list[Said]:
        """What the student says without each of some facts."""
        return [self._without(fact) for fact in each]

    def without_all(self, facts: Sequence[Edge]) -> Said:
        """What the student says without any of some facts: it is asked again."""
        graph = Reduced(self.graph, facts)
        student, ear = student_over(self.scorer.student, self.scorer.ear, graph)
        said = said_about(StudentScorer(student, self.scorer.linker, ear), self._requests)
        return _said_by(student_prediction(graph, said), self.now)

    def _without(self, fact: Edge) -> Said:
        graph, now = Reduced(self.graph, [fact]), self.now
        lost = [one.lost([fact]) for one in self.supports]
        pairs = zip(self.supports, lost, strict=True)
        if fact in self._schema or any(one.emptied(gone) for one, gone in pairs):
            said = self._with_fewer_paths(graph, lost)
        elif len(lost) == 1 and not any(now.first in gone for gone in lost[0].values()):
            return now  # every path weighs what it did, and only others are reached by fewer
        else:
            said = self._said
        return _said_by(student_prediction(graph, said), now)

    @cached_property
    def _read(self) -> Sequence[FewerPaths | None]:
        """The question read about each topic, None where only asking again tells.

        That is so of a student that cannot say that something is missing, and of relations that it
        spells alike.
        """
        speller = self.scorer.student.speller
        names = [self.graph.relation_id(code) for code in range(2 * self.graph.relation_count)]
        apart = len({tuple(speller.relation(name)) for name in names}) == len(names)
        if speller.absent is None or not apart:
            return [None] * len(self._requests)
        return [
            FewerPaths(self.scorer, text, one.tree)
            for (text, _), one in zip(self._requests, self.supports, strict=True)
        ]

    def _with_fewer_paths(
        self, graph: KnowledgeGraph, lost: Sequence[dict[int, set[int]]]
    ) -> list[tuple[int, list[DecodedPath]]]:
        """What is said about each topic over a graph in which some paths are gone."""
        student, ear = student_over(self.scorer.student, self.scorer.ear, graph)
        other = StudentScorer(student, self.scorer.linker, ear)
        said = []
        for request, read, before, gone in zip(
            self._requests, self._read, self.supports, lost, strict=True
        ):
            text, topic = request
            tree = grow_tree(graph, topic, student.shape)
            if read is None or len(tree) == 1:
                said += said_about(other, [request])
                continue
            sizes = np.diff(before.tree.starts)
            empty = np.array([len(gone.get(node, ())) == sizes[node] for node in range(len(sizes))])
            posterior = other.weighed(text, tree, read.without(empty))
            said.append((topic, weighed_paths(graph, tree, posterior)))
        return said


def said_about(
    scorer: StudentScorer, requests: Sequence[tuple[str, int]]
) -> list[tuple[int, list[DecodedPath]]]:
    """What a student says about each topic that anything leads on from."""
    said = []
    for text, topic in requests:
        paths: list[DecodedPath] = []
        if scorer.leads_on(topic):
            (paths,) = predict_paths(scorer, [(text, topic)], "constrained", 1, "exact")
        said.append((topic, [path for path in paths if path.relations]))
    return said


class AskedTeacher:
    """A question to a teacher.

    Args:
        teacher: The teacher.
        grower: Grows the trees that it scores.
        question: What it said.
        grow: The trees of the question by another grower.

    Raises:
        SettingsError: If a topic has more paths than are weighed at once.
    """

    def __init__(
        self,
        teacher: Teacher,
        grower: TreeGrower,
        question: ScoredQuestion,
        grow: Callable[[TreeGrower], Sequence[QuestionTree]],
    ) -> None:
        self.teacher, self.grower, self.graph = teacher, grower, teacher.graph
        self._trees, self._grow = question.trees, grow
        self.supports = all_supports(self.graph, [one.tree for one in question.trees])
        self.now = _said_by_teacher(question)
        self._schema: set[Edge] = set()
        for one in question.trees:
            self._schema |= schema_facts(self.graph, one.tree, one.absent)

    def elsewhere(self) -> set[Edge]:
        """Facts that tell what stands at the frontiers, and what a teacher takes for possible."""
        found = set(self._schema)
        members = np.unique(np.concatenate([telling(one.tree) for one in self._trees]))
        positions, codes, counts = self.graph.relations_of(members)
        alone = counts == 1
        for member, code in zip(members[positions[alone]].tolist(), codes[alone].tolist(),
                                strict=True):  # fmt: skip
            (tail,) = self.graph.edges_along(np.array([member]), code)[1].tolist()
            found.add(as_triple(self.graph, (member, code, tail)))
        return found

    def without(self, each: Sequence[Edge]) -> list[Said]:
        """What the teacher says without each of some facts."""
        made: list[Said] = []
        for begin in range(0, len(each), TOGETHER):
            chosen = each[begin : begin + TOGETHER]
            made += self._said([self._trees_without(fact) for fact in chosen])
        return made

    def without_all(self, facts: Sequence[Edge]) -> Said:
        """What the teacher says without any of some facts."""
        (said,) = self._said([self._grown_in(Reduced(self.graph, facts))])
        return said

    def _said(self, asked: Sequence[Sequence[QuestionTree]]) -> list[Said]:
        """What is said to the question on other trees, none of which means without an answer."""
        scored = self.teacher.scorer.score([tree for trees in asked for tree in trees])
        made = []
        for trees in asked:
            mine = ScoredQuestion(tuple(trees), tuple(islice(scored, len(trees))))
            made.append(_said_by_teacher(mine, self.now) if trees else Said(None, 0.0, 0.0))
        return made

    def _trees_without(self, fact: Edge) -> Sequence[QuestionTree]:
        graph = Reduced(self.graph, [fact])
        if fact in self._schema or any(one.lost([fact]) for one in self.supports):
            return self._grown_in(graph)
        return [replace(one, kinds=frontier_kinds(graph, one.tree)) for one in self._trees]

    def _grown_in(self, graph: KnowledgeGraph) -> Sequence[QuestionTree]:
        """The question's trees; none where nothing leads on from a topic."""
        try:
            return self._grow(replace(self.grower, graph=graph))
        except NotFound:
            return ()


def all_supports(graph: KnowledgeGraph, trees: Sequence[PathTree | None]) -> tuple[Supports, ...]:
    """What some trees rest on; None stands for one that is too large to be grown whole.

    Raises:
        SettingsError: If one is cut.
    """
    whole = [tree for tree in trees if tree is not None and not tree.cut]
    if len(whole) < len(trees):
        raise SettingsError(
            "This answer cannot be certified: there are more paths around what it is about than "
            "are weighed at once. Ask without a certificate."
        )
    return tuple(Supports(graph, tree) for tree in whole)


def schema_facts(graph: KnowledgeGraph, tree: PathTree, absent: Absent) -> set[Edge]:
    """Facts on each of which alone it may rest that something could be at a tree's nodes."""
    named = (absent.nodes != ROOT) & (absent.codes != NONE)
    pairs = np.stack([tree.relations[absent.nodes[named]], absent.codes[named]])
    first, second = np.unique(pairs, axis=1)
    return sole_witnesses(graph, first, second)


def _said_by(predicted: StudentPrediction, before: Said | None = None) -> Said:
    return _most_probable(predicted.answers, predicted.missing, before)


def _said_by_teacher(question: ScoredQuestion, before: Said | None = None) -> Said:
    entities, chances = question.answers()
    pairs = zip(entities.tolist(), chances.tolist(), strict=True)
    return _most_probable(tuple(pairs), question.missing, before)


def _most_probable(
    answers: Sequence[tuple[int, float]], missing: float, before: Said | None
) -> Said:
    """What is most probable of some answers, best first, and that the graph does not say."""
    first, chance = answers[0] if answers and answers[0][1] >= missing else (None, missing)
    if before is None:
        return Said(first, chance, chance)
    kept = missing if before.first is None else dict(answers).get(before.first, 0.0)
    return Said(first, chance, kept)
