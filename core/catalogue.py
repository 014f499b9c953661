"""Everything that a person can run, one entry each; whatever lists what can be run derives from it.

The command line, the loading of recipes, the pages' forms and the list of runs ask here. To add a
thing to run: write its recipe and its settings, and enter it below; only its words are elsewhere.
Importing this loads no model.
"""

from __future__ import annotations

from dataclasses import dataclass

from core import settings as s


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
        answers: Whether it answers at once, in the resident or the terminal's own process, and is
            no run to be queued.
    """

    recipe: str
    settings: type[s.Settings]
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
        "import_graph", s.GraphImportSettings, "graph import", ("files",),
        makes="graphs", name="{file}", then="questions generate --graph {name}",
    ),
    Entry(
        "import_questions", s.QuestionImportSettings, "questions import", ("files",),
        makes="questions", name="{file}", then=_TEACHER_FOR,
    ),
    Entry(
        "generate_questions", s.QuestionGenerationSettings, "questions generate",
        makes="questions", name="{graph}-questions", then=_TEACHER_FOR,
    ),
    Entry(
        "train_teacher", s.TeacherSettings, "teacher train",
        makes="teachers", name="{graph}-teacher", then=_DISTILL,
    ),
    Entry(
        "transfer_teacher", s.TransferSettings, "teacher transfer", ("teacher",),
        makes="teachers", name="{teacher}-on-{graph}", then="evaluate {name} --questions QUESTIONS",
    ),
    Entry(
        "lexical_teacher", s.LexicalTeacherSettings, "teacher lexical",
        makes="teachers", name="{graph}-lexical", then=_DISTILL,
    ),
    Entry(
        "language_model_teacher", s.LanguageModelTeacherSettings, "teacher language-model",
        makes="teachers", name="{graph}-language-model", then=_DISTILL,
    ),
    Entry(
        "mix_teachers", s.MixtureSettings, "teacher mixture", ("teachers",),
        makes="teachers", name="{teachers[0]}-mixture", then=_DISTILL,
    ),
    Entry(
        "label_questions", s.LabelSettings, "teacher label", ("teacher",),
        makes="labels", name="{teacher}-labels",
    ),
    Entry(
        "distill_student", s.DistillSettings, "distill",
        makes="students", name="{teacher}-student",
        then='ask {name} "..."   or   python -m core evaluate {name}',
    ),
    Entry("evaluate", s.EvaluateSettings, "evaluate", ("model",)),
    Entry("export_student", s.ExportSettings, "export", ("student",)),
    Entry("run_demo", s.DemoSettings, "demo"),
    Entry("answer_question", s.AskSettings, "ask", ("student", "question"), answers=True),
    Entry(
        "explain_question", s.ExplainSettings, "teacher explain", ("teacher", "question"),
        answers=True,
    ),
    Entry(
        "suppose_otherwise", s.WhatIfSettings, "teacher suppose", ("teacher", "question"),
        answers=True,
    ),
    Entry("compare_labels", s.CompareSettings, "compare", ("student", "question"), answers=True),
)  # fmt: skip

BY_RECIPE = {entry.recipe: entry for entry in CATALOGUE}
BY_SETTINGS = {entry.settings: entry for entry in CATALOGUE}
RUNS = {entry.recipe: entry for entry in CATALOGUE if not entry.answers}
"""What goes through the queue, by recipe."""
