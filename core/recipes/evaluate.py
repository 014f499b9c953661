"""Score a teacher or a student on a split of its questions."""

from __future__ import annotations

import time
from dataclasses import asdict

from core.answers import model_cache
from core.answers.decision import card_certainty, decide
from core.answers.predictions import student_predictions, teacher_predictions
from core.errors import NotFound
from core.evaluation.comparison import answer_reliability, level_scores, score
from core.evaluation.conformal import likely_sets
from core.evaluation.honesty import honesty
from core.questions.levels import levels
from core.questions.question_sets import load_questions
from core.recipes.train_teacher import check_same_graph
from core.report import Report
from core.results.answer import Decision
from core.results.evaluation import Evaluation
from core.settings import EvaluateSettings
from core.student.language_model import Student, open_student
from core.teacher.teachers import Teacher, open_teacher
from core.teacher.training import pick_device
from core.workspace import Workspace, write_json


def run(settings: EvaluateSettings, report: Report, workspace: Workspace) -> Evaluation:
    """Score a model and keep the scores in `evaluations/`.

    Raises:
        NotFound: If no student or teacher has that name, or the split is empty.
    """
    report.stage("evaluate")
    began = time.monotonic()
    is_student = workspace.exists("students", settings.model)
    if not is_student and not workspace.exists("teachers", settings.model):
        there = (
            ", ".join([*workspace.names("students"), *workspace.names("teachers")][:8])
            or "none yet"
        )
        raise NotFound(
            "No student or teacher is named {model!r} (there: {there}).",
            model=settings.model,
            there=there,
        )
    device = pick_device(settings.device)
    model: Student | Teacher = (
        open_student(workspace, settings.model, device=device)
        if is_student
        else open_teacher(workspace, settings.model, str(device))
    )
    questions = load_questions(workspace, settings.questions or model.card["questions"])
    check_same_graph(model.graph, questions)
    asked = questions.part(settings.split)[: settings.limit]
    if not asked:
        raise NotFound(
            "The questions {name!r} have no {split!r} part.",
            name=questions.name,
            split=settings.split,
        )
    free = is_student and settings.decoding == "free"
    search = "exact" if not is_student else settings.search
    search = "beam" if free and search == "exact" else search
    ear = None
    if isinstance(model, Student) and settings.listen and search == "exact":
        ear = model_cache.ear(workspace, model)
    if isinstance(model, Student):
        predicted = student_predictions(
            model, asked, settings.decoding, settings.beams, report, search=search, ear=ear
        )
    else:
        predicted = teacher_predictions(model, asked, report)
    certainty = card_certainty(model.card, heard=ear is not None)
    answered = [
        decide(p.best, p.missing, certainty, settings.precision) is Decision.ANSWERED
        for p in predicted
    ]
    result = Evaluation(
        model=settings.model,
        kind="student" if is_student else "teacher",
        decoding=settings.decoding if is_student else "exact",
        search=search,
        heard=ear is not None,
        question_set=questions.name,
        split=settings.split,
        split_kind=questions.split,
        **asdict(score(model.graph, asked, predicted)),
        reliability=answer_reliability(asked, predicted),
        honesty=honesty(asked, predicted, answered),
        likely_sets=tuple(
            likely_sets(asked, predicted, one.level, one.floor)
            for one in (certainty.levels if certainty else ())
        ),
        seconds=time.monotonic() - began,
        levels=level_scores(levels(questions.part("train"), asked), asked, predicted),
    )
    name = f"{settings.model[:30]}.{questions.name[:20]}.{settings.split}.{result.decoding[:8]}"
    if search in ("diverse", "sample"):
        name = f"{name[:56]}.{search}"
    if is_student and not settings.listen:
        name = f"{name[:56]}.alone"
    with workspace.publish("evaluations", name, replace=True) as folder:
        write_json(folder / "evaluation.json", result.as_record())
    return result
