"""Label questions: let a teacher write down its path distribution for each."""

from __future__ import annotations

import time
from pathlib import Path

from core.labels.path_labels import PathLabel, Provenance, write_labels
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import check_same_graph, grow_all
from core.report import Report
from core.results.labels import LabelsReport
from core.settings import LabelSettings
from core.teacher.labelling import labels_of
from core.teacher.reasoning import score_questions
from core.teacher.teachers import open_teacher
from core.teacher.training import pick_device
from core.workspace import Workspace, write_json

AT_ONCE = 512
"""Questions whose trees are in memory together."""


def run(settings: LabelSettings, report: Report, workspace: Workspace) -> LabelsReport:
    """Label the training and dev questions into `labels/<name>/`.

    Raises:
        NotFound: If the teacher or the questions do not exist.
        Stale: If the teacher's graph has changed.
    """
    report.stage("labels")
    began = time.monotonic()
    teacher = open_teacher(workspace, settings.teacher, str(pick_device(settings.device)))
    questions = load_questions(workspace, settings.questions or teacher.card["questions"])
    check_same_graph(teacher.graph, questions)
    grower = teacher.grower()
    asked = (*questions.part("train"), *questions.part("dev"))
    labels: list[PathLabel] = []
    labelled = 0
    for begin in range(0, len(asked), AT_ONCE):
        trees = grow_all(grower, asked[begin : begin + AT_ONCE], report)
        for done, scored in enumerate(score_questions(teacher.scorer, trees), begin):
            if done % 100 == 0:
                report.check_stop()
                report.progress(done, len(asked), "questions")
            made = labels_of(teacher.graph, scored, settings.kind, settings.top_k)
            labelled += bool(made)
            labels += made
    report.progress(len(asked), max(len(asked), 1), "questions")
    source = Provenance(
        teacher.name,
        teacher.hash,
        teacher.graph.name,
        teacher.graph.hash,
        questions.name,
        settings.kind,
        settings.top_k,
    )
    result = LabelsReport(
        name=settings.name,
        teacher=teacher.name,
        questions=questions.name,
        kind=settings.kind,
        labelled=labelled,
        without_label=len(asked) - labelled,
        mean_rest=sum(one.rest for one in labels) / max(len(labels), 1),
        seconds=time.monotonic() - began,
    )
    with workspace.publish("labels", settings.name, replace=settings.replace) as folder:
        write_labels(Path(folder) / "labels.parquet", labels, source)
        write_json(folder / "card.json", result.as_record())
    return result
