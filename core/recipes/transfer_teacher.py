"""Take a trained teacher to another graph, as it is: it reads relations by their labels."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace

from core.errors import FormatError
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import check_same_graph
from core.recipes.tree_shape import choose_shape
from core.report import Report
from core.results.teacher import TransferredTeacher
from core.settings import TransferSettings
from core.teacher.teachers import open_policy, save_teacher
from core.teacher.tuned_encoder import ENCODER
from core.workspace import Workspace, read_json


def run(settings: TransferSettings, report: Report, workspace: Workspace) -> TransferredTeacher:
    """Publish the teacher anew, over the other graph; nothing is trained.

    The confidence threshold and scores of the old graph say nothing about the new one and are left
    behind; evaluate it there.

    Raises:
        NotFound: If the teacher, the graph or the questions do not exist.
        FormatError: If the teacher is of a kind that is not trained, or the questions belong to
            another graph.
    """
    report.stage("teacher")
    source = workspace.open("teachers", settings.teacher)
    card = read_json(source / "card.json")
    if card["kind"] != "policy":
        raise FormatError(
            "Teacher {teacher!r} is a {kind} teacher, which is not trained; make "
            "one for graph {graph!r} instead.",
            teacher=settings.teacher,
            kind=card["kind"],
            graph=settings.graph,
        )
    graph = KnowledgeGraph.open(workspace.open("graphs", settings.graph))
    shape = TreeShape(**card["shape"])
    questions = card["questions"]
    if settings.questions:
        asked = load_questions(workspace, settings.questions)
        check_same_graph(graph, asked)
        questions = asked.name
        shape = choose_shape(graph, asked.questions, settings)
    else:
        shape = replace(
            shape,
            hops=settings.hops or shape.hops,
            directions=shape.directions if settings.directions == "auto" else settings.directions,
            most=settings.max_paths,
        )
    open_policy(workspace, source, graph, card)  # refuses what is damaged
    result = TransferredTeacher(
        name=settings.name,
        teacher=settings.teacher,
        graph=graph.name,
        questions=questions,
        hops=shape.hops,
        directions=shape.directions,
    )
    moved = {
        **card,
        **asdict(result),
        "graph_hash": graph.hash,
        "from_teacher": settings.teacher,
        "from_graph": card["graph"],
        "result": result.as_record(),
    }
    with workspace.publish("teachers", settings.name, replace=settings.replace) as folder:
        for name in ("weights.safetensors", ENCODER):
            if (source / name).exists():
                shutil.copyfile(source / name, folder / name)
        save_teacher(folder, shape, moved)
    return result
