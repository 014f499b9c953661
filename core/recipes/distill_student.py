"""Distil a student: label, spell, train, publish."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from core.distill.examples import Example, Examples, make_example
from core.distill.soft_targets import trie_targets
from core.distill.training import train
from core.errors import FormatError, Stale
from core.graph.linking import Linker, mask
from core.labels.path_labels import PathLabel, read_labels
from core.questions.question_sets import QuestionSet, load_questions
from core.recipes import label_questions
from core.recipes.predict import dev_judge
from core.recipes.train_teacher import check_same_graph
from core.records import Question
from core.report import Report
from core.settings import Distillation, Labelling
from core.student.building import build_student
from core.student.language_model import Student, save_model
from core.student.prompts import MASK, Speller
from core.teacher.teachers import Teacher, open_teacher
from core.workspace import Workspace, write_json

JUDGED = 100
"""Dev questions that the student answers ten times a run."""


def run(settings: Distillation, report: Report, workspace: Workspace) -> dict[str, Any]:
    """Distil a student into `students/<name>/`, labelling first where labels are missing or stale.

    Raises:
        NotFound: If the teacher, the questions or the student do not exist.
        Stale: If the graph has changed since.
        FormatError: If there is nothing to learn from.
    """
    teacher = open_teacher(workspace, settings.teacher)
    questions = load_questions(workspace, settings.questions or teacher.card["questions"])
    check_same_graph(teacher.graph, questions)
    labels_name, labels = fresh_labels(settings, teacher, questions, report, workspace)
    report.stage("distil")
    report.progress(0, 1, "building the student")
    began = time.monotonic()
    torch.manual_seed(settings.seed)
    asked = questions.part("train")
    linker = Linker(teacher.graph)
    masked = {q.id: masked_text(linker, q) for q in asked}
    model, tokenizer = build_student(
        settings, masked.values(), teacher.graph.relation_ids, workspace.root / "models"
    )
    speller = Speller(tokenizer)
    examples = make_examples(asked, masked, labels, speller, settings)
    student = Student(settings.name, teacher.graph, teacher.shape, model, speller, {})
    dev = tuple(q for q in questions.part("dev") if q.paths)[:JUDGED]
    judge = dev_judge(student, dev, linker, report)
    with workspace.publish("students", settings.name, replace=settings.replace) as folder:
        scratch = Path(folder) / "scratch"
        steps = train(
            model, tokenizer, Examples(examples, settings.seed), settings, report, judge, scratch
        )
        if scratch.exists():
            scratch.rmdir()
        save_model(folder, model, tokenizer)
        result = {
            "name": settings.name,
            "teacher": teacher.name,
            "labels": labels_name,
            "parameters": sum(p.numel() for p in model.parameters()),
            "examples": len(examples),
            "with_gold": sum(bool(example.gold) for example in examples),
            "steps": steps,
            "seconds": time.monotonic() - began,
        }
        card = {
            "name": settings.name,
            "teacher": teacher.name,
            "graph": teacher.graph.name,
            "graph_hash": teacher.graph.hash,
            "questions": questions.name,
            "labels": labels_name,
            "shape": asdict(teacher.shape),
            "parameters": result["parameters"],
            "settings": settings.model_dump(),
            "result": result,
        }
        write_json(Path(folder) / "card.json", card)
    return result


def fresh_labels(
    settings: Distillation,
    teacher: Teacher,
    questions: QuestionSet,
    report: Report,
    workspace: Workspace,
) -> tuple[str, dict[str, PathLabel]]:
    """The labels to learn from, by question; made first where they are missing or stale."""
    name = f"{teacher.name}-{questions.name}-{settings.labels}"[:64].rstrip(".")
    path = workspace.root / "labels" / name / "labels.parquet"
    if path.exists():
        try:
            return name, read_labels(path, teacher.graph.hash, teacher.hash)[0]
        except Stale as error:
            report.event("warning", message=f"{error} Labelling again now.")
    wanted = Labelling(
        name=name,
        teacher=teacher.name,
        questions=questions.name,
        kind=settings.labels,
        replace=True,
    )
    label_questions.run(wanted, report, workspace)
    return name, read_labels(path, teacher.graph.hash, teacher.hash)[0]


def masked_text(linker: Linker, question: Question) -> str:
    """A question's text with the mention of its (single) topic masked."""
    topic = linker.graph.find_entity(question.topics[0]) if len(question.topics) == 1 else None
    return question.text if topic is None else mask(linker, question.text, topic, MASK)


def make_examples(
    questions: tuple[Question, ...],
    masked: Mapping[str, str],
    labels: Mapping[str, PathLabel],
    speller: Speller,
    settings: Distillation,
) -> list[Example]:
    """Examples of the training questions under the settings.

    Soft targets are left out where alpha is 1 and can never count; gold paths are used for
    `gold_share` of the questions that have them, chosen by whole groups so that no paraphrase of a
    chosen question gives more away.

    Raises:
        FormatError: If nothing is left to learn from.
    """
    groups = sorted({q.group for q in questions if q.paths})
    random.Random(settings.seed).shuffle(groups)
    golden = set(groups[: round(settings.gold_share * len(groups))])
    examples = []
    for question in questions:
        gold = question.paths if question.group in golden else ()
        label = labels.get(question.id) if settings.alpha < 1 else None
        soft = trie_targets(label, speller) if label is not None else None
        example = make_example(masked[question.id], gold, soft, speller)
        if example is not None:
            examples.append(example)
    if not examples:
        raise FormatError(
            f"There is nothing to learn from: alpha is {settings.alpha:g}, and no training "
            "question has a gold path to use or a label."
        )
    return examples
