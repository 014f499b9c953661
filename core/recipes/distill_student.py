"""Distil a student: label, spell, train, publish."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import torch

from core.answers.ear import Ear
from core.answers.predictions import dev_judge, scored_predictions
from core.answers.student_scorer import StudentScorer
from core.checkpoints import find_checkpoint
from core.distill.examples import Example, Examples
from core.distill.held_out import held_out_metrics
from core.distill.schedules import SCHEDULE, Schedule, schedule_from_record
from core.distill.sharing import sharing
from core.distill.training import train
from core.errors import NotFound, SettingsError, Stale
from core.evaluation.absence import fitted_weight
from core.evaluation.certainty import AT_MOST, measure_certainty
from core.evaluation.elsewhere import with_unanswerable
from core.graph.linking import Linker
from core.labels.path_labels import PathLabel, read_labels
from core.pretrained.presets import BILINGUAL, TINY
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes import label_questions
from core.recipes.paying_paths import check_answers, paying_paths
from core.recipes.train_teacher import check_same_graph
from core.recipes.training_examples import held_out, make_examples, masked_texts, spelled_targets
from core.recipes.watched_questions import watch_student
from core.records import Prediction, Question
from core.report import Report
from core.results.student import StudentReport
from core.settings import DistillSettings, LabelSettings
from core.sizing import check_fits
from core.student.building import build_student, universal_encoder
from core.student.forms import form_of
from core.student.language_model import Student
from core.student.prompts import Speller
from core.student.saving import StudentCard, save_student
from core.teacher.teachers import Teacher, open_teacher
from core.workspace import Workspace, joined_name, read_json

DEV_QUESTIONS = 100
"""Dev questions that the student answers ten times a run."""

DEV_DISTRIBUTIONS = 32
"""Dev questions whose whole path distribution is measured as often."""


@dataclass(frozen=True)
class TrainingInputs:
    """What a training begins with.

    Attributes:
        labels: Name of the labels.
        student: The student before its first step.
        examples: What it learns from.
        evaluate: Measures the student as it is.
        watch: Looks at it as it is, at a step; see `watched_questions`.
        recorded: A recorded schedule to take, if one is asked for.
        branch: The checkpoint of another run to begin from, if one is asked for.
        believe: Says how far what it says can be believed, once it has learned.
    """

    labels: str
    student: Student
    examples: list[Example]
    evaluate: Callable[[], Mapping[str, float]]
    watch: Callable[[int], None]
    recorded: Schedule | None
    branch: Path | None
    believe: Callable[[], Believed]


def run(settings: DistillSettings, report: Report, workspace: Workspace) -> StudentReport:
    """Distil a student into `students/<name>/`, labelling first where labels are missing or stale.

    Each of several processes that share it calls this, and the first publishes.

    Raises:
        NotFound: If the teacher, the questions or the student do not exist.
        Stale: If the graph has changed since.
        FormatError: If there is nothing to learn from, or no answer to be rewarded for.
        SettingsError: If the student does not fit into memory, or not as many processes share this
            training as the settings say.
    """
    settings = _within_reach(settings, report, workspace)
    teacher = open_teacher(workspace, settings.teacher)
    questions = load_questions(workspace, settings.questions or teacher.card["questions"])
    check_same_graph(teacher.graph, questions)
    with sharing(settings) as processes:
        if processes.is_main_process:
            check_fits(settings, len(questions.part("train")))
        with processes.main_process_first():
            inputs = _prepare(settings, teacher, questions, report, workspace)
        began = time.monotonic()
        model, tokenizer = inputs.student.model, inputs.student.speller.tokenizer
        with workspace.publish("students", settings.name, replace=settings.replace) as folder:
            scratch = Path(folder) / "scratch"
            done = train(
                model,
                tokenizer,
                Examples(inputs.examples, settings.seed),
                settings,
                report,
                inputs.evaluate,
                scratch,
                branch=inputs.branch,
                recorded=inputs.recorded,
                watch=inputs.watch,
            )
            result = StudentReport(
                name=settings.name,
                teacher=teacher.name,
                labels=inputs.labels,
                parameters=sum(p.numel() for p in model.parameters()),
                examples=len(inputs.examples),
                with_gold=sum(bool(example.gold) for example in inputs.examples),
                with_label=sum(example.soft is not None for example in inputs.examples),
                with_reward=sum(bool(example.paying) for example in inputs.examples),
                steps=done.steps,
                kept_early=done.kept_early,
                seconds=time.monotonic() - began,
            )
            if not processes.is_main_process:
                return result
            if scratch.exists():
                scratch.rmdir()
            believed = inputs.believe()
            card = StudentCard(
                name=settings.name,
                teacher=teacher.name,
                graph=teacher.graph.name,
                graph_hash=teacher.graph.hash,
                questions=questions.name,
                labels=inputs.labels,
                shape=teacher.shape,
                parameters=result.parameters,
                settings=settings.model_dump(),
                schedule=done.schedule.as_record(),
                result=result.as_record(),
                certainty=believed.certainty,
                certainty_heard=believed.certainty_heard,
                absence_weight=believed.absence_weight,
            )
            save_student(Path(folder), model, tokenizer, form_of(settings), card)
    return result


def _within_reach(
    settings: DistillSettings, report: Report, workspace: Workspace
) -> DistillSettings:
    """The same with a tiny student where the word vectors of the bilingual one are out of reach."""
    if settings.student != BILINGUAL:
        return settings
    try:
        universal_encoder(workspace.root / "models")
    except NotFound as error:
        report.event(
            "warning", message=f"{error}; the student is a tiny one, without word vectors."
        )
        return settings.model_copy(update={"student": TINY})
    return settings


def _prepare(
    settings: DistillSettings,
    teacher: Teacher,
    questions: QuestionSet,
    report: Report,
    workspace: Workspace,
) -> TrainingInputs:
    recorded = recorded_schedule(settings.replay, workspace) if settings.replay else None
    if recorded is not None and settings.reward == 0 and recorded.ever("reward"):
        raise SettingsError(
            "The course that {name!r} took weighs rewards, which this run would not have: give it "
            "a reward above 0 and paths=all.",
            name=settings.replay,
        )
    if settings.reward > 0:
        check_answers(questions.name, questions.part("train"))
    branch = find_checkpoint(workspace, settings.branch) if settings.branch else None
    labels_name, labels = fresh_labels(settings, teacher, questions, report, workspace)
    report.stage("distil")
    report.progress(0, 1, "building the student")
    torch.manual_seed(settings.seed)
    dev = questions.part("dev")
    measured = dev[:DEV_DISTRIBUTIONS]
    linker = Linker(teacher.graph)
    sets = [(labels_name, labels, questions.part("train"))]
    if settings.more is not None:
        more = load_questions(workspace, settings.more)
        check_same_graph(teacher.graph, more)
        sets.append(
            (*fresh_labels(settings, teacher, more, report, workspace), beside(questions, more))
        )
    masked = [masked_texts(linker, asked) for _, _, asked in sets]
    model, tokenizer = build_student(
        settings,
        [text for texts in masked for text in texts.values()],
        teacher.graph.relation_ids,
        workspace.root / "models",
    )
    speller = Speller(tokenizer)
    examples = []
    for (name, known, asked), texts in zip(sets, masked, strict=True):
        targets = spelled_targets(workspace.open("labels", name), known, speller, settings)
        paying = paying_paths(teacher, asked, speller, report) if settings.reward > 0 else {}
        examples += make_examples(asked, texts, known, targets, speller, settings, paying)
    student = Student(settings.name, teacher.graph, teacher.shape, model, speller, {})
    judged = with_unanswerable(linker, dev[:: ceil(len(dev) / AT_MOST) or 1])
    return TrainingInputs(
        labels_name,
        student,
        examples,
        both(
            dev_judge(student, tuple(q for q in dev if q.paths)[:DEV_QUESTIONS], linker, report),
            measure(student, held_out(measured, masked_texts(linker, measured), labels, speller)),
        ),
        watch_student(report.folder, questions, settings.seed, student, labels),
        recorded,
        branch,
        lambda: believed_of(student, Ear.of(teacher, student), judged, linker, report),
    )


def beside(questions: QuestionSet, more: QuestionSet) -> tuple[Question, ...]:
    """The training questions of another set, but for those that ask what a set holds out."""
    held = {one.group for part in ("dev", "test") for one in questions.part(part)}
    return tuple(one for one in more.part("train") if one.group not in held)


@dataclass(frozen=True)
class Believed:
    """How far what a student says can be believed, measured on held-out questions.

    Attributes:
        absence_weight: By what to weigh what it finds missing.
        certainty: Of what it says by itself, as its card keeps it; None where too little is known.
        certainty_heard: Of what it says with an ear; None for one that has none.
    """

    absence_weight: float
    certainty: dict[str, Any] | None
    certainty_heard: dict[str, Any] | None


def believed_of(
    student: Student, ear: Ear | None, asked: Sequence[Question], linker: Linker, report: Report
) -> Believed:
    """Measure it; each question is put to the student once."""
    student.model.eval()
    scorer = StudentScorer(student, linker)

    def predicted(weighing: StudentScorer) -> list[Prediction]:
        return scored_predictions(weighing, asked, "constrained", 1, report)

    def certainty(weighing: StudentScorer) -> dict[str, Any] | None:
        measured = measure_certainty(asked, predicted(weighing))
        return None if measured is None else measured.as_record()

    known = [(q, one) for q, one in zip(asked, predicted(scorer), strict=True) if one.answers]
    weight = fitted_weight([one.missing for _, one in known], [not q.answers for q, _ in known])
    heard = certainty(scorer.weighing(ear, weight)) if ear else None
    return Believed(weight, certainty(scorer.weighing(None, weight)), heard)


def recorded_schedule(name: str, workspace: Workspace) -> Schedule:
    """The course that a run or a student took.

    Raises:
        SettingsError: If it is no name.
        NotFound: If there is neither, or it has recorded none.
        FormatError: If the record cannot be read.
    """
    if workspace.exists("runs", name):
        kept = workspace.folder("runs", name) / SCHEDULE
        if kept.exists():
            return schedule_from_record(read_json(kept))
    if workspace.exists("students", name):
        record = workspace.read("students", name, "card.json").get("schedule")
        if record is not None:
            return schedule_from_record(record)
    raise NotFound(
        "Neither a run nor a student {name!r} has recorded the course that it took, so there is "
        "none to take again.",
        name=name,
    )


def measure(student: Student, examples: list[Example]) -> Callable[[], Mapping[str, float]]:
    """A function that measures the student as it is now, alike under every alpha and T."""
    pad = int(student.model.config.pad_token_id)

    def evaluate() -> Mapping[str, float]:
        found = held_out_metrics(student.model, examples, pad)
        return {f"distil/{name}": value for name, value in found.items()}

    return evaluate


def both(
    one: Callable[[], Mapping[str, float]], other: Callable[[], Mapping[str, float]]
) -> Callable[[], Mapping[str, float]]:
    """The measures of both."""
    return lambda: {**one(), **other()}


def fresh_labels(
    settings: DistillSettings,
    teacher: Teacher,
    questions: QuestionSet,
    report: Report,
    workspace: Workspace,
) -> tuple[str, dict[str, PathLabel]]:
    """The labels to learn from, by question; made first where they are missing or stale."""
    name = joined_name(f"{teacher.name}-{questions.name}", f"-{settings.labels}")

    def kept() -> dict[str, PathLabel]:
        path = workspace.open("labels", name) / "labels.parquet"
        return read_labels(path, teacher.graph.hash, teacher.hash)[0]

    if workspace.exists("labels", name):
        try:
            return name, kept()
        except Stale as error:
            report.event("warning", message=f"{error} Labelling again now.")
    wanted = LabelSettings(
        name=name,
        teacher=teacher.name,
        questions=questions.name,
        kind=settings.labels,
        device=settings.device,
        replace=True,
    )
    label_questions.run(wanted, report, workspace)
    return name, kept()
