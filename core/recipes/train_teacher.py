"""Train a teacher: grow the questions' trees, fit the policy, publish it with its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Literal

import numpy as np

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape, grow_tree
from core.questions.question_sets import QuestionSet, load_questions
from core.records import Question
from core.report import Report
from core.settings import TeacherTraining
from core.teacher.question_trees import QuestionTree, TreeGrower
from core.teacher.teachers import save_teacher
from core.teacher.training import fit
from core.workspace import Workspace

PROBED = 300
"""Training questions looked at to choose hops and directions."""

REACHED = 0.97
"""Share of questions whose answers a tree must reach to be deep and wide enough."""


def run(settings: TeacherTraining, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Train a teacher into `teachers/<name>/`.

    Raises:
        NotFound: If the graph or the questions do not exist.
        FormatError: If the questions belong to another graph, or none can teach.
    """
    report.stage("teacher")
    graph = KnowledgeGraph.open(workspace.folder("graphs", settings.graph))
    questions = load_questions(workspace, settings.questions)
    check_same_graph(graph, questions)
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        train, dev = questions.part("train"), questions.part("dev")
        shape = choose_shape(graph, train, settings)
        grower = TreeGrower(graph, Linker(graph), shape)
        report.progress(0, settings.epochs, "growing trees")
        trees = {
            part: grow_all(grower, chosen, report)
            for part, chosen in (("train", train), ("dev", dev))
        }
        census = asdict(grower.census)
        if census["several_topics"] or census["unknown_topic"] or census["nothing_around"]:
            report.event("warning", message=f"Some questions cannot be used: {census}.")
        policy, fitted = fit(graph, trees["train"], trees["dev"], settings, report)
        result = {
            "name": settings.name,
            "graph": graph.name,
            "questions": questions.name,
            "hops": shape.hops,
            "directions": shape.directions,
            **asdict(fitted),
            "counts": census,
        }
        card = {
            "name": settings.name,
            "graph": graph.name,
            "graph_hash": graph.hash,
            "questions": questions.name,
            "hops": shape.hops,
            "directions": shape.directions,
            "settings": settings.model_dump(),
            "result": result,
        }
        save_teacher(folder, policy, shape, card)
    return result


def check_same_graph(graph: KnowledgeGraph, questions: QuestionSet) -> None:
    """Refuse questions that were tied to another graph.

    Raises:
        FormatError: If they were.
    """
    if questions.graph_hash != graph.hash:
        raise FormatError(
            f"The questions {questions.name!r} were tied to graph {questions.graph!r} as it was, "
            f"not to {graph.name!r} as it is now; import them again for this graph."
        )


def grow_all(
    grower: TreeGrower, questions: Sequence[Question], report: Report
) -> list[QuestionTree]:
    """Trees of all questions that have one; the grower's census counts the others."""
    trees = []
    for question in questions:
        report.check_stop()
        tree = grower.grow(question)
        if tree is not None:
            trees.append(tree)
    return trees


def choose_shape(
    graph: KnowledgeGraph, questions: Sequence[Question], settings: TeacherTraining
) -> TreeShape:
    """The smallest trees that reach the answers.

    Forward relations are tried before both directions, and few hops before many; the first shape
    that reaches an answer of nearly all probed questions is taken, else the one that reaches most.
    What the settings fix is not searched.
    """
    several: tuple[Literal["forward", "both"], ...] = ("forward", "both")
    directions = several if settings.directions == "auto" else (settings.directions,)
    hops = range(1, 5) if settings.hops is None else (settings.hops,)
    step = max(len(questions) // PROBED, 1)
    probed = [
        (topic, answers)
        for q in questions[::step]
        if (topic := _topic(graph, q)) is not None
        and len(answers := graph.find_entities(q.answers))
    ]
    shapes = [TreeShape(depth, direction) for direction in directions for depth in hops]
    if len(shapes) == 1 or not probed:
        return shapes[0] if len(shapes) == 1 else TreeShape(settings.hops or 3, directions[-1])
    reached = []
    for shape in shapes:
        share = np.mean(
            [
                np.isin(answers, grow_tree(graph, topic, shape).entities[1:]).all()
                for topic, answers in probed
            ]
        )
        if share >= REACHED:
            return shape
        reached.append(share)
    return shapes[int(np.argmax(reached))]


def _topic(graph: KnowledgeGraph, question: Question) -> int | None:
    return graph.find_entity(question.topics[0]) if len(question.topics) == 1 else None
