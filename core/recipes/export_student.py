"""Export a student, to be used without PathDistill: a folder, a GGUF file or a page."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from core import manifests
from core.errors import NotFound, WorkspaceError
from core.export.folder import (
    TRIPLES,
    copy_adapter,
    copy_model,
    copy_tokenizer,
    export_folder,
    write_triples,
    write_zip,
)
from core.export.gguf_file import write_gguf
from core.export.model_card import Subject, base_model, known_licence, model_card
from core.export.offline.page import LANGUAGES, Background, Score, write_page
from core.graph.history import sum_of
from core.graph.linking import Linker, mask
from core.questions.question_sets import load_questions
from core.records import TOPIC_MARK, Question, RelationPath
from core.replacing import EXPORT, going
from core.report import Report
from core.results.evaluation import Evaluation
from core.results.student import ExportReport, PromptExample
from core.settings import ExportSettings
from core.student.decoding import decode_paths
from core.student.language_model import Student, open_student
from core.student.prompts import PATH, TOPIC
from core.workspace import Workspace, write_json

TRIED = 20
"""Questions among which a good example is looked for."""

TO_TRY = 4
"""Questions with an answer that a page offers in each language."""


class Written(NamedTuple):
    """Bytes of each file of an export, and the card's example."""

    sizes: dict[str, int]
    example: PromptExample


def run(settings: ExportSettings, report: Report, workspace: Workspace) -> ExportReport:
    """Write a student into a folder of its own, whole or not at all; or as one file of exports.

    Raises:
        NotFound: If there is no such student, or its graph is gone.
        Stale: If its graph has changed since.
        AlreadyExists: If the folder is taken by anything but an earlier export that may go.
        SettingsError: If it is no place for an export.
        FormatError: If the student cannot be said in the format.
        WorkspaceError: If the folder cannot be written.
    """
    report.stage("export")
    report.progress(0, 3, "opening the student")
    place = None if settings.to is None else Path(settings.to).absolute()
    if place is not None and (old := going(place, workspace, replace=settings.replace)).files:
        report.event("warning", message=f"An earlier export goes from {place}: {old}.")
    student = open_student(workspace, settings.student)
    if place is None:
        made = _into_workspace(settings, student, report, workspace)
    else:
        with export_folder(place, workspace, replace=settings.replace) as folder:
            written = _write(settings, student, folder, report, workspace)
        made = _described(settings, student, written, place)
    report.progress(3, 3)
    return made


def _described(
    settings: ExportSettings,
    student: Student,
    written: Written,
    folder: Path,
    export: str | None = None,
) -> ExportReport:
    return ExportReport(
        name=student.name,
        format=settings.format,
        files=written.sizes,
        bytes=sum(written.sizes.values()),
        example=written.example,
        export=export,
        folder=str(folder),
    )


def _into_workspace(
    settings: ExportSettings, student: Student, report: Report, workspace: Workspace
) -> ExportReport:
    """Write `exports/<name>/<name>.zip` in the workspace, under a name that was free.

    A page needs nothing beside it: it is `<name>.html`.
    """
    kept = workspace.folder("students", student.name)
    needed = 2 * sum(file.stat().st_size for file in kept.rglob("*") if file.is_file())
    if needed > (free := shutil.disk_usage(workspace.root).free):
        raise WorkspaceError(
            "Exporting {name!r} takes up to {needed:,.0f} MB for a while, and the "
            "disk of the workspace has {free:,.0f} MB left: free some space, or name a "
            "folder on another disk in the terminal.",
            name=student.name,
            needed=needed / 1000000.0,
            free=free / 1000000.0,
        )
    name = workspace.free_name("exports", student.name)
    with workspace.publish("exports", name) as folder:
        unpacked = folder / name
        unpacked.mkdir()
        written = _write(settings, student, unpacked, report, workspace)
        if settings.format == "html":
            page = unpacked / f"{student.name}.html"
            written = Written({page.name: page.stat().st_size}, written.example)
            page.rename(folder / f"{name}.html")
        else:
            write_zip(unpacked, folder / f"{name}.zip")
        shutil.rmtree(unpacked)
    return _described(settings, student, written, workspace.folder("exports", name), name)


def _write(
    settings: ExportSettings, student: Student, folder: Path, report: Report, workspace: Workspace
) -> Written:
    """Write weights, card and triples into an empty folder."""
    kept = workspace.open("students", student.name)
    report.progress(1, 3, "writing weights")
    if settings.format == "gguf":
        file = folder / f"{student.name}.gguf"
        write_gguf(file, student.model, student.speller.tokenizer, settings.weights, student.name)
        copy_tokenizer(kept, folder)
    elif settings.format == "html":
        write_page(folder / f"{student.name}.html", student, _background(student, workspace))
    elif settings.adapter:
        copy_adapter(kept, folder)
    else:
        copy_model(kept, folder)
    if settings.with_graph and settings.format != "html":  # a page has it inside
        write_triples(student.graph, folder / TRIPLES)
    report.check_stop()
    report.progress(2, 3, "writing the card")
    example = _example(student, workspace)
    write_json(folder / "pathdistill.json", _public(student.card))
    subject = Subject(
        card=student.card,
        languages=_languages(workspace, student),
        evaluations=_evaluations(workspace, student.name),
        licence=settings.licence or known_licence(student.card),
        prompt=example.prompt,
        read=_as_read(student, example.prompt),
        topic=example.topic,
        files=sorted(path.name for path in folder.iterdir()),
    )
    (folder / "README.md").write_text(model_card(subject), encoding="utf-8")
    manifests.seal(folder, kind=EXPORT, name=student.name)
    sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    return Written(sizes, example)


def _background(student: Student, workspace: Workspace) -> Background:
    """What a page says beside its answers."""
    scores = [
        Score(
            alone=not one.heard,
            hits=one.hits_at_1,
            questions=one.questions - one.honesty.unanswerable,
            set=one.question_set,
            split=one.split,
        )
        for one in _evaluations(workspace, student.name)
        if (one.decoding, one.search) == ("constrained", "exact") and one.honesty is not None
    ]
    asked = [question for question in _asked(student, workspace) if question.split == "test"]
    return Background(
        base=base_model(student.card) or student.card["settings"]["student"],
        changes=sum_of(student.since),
        scores=scores,
        examples={language: _to_try(asked, language) for language in LANGUAGES},
    )


def _to_try(asked: Sequence[Question], language: str) -> list[str]:
    """Short test questions in a language, each by another path; one without an answer is last."""
    mine = [q for q in asked if q.language == language and q.text.endswith(("?", "？"))]
    mine.sort(key=lambda question: len(question.text))
    by_path: dict[RelationPath, str] = {}
    for question in mine:
        if question.answerable and question.paths and len(question.paths[0]) > 1:
            by_path.setdefault(question.paths[0], question.text)
    unanswerable = [question.text for question in mine if not question.answerable]
    return [*list(by_path.values())[:TO_TRY], *unanswerable[:1]]


def _example(student: Student, workspace: Workspace) -> PromptExample:
    """A question that the student answers by a gold path; else the first there is."""
    linker, speller = Linker(student.graph), student.speller
    asked = [
        (question, masked)
        for question in _asked(student, workspace)[:TRIED]
        if TOPIC_MARK in (masked := _masked(linker, question))
    ]
    if not asked:
        topic = student.graph.entity_id(0)
        return PromptExample(prompt=f"What is {TOPIC}?{PATH}", topic=topic, path=())
    said = decode_paths(student.model, speller, [masked for _, masked in asked], 1)
    paths = [found[0].relations for found in said]
    right = [path in question.paths for path, (question, _) in zip(paths, asked, strict=True)]
    best = right.index(True) if any(right) else 0
    question, masked = asked[best]
    prompt = masked.replace(TOPIC_MARK, TOPIC) + PATH
    return PromptExample(prompt=prompt, topic=question.topics[0], path=paths[best])


def _as_read(student: Student, prompt: str) -> str:
    tokenizer = student.speller.tokenizer
    return str(tokenizer.decode(tokenizer.encode(prompt, add_special_tokens=False)))


def _masked(linker: Linker, question: Question) -> str:
    return mask(linker, question.text, linker.graph.entity(question.topics[0]), TOPIC_MARK)


def _asked(student: Student, workspace: Workspace) -> list[Question]:
    try:
        questions = load_questions(workspace, student.card["questions"])
    except NotFound:  # the questions were deleted; the student is none the worse
        return []
    known = student.graph.find_entity
    return [q for q in questions.questions if len(q.topics) == 1 and known(q.topics[0]) is not None]


def _languages(workspace: Workspace, student: Student) -> list[str]:
    name = student.card["questions"]
    if not workspace.exists("questions", name):
        return []
    return list(workspace.read("questions", name, "set.json").get("languages", []))


def _evaluations(workspace: Workspace, name: str) -> list[Evaluation]:
    """What evaluations of the student found."""
    names = workspace.names("evaluations")
    records = [workspace.read("evaluations", one, "evaluation.json") for one in names]
    own = [one for one in records if one["model"] == name and one["kind"] == "student"]
    return [Evaluation.from_record(one) for one in own]


def _public(card: dict[str, Any]) -> dict[str, Any]:
    """A student's card without places on this machine."""
    student = Path(card["settings"]["student"])
    shown = student.name if student.is_absolute() else str(student)
    return {**card, "settings": {**card["settings"], "student": shown}}
