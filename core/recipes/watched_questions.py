"""A few questions that are watched while a teacher or a student learns; see `core.frames`.

Of each language the first question that is learned from, and one dev question at random:
what is practised, and what is not. They are few because each costs what a dev question costs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from core.answers.naming import Naming
from core.frames import Frame, FramePlace, Place, likeliest, write_frame
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import walk_path
from core.labels.path_labels import PathLabel, label_key
from core.questions.question_sets import QuestionSet
from core.recipes.compare_labels import Side, student_side
from core.recipes.training_examples import masked_texts
from core.records import Question
from core.student.language_model import Student
from core.teacher.labelling import labels_of
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.question_trees import QuestionCounts, TreeGrower
from core.teacher.reasoning import ScoredQuestion

LANGUAGES = 2
"""So many languages of a set are watched, those that come first."""

KEPT = 32
"""Best paths of a teacher that a frame is cut from."""

EVERY = 100
"""Frames of a question until only every second is kept, then every fourth, and so on."""


def watched_questions(questions: QuestionSet, seed: int) -> list[Question]:
    """The questions that are watched: of one topic each, for a frame is one tree."""
    alone = [one for one in questions.questions if len(one.topics) == 1]
    practised: dict[str, Question] = {}
    for one in alone:
        if one.split == "train":
            practised.setdefault(one.language, one)
    held_out = [one for one in alone if one.split == "dev"]
    drawn = [random.Random(seed).choice(held_out)] if held_out else []
    return [*list(practised.values())[:LANGUAGES], *drawn]


@dataclass(eq=False)
class Watched:
    """One question that is watched in one training.

    Attributes:
        folder: Where its frames go.
        training: Who learns.
        question: The question.
        graph: What it is about.
        label: The masses that are to be learned; empty where there is no such thing.
    """

    folder: Path
    training: Literal["teacher", "student"]
    question: Question
    graph: KnowledgeGraph
    label: Mapping[Place, float] = field(default_factory=dict)
    _numbers: dict[Place, int] = field(default_factory=dict, init=False)
    _looks: int = field(default=0, init=False)
    _written: int = field(default=0, init=False)

    def take(self, step: int, masses: Mapping[Place, float]) -> None:
        """Keep what is made of the question now, unless there are many frames already."""
        self._looks += 1
        if (self._looks - 1) % (1 << self._written // EVERY):
            return
        self._written += 1
        shown = likeliest(masses)
        new = [place for place in {**shown, **likeliest(self.label)} if place not in self._numbers]
        self._numbers |= {place: number for number, place in enumerate(new, len(self._numbers))}
        naming = Naming(self.graph, self.question.language)
        topic = self.graph.entity(self.question.topics[0])
        frame = Frame(
            training=self.training,
            question=self.question.id,
            text=self.question.text,
            language=self.question.language,
            topic=naming.entity(topic),
            practised=self.question.split == "train",
            step=step,
            places=tuple(self._named(naming, topic, place) for place in new),
            masses=tuple((self._numbers[place], mass) for place, mass in shown.items()),
        )
        write_frame(self.folder, frame)

    def _named(self, naming: Naming, topic: int, place: Place) -> FramePlace:
        path, stop = place
        reached = walk_path(self.graph, topic, path).ends
        label = round(min(self.label.get(place, 0.0), 1.0), 4) if self.label else None
        return FramePlace(
            id=self._numbers[place],
            path=path,
            stop=stop,
            relation=None if stop or not path else naming.claimed(path[-1]),
            frontier=naming.top_entities(reached),
            frontier_size=len(reached),
            label=label,
        )


def watch_teacher(
    folder: Path | None, questions: QuestionSet, seed: int, grower: TreeGrower
) -> Callable[[int, PathPolicy], None]:
    """What takes a frame of each watched question of a teacher, called with the step.

    Args:
        folder: Where frames go; None: nothing is watched.
        questions: What it learns from.
        seed: Draws the dev questions.
        grower: Of its trees; its counts stay as they are.
    """
    graph, apart = grower.graph, replace(grower, counts=QuestionCounts())
    watched = [] if folder is None else watched_questions(questions, seed)
    grown = [
        (Watched(Path(folder or ""), "teacher", one, graph), apart.grow(one)) for one in watched
    ]
    taken = [(one, tree) for one, trees in grown for tree in trees]

    def watch(step: int, policy: PathPolicy) -> None:
        learns = policy.training
        scorer = PolicyScorer(policy, graph, grower.shape)
        scored = scorer.score([tree for _, tree in taken])
        for (one, tree), found in zip(taken, scored, strict=True):
            for label in labels_of(graph, ScoredQuestion((tree,), (found,)), "prior", KEPT):
                one.take(step, places_of(label, Side(label.masses, label.stops)))
        policy.train(learns)

    return watch


def watch_student(
    folder: Path | None,
    questions: QuestionSet,
    seed: int,
    student: Student,
    labels: Mapping[str, PathLabel],
) -> Callable[[int], None]:
    """The same of a student, on the trees of its labels.

    Args:
        folder: Where frames go; None: nothing is watched.
        questions: What it learns from.
        seed: Draws the dev questions.
        student: Who learns.
        labels: By question.
    """
    graph, linker, taken = student.graph, Linker(student.graph), []
    for question in [] if folder is None else watched_questions(questions, seed):
        label = labels.get(label_key(question, question.topics[0]))
        if label is not None:
            aim = places_of(label, Side(label.masses, label.stops))
            (text,) = masked_texts(linker, [question]).values()
            one = Watched(Path(folder or ""), "student", question, graph, aim)
            taken.append((one, label, student.speller.prompt(text)))

    def watch(step: int) -> None:
        learns = student.model.training
        student.model.eval()
        for one, label, prompt in taken:
            one.take(step, places_of(label, student_side(student, label, prompt)))
        student.model.train(learns)

    return watch


def places_of(label: PathLabel, side: Side) -> dict[Place, float]:
    """A side's masses by place, each place after those on the way to it."""
    found: dict[Place, float] = {}
    for node in range(len(label.parents)):
        path = label.path(node)
        found[path, False] = float(side.masses[node])
        if path and label.expanded[node]:
            found[path, True] = float(side.stops[node])
    return found
