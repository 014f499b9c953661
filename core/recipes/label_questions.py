"""Label questions: let a teacher write down its path distribution for each."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from core.labels.path_labels import PathLabel, Provenance, write_labels
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import check_same_graph, grow_all
from core.report import Report
from core.settings import Labelling
from core.teacher.labelling import labels_of
from core.teacher.reasoning import score_questions
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
    labels: list[PathLabel] = []
    labelled = 0
    for done, asked in enumerate(score_questions(teacher.scorer, trees)):
        if done % 100 == 0:
            report.check_stop()
            report.progress(done, len(trees), "questions")
        made = labels_of(teacher.graph, asked, settings.kind, settings.keep)
        labelled += bool(made)
        labels += made
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
        "labelled": labelled,
        "without_label": len(questions.part("train")) + len(questions.part("dev")) - labelled,
        "mean_rest": sum(one.rest for one in labels) / max(len(labels), 1),
        "seconds": time.monotonic() - began,
    }
    with workspace.publish("labels", settings.name, replace=settings.replace) as folder:
        write_labels(Path(folder) / "labels.parquet", labels, source)
        write_json(folder / "card.json", result)
    return result
