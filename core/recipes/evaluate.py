"""Score a teacher or a student on a split of its questions."""

from __future__ import annotations

import time

from core.answers import model_cache
from core.answers.decision import card_certainty
from core.answers.predictions import student_predictions, teacher_predictions
from core.errors import NotFound
from core.questions.question_sets import load_questions
from core.recipes.evaluation_folder import keep, part_to_score, scored
from core.recipes.train_teacher import check_same_graph
from core.report import Report
from core.results.evaluation import Evaluation
from core.settings import EvaluateSettings
from core.student.language_model import Student, open_student
from core.teacher.teachers import Teacher, open_teacher
from core.teacher.training import pick_device
from core.workspace import Workspace


def run(settings: EvaluateSettings, report: Report, workspace: Workspace) -> Evaluation:
    """Score a model and keep the scores in `evaluations/`.

    Raises:
        NotFound: If no student or teacher has that name, or the split is empty.
    """
    report.stage("evaluate")
    began = time.monotonic()
    is_student = _is_student(settings, workspace)
    device = pick_device(settings.device)
    model: Student | Teacher = (
        open_student(workspace, settings.model, device=device)
        if is_student
        else open_teacher(workspace, settings.model, str(device))
    )
    questions = load_questions(workspace, settings.questions or model.card["questions"])
    check_same_graph(model.graph, questions)
    asked = part_to_score(questions, settings.split, settings.limit)
    free = is_student and settings.decoding == "free"
    search = "exact" if not is_student else settings.search
    search = "beam" if free and search == "exact" else search
    ear = None
    if isinstance(model, Student) and settings.listen and search == "exact":
        ear = model_cache.ear(workspace, model)
    answering = time.monotonic()
    if isinstance(model, Student):
        predicted = student_predictions(
            model, asked, settings.decoding, settings.beams, report, search=search, ear=ear
        )
    else:
        predicted = teacher_predictions(model, asked, report)
    ended = time.monotonic()
    decoding = settings.decoding if is_student else "exact"
    result = scored(
        model.graph,
        questions,
        asked,
        predicted,
        certainty=card_certainty(model.card, heard=ear is not None),
        precision=settings.precision,
        model=settings.model,
        kind="student" if is_student else "teacher",
        decoding=decoding,
        search=search,
        heard=ear is not None,
        answering=ended - answering,
        seconds=ended - began,
    )
    ways = [search] if search in ("diverse", "sample") else []
    alone = ["alone"] if is_student and not settings.listen else []
    keep(workspace, result, decoding[:8], *ways, *alone)
    return result


def _is_student(settings: EvaluateSettings, workspace: Workspace) -> bool:
    """Whether a student is meant by the name, or a teacher.

    Raises:
        NotFound: If neither has it.
    """
    if settings.role != "teacher" and workspace.exists("students", settings.model):
        return True
    if settings.role != "student" and workspace.exists("teachers", settings.model):
        return False
    there = (
        ", ".join([*workspace.names("students"), *workspace.names("teachers")][:8]) or "none yet"
    )
    raise NotFound(
        "No student or teacher is named {model!r} (there: {there}).",
        model=settings.model,
        there=there,
    )
