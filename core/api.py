"""PathDistill from Python, as `from core import ...` gives it: for a notebook or a script.

    from core import open_student, run

    run("distill_student", name="small", teacher="films-teacher")    # a progress bar a stage
    open_student("small").ask("Who directed Inception?")

Whatever `core.catalogue` lists can be run here, in this process, or submitted as a run;
its settings are those of the command line, and what is wrong with them is said in the same words.
A workspace that is not named is that of `PATHDISTILL_HOME`. Nothing here imports torch before
something is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.foreign_text import printable
from core.graph.knowledge_graph import KnowledgeGraph
from core.progress import ProgressBars
from core.report import Report, Silent
from core.results.answer import Answer
from core.results.comparison import Comparison
from core.results.evaluation import Evaluation
from core.results.trace import Trace
from core.results.what_if import WhatIf
from core.runs import client
from core.runs.store.store import Store
from core.runs.worker.recipe_loading import load_recipe, settings_model
from core.settings import Settings, checked
from core.sources import with_absolute_paths
from core.workspace import Workspace

SHOWN = ("kind", "graph", "questions", "teacher", "parameters")
"""What a handle shows of a card."""


def run(
    recipe: str,
    /,
    *,
    workspace: Workspace | None = None,
    report: Report | None = None,
    **settings: Any,
) -> Any:
    """Run a recipe in this process.

    Args:
        recipe: Its name in `core.catalogue`, e.g. `train_teacher`, or the module path of one
            outside the project.
        workspace: Where it finds and leaves things.
        report: Who is told how far it is; by default progress bars are drawn.
        **settings: What the recipe takes; `core.settings` has their meanings and bounds.

    Returns:
        What the recipe returns: for each one of the catalogue, its `result`.

    Raises:
        NotFound: If there is no such recipe, or something that it needs.
        SettingsError: If a setting is unknown, missing or out of its bounds.
        CoreError: Whatever else the recipe says.
    """
    space, wanted = workspace or Workspace(), _checked(recipe, settings)
    space.ensure()
    if report is not None:
        return load_recipe(recipe).run(wanted, report, space)
    with ProgressBars() as bars:
        return load_recipe(recipe).run(wanted, bars, space)


def submit(
    recipe: str, /, *, workspace: Workspace | None = None, **settings: Any
) -> client.RunHandle:
    """Queue a recipe as a run: a process of its own, which outlives this one.

    The handle follows it, waits for it, stops it; pages and command line show it as any other.

    Raises:
        NotFound, SettingsError: As `run`.
    """
    wanted = _checked(recipe, settings)
    return client.submit(Store(workspace or Workspace()), recipe, wanted)


@dataclass(frozen=True, repr=False)
class ModelHandle:
    """A teacher or student of a workspace; the model itself is loaded by the first question.

    Attributes:
        card: What it was made from, and how, as `card.json` in its folder says.
    """

    name: str
    workspace: Workspace
    card: Mapping[str, Any]

    def evaluate(self, **settings: Any) -> Evaluation:
        """Its scores on a part of its questions, kept among the evaluations."""
        found: Evaluation = run("evaluate", workspace=self.workspace, model=self.name, **settings)
        return found

    def _answer(self, recipe: str, **settings: Any) -> Any:
        return load_recipe(recipe).run(_checked(recipe, settings), Silent(), self.workspace)

    def __repr__(self) -> str:
        known = (f"{key} {self.card[key]}" for key in SHOWN if key in self.card)
        return printable(f"{type(self).__name__} {self.name!r}: {', '.join(known)}")


class TeacherHandle(ModelHandle):
    """A teacher of a workspace."""

    def explain(self, question: str, **settings: Any) -> Trace:
        """The tree of relation paths around the question's topic, with the teacher's masses."""
        found: Trace = self._answer(
            "explain_question", teacher=self.name, question=question, **settings
        )
        return found

    def suppose(self, question: str, **settings: Any) -> WhatIf:
        """What it would say with a fact more or less, or a word less; see `WhatIfSettings`."""
        found: WhatIf = self._answer(
            "suppose_otherwise", teacher=self.name, question=question, **settings
        )
        return found


class StudentHandle(ModelHandle):
    """A student of a workspace."""

    def ask(self, question: str, **settings: Any) -> Answer:
        """Answers, and the paths that lead to them with a verdict on every hop."""
        found: Answer = self._answer(
            "answer_question", student=self.name, question=question, **settings
        )
        return found

    def compare(self, question: str, **settings: Any) -> Comparison:
        """Its soft labels for one question beside those of the teacher that it learned from."""
        found: Comparison = self._answer(
            "compare_labels", student=self.name, question=question, **settings
        )
        return found


def open_graph(name: str, workspace: Workspace | None = None) -> KnowledgeGraph:
    """A graph by its name.

    Raises:
        NotFound: If there is none of that name.
        FormatError: If a file is missing or damaged.
    """
    return KnowledgeGraph.open((workspace or Workspace()).open("graphs", name))


def open_teacher(name: str, workspace: Workspace | None = None) -> TeacherHandle:
    """A teacher by its name.

    Raises:
        NotFound: If there is none of that name.
        FormatError: If its card is missing or damaged.
    """
    space = workspace or Workspace()
    return TeacherHandle(name, space, space.read("teachers", name, "card.json"))


def open_student(name: str, workspace: Workspace | None = None) -> StudentHandle:
    """A student by its name.

    Raises:
        NotFound: If there is none of that name.
        FormatError: If its card is missing or damaged.
    """
    space = workspace or Workspace()
    return StudentHandle(name, space, space.read("students", name, "card.json"))


def _checked(recipe: str, values: dict[str, Any]) -> Settings:
    return with_absolute_paths(checked(settings_model(recipe), values))
