"""Commands that make something and take their time: each is a run, followed until it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from core import sizing
from core.catalogue import RUNS, Entry
from core.command_line.demo import show_demo
from core.command_line.exported import show_export
from core.command_line.following import follow, start
from core.command_line.options import JSON, settings_command
from core.command_line.output import facts, print_json, say, show
from core.errors import SettingsError
from core.replacing import going
from core.runs.store.store import Store
from core.settings import DistillSettings, ExportSettings, Settings
from core.sources import with_absolute_paths
from core.workspace import Workspace

DETACH = typer.Option(False, "--detach", help="Print the run's id and leave it to itself.")
AFTER = typer.Option(None, "--after", metavar="RUN", help="Begin when this run has succeeded.")
PRIORITY = typer.Option(0, "--priority", help="The higher goes first in the queue.")
ESTIMATE = typer.Option(False, "--estimate", help="Say what it would take, and start nothing.")

Given = dict[str, Any]


DISPLAYS: dict[str, Callable[[Any], None]] = {
    "export_student": show_export,
    "run_demo": show_demo,
}
"""How the results of some recipes are shown; others as their facts."""


def add_to(groups: dict[str, typer.Typer]) -> None:
    """Add a command for every run of the catalogue.

    Args:
        groups: By the first word of a command of two; the empty word: those of one.
    """
    for entry in RUNS.values():
        group, _, name = entry.command.rpartition(" ")
        estimate = _estimate if entry.settings is DistillSettings else None
        before = _say_what_goes if entry.settings is ExportSettings else None
        _add(groups[group], name, entry, DISPLAYS.get(entry.recipe), estimate, before)


def _add(
    app: typer.Typer,
    name: str,
    entry: Entry,
    display: Callable[[Any], None] | None,
    estimate: Callable[[Any], Given] | None,
    before: Callable[[Any], None] | None,
) -> None:
    def action(
        settings: Settings,
        *,
        after: list[str] = AFTER,
        priority: int = PRIORITY,
        detach: bool = DETACH,
        as_json: bool = JSON,
    ) -> None:
        store = Store(Workspace())
        made_absolute = with_absolute_paths(settings)
        if before:
            before(made_absolute)
        handle = start(store, entry.recipe, made_absolute, after=after or (), priority=priority)
        if detach:
            print_json({"run": handle.id}) if as_json else show(handle.id)
            return
        record = follow(handle)
        if as_json:
            print_json({"run": handle.id, **record})
            return
        if display:
            display(entry.result.from_record(record))
        else:
            show(facts({name: value for name, value in record.items() if name != "version"}))
        if entry.then:
            known = settings.model_dump() | record
            say(f"Next: python -m core {entry.then.format_map(known)}")

    def estimated(
        settings: Settings,
        *,
        only_estimate: bool = ESTIMATE,
        after: list[str] = AFTER,
        priority: int = PRIORITY,
        detach: bool = DETACH,
        as_json: bool = JSON,
    ) -> None:
        if estimate is None or not only_estimate:
            action(settings, after=after, priority=priority, detach=detach, as_json=as_json)
            return
        found = estimate(with_absolute_paths(settings))
        print_json(found) if as_json else show(facts(found))

    asked = action if estimate is None else estimated
    named = _named(entry) if entry.name else None
    command = settings_command(entry.settings, asked, arguments=entry.arguments, default_name=named)
    app.command(name)(command)


def _estimate(settings: DistillSettings) -> Given:
    """Size, memory and time of a distillation.

    Raises:
        NotFound: If the teacher or the questions do not exist.
        SettingsError: If nothing is known of the student before it is downloaded.
    """
    found = sizing.estimate(settings, sizing.training_questions(settings, Workspace()))
    if found is None:
        raise SettingsError(
            "Nothing is known of {student!r} before it is downloaded; the run itself "
            "says how long it takes after its first steps.",
            student=settings.student,
        )
    return sizing.told(found)


def _say_what_goes(settings: ExportSettings) -> None:
    """Say what an export writes over before it begins.

    Raises:
        CallerError: If it must not be written there.
    """
    if settings.to is None:
        return
    old = going(Path(settings.to), Workspace(), replace=settings.replace)
    if old.files:
        say(f"The earlier export at {settings.to} goes: {old}.")


def _named(entry: Entry) -> Callable[[Workspace, Given], str]:
    """A name made from the other settings; a free one unless the old thing is to be replaced."""

    def name(workspace: Workspace, given: Given) -> str:
        known = {**given, "file": _file_stem(given)} if given.get("files") else given
        made = entry.name.format_map(known)
        return made if given.get("replace") else workspace.free_name(entry.makes, made)

    return name


def _file_stem(given: Given) -> str:
    stem = Path(given["files"][0]).name.partition(".")[0]
    return re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:60] or "imported"
