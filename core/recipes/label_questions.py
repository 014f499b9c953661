"""Label questions: let a teacher write down its path distribution for each."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.labels.path_labels import Provenance, write_labels
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import check_same_graph, grow_all
from core.report import Report
from core.settings import Labelling
from core.teacher.labelling import label, score_trees
from core.teacher.teachers import open_teacher
from core.workspace import Workspace, write_json


def run(settings: Labelling, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Label the training and dev questions into `labels/<name>/`.

    Raises:
        NotFound: If the teacher or the questions do not exist.
        Stale: If the teacher's graph has changed.
    """
    report.stage("labels")
    began = time.monotonic()
    teacher = open_teacher(workspace, settings.teacher)
    questions = load_questions(workspace, settings.questions or teacher.card["questions"])
    check_same_graph(teacher.graph, questions)
    grower = teacher.grower()
    trees = grow_all(grower, (*questions.part("train"), *questions.part("dev")), report)
    labels = []
    for done, (tree, scored) in enumerate(
        zip(trees, score_trees(teacher.policy, trees), strict=True)
    ):
        if done % 100 == 0:
            report.check_stop()
            report.progress(done, len(trees), "questions")
        made = label(teacher.graph, tree, scored, settings.kind, settings.keep)
        if made is not None:
            labels.append(made)
    report.progress(len(trees), max(len(trees), 1), "questions")
    source = Provenance(
        teacher.name,
        teacher.hash,
        teacher.graph.name,
        teacher.graph.hash,
        questions.name,
        settings.kind,
        settings.keep,
    )
    result = {
        "name": settings.name,
        "teacher": teacher.name,
        "questions": questions.name,
        "kind": settings.kind,
        "labelled": len(labels),
        "without_label": len(questions.part("train")) + len(questions.part("dev")) - len(labels),
        "mean_rest": sum(one.rest for one in labels) / max(len(labels), 1),
        "seconds": time.monotonic() - began,
    }
    with workspace.publish("labels", settings.name, replace=settings.replace) as folder:
        write_labels(Path(folder) / "labels.parquet", labels, source)
        write_json(folder / "card.json", result)
    return result
