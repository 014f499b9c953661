"""Commands that make something and take their time: each is a run, followed until it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import typer

from core import sizing
from core.addresses import endpoint_url
from core.catalogue import RUNS, Entry
from core.command_line.asking import show_change
from core.command_line.checked_graph import show_check
from core.command_line.demo import show_demo
from core.command_line.exported import show_export
from core.command_line.following import follow, start
from core.command_line.options import JSON, settings_command
from core.command_line.output import as_text, facts, print_json, say, show, table
from core.command_line.shown_rules import show_rules
from core.command_line.swept import show_sweep
from core.command_line.weak_spots import show_weak_spots
from core.errors import SettingsError
from core.replacing import going
from core.runs.store.store import Store
from core.settings import DistillSettings, ExportSettings, GraphImportSettings, Settings
from core.sources import with_absolute_paths
from core.workspace import Workspace

DETACH = typer.Option(False, "--detach", help="Print the run's id and leave it to itself.")
AFTER = typer.Option(None, "--after", metavar="RUN", help="Begin when this run has succeeded.")
PRIORITY = typer.Option(0, "--priority", help="The higher goes first in the queue.")
ESTIMATE = typer.Option(False, "--estimate", help="Say what it would take, and start nothing.")
PREVIEW = typer.Option(
    False,
    "--preview",
    help="Show the first facts as they would be read, or what an update would change, and start "
    "nothing.",
)

Given = dict[str, Any]


class Look(NamedTuple):
    """What a command shows instead of starting a run.

    Attributes:
        option: Asks for it.
        show: Shows it, given the settings and whether as JSON.
    """

    option: Any
    show: Callable[[Any, bool], None]


DISPLAYS: dict[str, Callable[[Any], None]] = {
    "check_graph": show_check,
    "export_student": show_export,
    "find_hard": show_weak_spots,
    "find_rules": show_rules,
    "run_demo": show_demo,
    "sweep_knobs": show_sweep,
}
"""How the results of some recipes are shown; others as their facts."""


def add_to(groups: dict[str, typer.Typer]) -> None:
    """Add a command for every run of the catalogue.

    Args:
        groups: By the first word of a command of two; the empty word: those of one.
    """
    for entry in RUNS.values():
        group, _, name = entry.command.rpartition(" ")
        look = LOOKS.get(entry.settings)
        before = _say_what_goes if entry.settings is ExportSettings else None
        _add(groups[group], name, entry, DISPLAYS.get(entry.recipe), look, before)


def _add(
    app: typer.Typer,
    name: str,
    entry: Entry,
    display: Callable[[Any], None] | None,
    look: Look | None,
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

    def looking(
        settings: Settings,
        *,
        only_look: bool = look.option if look else False,
        after: list[str] = AFTER,
        priority: int = PRIORITY,
        detach: bool = DETACH,
        as_json: bool = JSON,
    ) -> None:
        if look is None or not only_look:
            action(settings, after=after, priority=priority, detach=detach, as_json=as_json)
        else:
            look.show(with_absolute_paths(settings), as_json)

    asked = action if look is None else looking
    named = _named(entry) if entry.name else None
    command = settings_command(entry.settings, asked, arguments=entry.arguments, default_name=named)
    app.command(name)(command)


def _estimate(settings: DistillSettings, as_json: bool) -> None:
    """Show size, memory and time of a distillation.

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
    told = sizing.told(found)
    print_json(told) if as_json else show(facts(told))


def _preview(settings: GraphImportSettings, as_json: bool) -> None:
    """Show the first facts of files.

    Raises:
        FormatError: If one is no graph.
    """
    from core.graph.import_report import DOUBTS
    from core.graph.readers.preview import preview

    if settings.sparql:
        raise SettingsError("A preview reads files; an endpoint is read as it is.")
    if settings.update != "new":
        from core.graph.updating import look

        change = look(Workspace(), settings.name, settings.files, settings.columns, settings.update)
        print_json(change.as_record()) if as_json else show_change(change)
        return
    found = preview(settings.files, settings.columns)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        show(as_text(one.file if one.facts else f"{one.file}: labels", "bold"))
        if one.facts:
            show(table(["head", "relation", "tail"], one.facts))
        if one.doubt:
            say(DOUBTS[one.doubt].format(file=one.file))


LOOKS: dict[type[Settings], Look] = {
    DistillSettings: Look(ESTIMATE, _estimate),
    GraphImportSettings: Look(PREVIEW, _preview),
}
"""What some commands show, instead of starting a run, where they are asked to."""


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
        has_file = given.get("files") or given.get("sparql")
        usual = {name: field.default for name, field in entry.settings.model_fields.items()}
        known = {**usual, **given, **({"file": _file_stem(given)} if has_file else {})}
        made = entry.name.format_map(known)
        return made if given.get("replace") else workspace.free_name(entry.makes, made)

    return name


def _file_stem(given: Given) -> str:
    if given.get("files"):
        stem = Path(given["files"][0]).name.partition(".")[0]
    else:  # an endpoint is called by its host
        stem = urlsplit(endpoint_url(given["sparql"])).hostname or ""
    return re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:60] or "imported"
