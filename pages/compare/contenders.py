"""Who can be compared on a question set: its graph's students and teachers, and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from core.errors import CallerError
from core.remaking import SUMMARIES
from core.results.evaluation import Evaluation
from core.runs.run import ACTIVE, Run
from core.settings import BaselineSettings, EvaluateSettings, Settings
from pages.parts.state import card, names, store, workspace
from pages.parts.text import t_plain

BASELINES: Final[tuple[str, ...]] = get_args(BaselineSettings.model_fields["baseline"].annotation)
RUNS_LOOKED_AT: Final = 500
FOLDERS: Final[Mapping[str, Literal["students", "teachers"]]] = {
    "student": "students",
    "teacher": "teachers",
}


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that can be scored.

    Attributes:
        kind: `student`, `teacher` or `baseline`.
    """

    kind: str
    name: str

    @property
    def id(self) -> str:
        """What stands for it in an address."""
        return f"{self.kind}:{self.name}"

    def words(self) -> str:
        """What a reader calls it, in plain text."""
        if self.kind == "baseline":
            return t_plain(f"compare.baseline.{self.name}")
        return f"{self.name} ({t_plain(f'compare.kind.{self.kind}')})"

    def recipe(self, questions: str, split: str) -> tuple[str, Settings]:
        """The run that scores it, and its settings."""
        asked = {"questions": questions, "split": split}
        if self.kind == "baseline":
            return "score_baseline", BaselineSettings(baseline=self.name, **asked)
        return "evaluate", EvaluateSettings(model=self.name, role=self.kind, **asked)


@dataclass(frozen=True, slots=True)
class Scored:
    """A contender and one evaluation of it.

    Attributes:
        bytes: That it takes on the disk; None of a baseline.
        is_stale: Whether it, or the questions, were made anew since.
    """

    contender: Contender
    found: Evaluation
    bytes: int | None
    is_stale: bool

    @property
    def is_usual(self) -> bool:
        """Whether the contender answered as it answers where nothing else is asked for."""
        return self.found.decoding != "free" and self.found.search == "exact"

    def words(self) -> str:
        """What a reader calls it, in plain text; how it answered, where that is not as usual."""
        way = "" if self.is_usual else f", {self.found.decoding}, {self.found.search}"
        return self.contender.words() + way


def contenders(graph: str) -> tuple[list[Contender], list[CallerError]]:
    """Everything that answers questions about a graph, and what cannot be read."""
    found: list[Contender] = []
    errors: list[CallerError] = []
    for kind, folder in FOLDERS.items():
        for name in names(folder):
            try:
                if card(folder, name).graph == graph:
                    found.append(Contender(kind, name))
            except CallerError as error:
                errors.append(error)
    return [*found, *(Contender("baseline", name) for name in BASELINES)], errors


def evaluations() -> tuple[list[tuple[str, Evaluation]], list[CallerError]]:
    """All that was ever scored, by its name in the workspace, and what cannot be read of it."""
    found: list[tuple[str, Evaluation]] = []
    errors: list[CallerError] = []
    for name in names("evaluations"):
        try:
            found.append((name, card("evaluations", name)))
        except CallerError as error:
            errors.append(error)
    return found, errors


def scored(
    known: Sequence[tuple[str, Evaluation]],
    there: Sequence[Contender],
    questions: str,
    split: str,
) -> list[Scored]:
    """What was scored of some contenders on a part of a question set, the best first."""
    by_id = {one.id: one for one in there}
    found = [
        _scored(by_id[f"{one.kind}:{one.model}"], name, one)
        for name, one in known
        if (one.question_set, one.split) == (questions, split)
        and f"{one.kind}:{one.model}" in by_id
    ]
    return sorted(found, key=lambda one: -one.found.hits_at_1)


def _scored(contender: Contender, name: str, found: Evaluation) -> Scored:
    made = [_made("questions", found.question_set)]
    size = None
    if contender.kind in FOLDERS:
        folder = FOLDERS[contender.kind]
        made.append(_made(folder, contender.name))
        _, size = workspace().extent(folder, contender.name)
    return Scored(contender, found, size, max(made) > _made("evaluations", name))


def _made(kind: str, name: str) -> float:
    """When something was made, in seconds since 1970."""
    folder = workspace().folder(kind, name)  # only looked at: nothing in it is read
    return (folder / SUMMARIES[kind]).stat().st_mtime


def scoring(questions: str, split: str, there: Sequence[Contender]) -> dict[str, Run]:
    """The latest run that scores each contender on a part of a set, by the contender's id.

    Of runs that are over, those that ended well are left out: what they found is kept.
    """
    latest: dict[str, Run] = {}
    recipes = [one.recipe(questions, split) for one in there]
    for recipe in {name for name, _ in recipes}:
        for run in store().runs(RUNS_LOOKED_AT, recipe):
            for one, (its, settings) in zip(there, recipes, strict=True):
                if its == recipe and _is_of(run, settings) and one.id not in latest:
                    latest[one.id] = run
    return {
        name: run for name, run in latest.items() if run.state in ACTIVE or run.error is not None
    }


def _is_of(run: Run, settings: Settings) -> bool:
    """Whether a run scores what these settings score; a run may leave open what is its default."""
    wanted = settings.model_dump(mode="json")
    given = {name: run.settings.get(name) for name in ("model", "baseline", "split")}
    same = all(given[name] == wanted.get(name) for name in given)
    either = ("questions", "role")
    return same and all(run.settings.get(name) in (None, wanted.get(name)) for name in either)
