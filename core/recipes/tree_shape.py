"""What trees to grow for a set of questions: how deep, and whether relations are walked back.

Taken are the smallest trees that are as deep as the gold paths are long, walk back where these do,
and explain the questions within `LITTLE` of what any larger trees explain. A question is explained
by its gold path; where none is known, as well as the best path explains its answers: by the F1 of
what the path reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.records import MISSING, Question, RelationPath
from core.settings.shared import LONGEST_PATH
from core.teacher.meetings import best_meetings
from core.teacher.question_trees import match_answers

LITTLE = 0.05
"""What larger trees must explain beyond smaller ones to be worth their size: a mean F1."""

PROBED = 300
"""Questions looked at to tell how well trees explain them; such a mean is about 0.02 off."""


class Shaped(Protocol):
    """Settings that say, or leave open, what trees to grow; see `TeacherSettings`."""

    @property
    def hops(self) -> int | None: ...
    @property
    def directions(self) -> Literal["auto", "forward", "both"]: ...
    @property
    def max_paths(self) -> int: ...


def choose_shape(
    graph: KnowledgeGraph, questions: Sequence[Question], settings: Shaped
) -> TreeShape:
    """The trees that some questions ask for; see the module's text.

    Forward relations are tried before both directions, and few hops before many. What the settings
    fix is not searched; where nothing tells, trees have three hops.
    """
    gold = [path for q in questions for path in q.paths if _is_known(graph, path)]
    several: tuple[Literal["forward", "both"], ...] = ("forward", "both")
    if settings.directions != "auto":
        several = (settings.directions,)
    elif any(_walks_back(path) for path in gold):
        several = ("both",)
    deepest = settings.hops or LONGEST_PATH
    fewest = settings.hops or min(max(map(len, gold), default=1), deepest)
    most = settings.max_paths
    shapes = [
        TreeShape(hops, way, most=most) for way in several for hops in range(fewest, deepest + 1)
    ]
    step = max(len(questions) // PROBED, 1)
    probed = [asked for q in questions[::step] if (asked := _asked(graph, q)) is not None]
    if len(shapes) == 1:
        return shapes[0]
    if not probed:
        return TreeShape(settings.hops or max(fewest, 3), several[-1], most=most)
    explained: list[float] = []
    for shape in shapes:
        explained.append(float(np.mean([_explained(graph, asked, shape) for asked in probed])))
        if explained[-1] >= 1 - LITTLE:
            break  # nothing can be worth more
    return shapes[next(n for n, f1 in enumerate(explained) if f1 >= max(explained) - LITTLE)]


@dataclass(frozen=True, eq=False)
class _Asked:
    """A question by numbers: its topics, its answers, and whether its gold path is known."""

    topics: list[int]
    answers: Ints
    told: bool


def _asked(graph: KnowledgeGraph, question: Question) -> _Asked | None:
    """None for a question that says nothing about trees: no topic, neither path nor answer."""
    topics = [
        number for topic in question.topics if (number := graph.find_entity(topic)) is not None
    ]
    answers = np.unique(graph.find_entities(question.answers))
    answers = answers[answers >= 0]
    told = any(_is_known(graph, path) for path in question.paths)
    lost = not topics or len(topics) < len(question.topics)
    return None if lost or not (told or len(answers)) else _Asked(topics, answers, told)


def _explained(graph: KnowledgeGraph, asked: _Asked, shape: TreeShape) -> float:
    """How well the best path, or meeting of paths, explains a question: 0..1."""
    if asked.told:
        return 1.0
    trees = [grow_tree(graph, topic, shape) for topic in asked.topics]
    if len(trees) == 1:
        return float(match_answers(trees[0], asked.answers).max())
    return float(best_meetings(trees, asked.answers)[0].max())


def _is_known(graph: KnowledgeGraph, path: RelationPath) -> bool:
    """Whether a gold path is made of the graph's relations, but for what it may look for."""
    return all(name.startswith(MISSING) or graph.find_relation(name) is not None for name in path)


def _walks_back(path: RelationPath) -> bool:
    return any(name.removeprefix(MISSING).startswith("~") for name in path)
