"""Everything that a person can run, one entry each; whatever lists what can be run derives from it.

The command line, the loading of recipes, the pages' forms and the list of runs ask here. To add a
thing to run: write its recipe and its settings, and enter it below; only its words are elsewhere.
Importing this loads no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import settings as s
from core.results.answer import Answer
from core.results.comparison import Comparison
from core.results.demo import DemoReport
from core.results.evaluation import Evaluation
from core.results.graph import ChangeReport, GraphReport
from core.results.graph_check import GraphCheck
from core.results.hard import HardReport
from core.results.labels import LabelsReport
from core.results.questions import QuestionsReport
from core.results.record import Record
from core.results.rules import RuleReport
from core.results.student import ExportReport, StudentReport
from core.results.sweep import SweepReport
from core.results.teacher import TrainedTeacher, TransferredTeacher, UntrainedTeacher
from core.results.trace import Trace
from core.results.what_if import WhatIf


@dataclass(frozen=True)
class Entry:
    """One thing that a person can run.

    Attributes:
        recipe: Module of `core.recipes`: `run(settings, report, workspace)`.
        settings: What it takes.
        command: Words of its command after `python -m core`.
        arguments: Settings that the command takes without a flag.
        makes: The kind of thing that it leaves in the workspace under its `name`; empty where it
            only answers or scores, or makes several.
        name: What it is called where the person names nothing: its settings in braces, and
            `{file}`, the first file's name without its ending.
        then: The command that usually follows, filled in likewise from settings and result.
        result: What it returns, and what its stored record is read back as.
        answers: Whether it answers at once, in the resident or the terminal's own process, and is
            no run to be queued.
    """

    recipe: str
    settings: type[s.Settings]
    result: type[Record]
    command: str
    arguments: tuple[str, ...] = ()
    makes: str = ""
    name: str = ""
    then: str = ""
    answers: bool = False


_TEACHER_FOR = "teacher train --graph {graph} --questions {name}"
_DISTILL = "distill --teacher {name}"

CATALOGUE = (
    Entry(
        "import_graph", s.GraphImportSettings, GraphReport, "graph import", ("files",),
        makes="graphs", name="{file}", then="questions generate --graph {name}",
    ),
    Entry(
        "import_questions", s.QuestionImportSettings, QuestionsReport, "questions import",
        ("files",),
        makes="questions", name="{file}", then=_TEACHER_FOR,
    ),
    Entry(
        "generate_questions", s.QuestionGenerationSettings, QuestionsReport, "questions generate",
        makes="questions", name="{graph}-questions", then=_TEACHER_FOR,
    ),
    Entry(
        "train_teacher", s.TeacherSettings, TrainedTeacher, "teacher train",
        makes="teachers", name="{graph}-teacher", then=_DISTILL,
    ),
    Entry(
        "transfer_teacher", s.TransferSettings, TransferredTeacher, "teacher transfer",
        ("teacher",),
        makes="teachers", name="{teacher}-on-{graph}", then="evaluate {name} --questions QUESTIONS",
    ),
    Entry(
        "lexical_teacher", s.LexicalTeacherSettings, UntrainedTeacher, "teacher lexical",
        makes="teachers", name="{graph}-lexical", then=_DISTILL,
    ),
    Entry(
        "language_model_teacher", s.LanguageModelTeacherSettings, UntrainedTeacher,
        "teacher language-model",
        makes="teachers", name="{graph}-language-model", then=_DISTILL,
    ),
    Entry(
        "mix_teachers", s.MixtureSettings, UntrainedTeacher, "teacher mixture", ("teachers",),
        makes="teachers", name="{teachers[0]}-mixture", then=_DISTILL,
    ),
    Entry(
        "label_questions", s.LabelSettings, LabelsReport, "teacher label", ("teacher",),
        makes="labels", name="{teacher}-labels",
    ),
    Entry(
        "distill_student", s.DistillSettings, StudentReport, "distill",
        makes="students", name="{teacher}-student",
        then='ask {name} "..."   or   python -m core evaluate {name}',
    ),
    Entry(
        "find_hard", s.HardSettings, HardReport, "hard", ("student",),
        makes="questions", name="{student}-{pick}",
        then="distill --teacher {teacher} --more {name}",
    ),
    Entry("sweep_knobs", s.SweepSettings, SweepReport, "sweep", ("student",)),
    Entry("check_graph", s.GraphCheckSettings, GraphCheck, "graph check", ("graph",)),
    Entry("find_rules", s.RuleSettings, RuleReport, "graph rules", ("graph",)),
    Entry("evaluate", s.EvaluateSettings, Evaluation, "evaluate", ("model",)),
    Entry("score_baseline", s.BaselineSettings, Evaluation, "baseline", ("baseline",)),
    Entry("export_student", s.ExportSettings, ExportReport, "export", ("student",)),
    Entry("run_demo", s.DemoSettings, DemoReport, "demo"),
    Entry("answer_question", s.AskSettings, Answer, "ask", ("student", "question"), answers=True),
    Entry(
        "edit_graph", s.GraphEditSettings, ChangeReport, "graph edit", ("graph",), answers=True
    ),
    Entry(
        "explain_question", s.ExplainSettings, Trace, "teacher explain", ("teacher", "question"),
        answers=True,
    ),
    Entry(
        "suppose_otherwise", s.WhatIfSettings, WhatIf, "teacher suppose", ("teacher", "question"),
        answers=True,
    ),
    Entry(
        "compare_labels", s.CompareSettings, Comparison, "compare", ("student", "question"),
        answers=True,
    ),
)  # fmt: skip

BY_RECIPE = {entry.recipe: entry for entry in CATALOGUE}
BY_SETTINGS = {entry.settings: entry for entry in CATALOGUE}
RUNS = {entry.recipe: entry for entry in CATALOGUE if not entry.answers}
"""What goes through the queue, by recipe."""


def result_of(recipe: str, record: Mapping[str, Any]) -> Any:
    """What a recipe returned, read from its stored record.

    Returns:
        As `Entry.result` says; the record itself of a recipe from outside the project.

    Raises:
        FormatError: If it is no such record, or was written by a newer version.
    """
    entry = BY_RECIPE.get(recipe)
    return record if entry is None else entry.result.from_record(record)
