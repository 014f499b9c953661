"""Commands that keep house: delete, export, import, disk, prune, devices, supervise."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

import typer

from core.command_line.options import JSON
from core.command_line.output import as_text, facts, print_json, say, show, table
from core.errors import SettingsError
from core.runs import archives
from core.runs.store import devices, housekeeping
from core.runs.store.housekeeping import size
from core.runs.store.store import Store
from core.runs.supervisor import loop, presence
from core.workspace import Workspace

RUN = typer.Argument(..., help="The run's id.")
YES = typer.Option(False, "--yes", help="Do it without asking.")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `runs`."""
    app.command("delete")(delete_run)
    app.command("export")(export_run)
    app.command("import")(import_run)
    app.command("disk")(show_disk)
    app.command("prune")(prune_runs)
    app.command("devices")(show_devices)
    app.command("supervise")(supervise)


def delete_run(run: str = RUN, yes: bool = YES, as_json: bool = JSON) -> None:
    """Delete a run for good, its log and checkpoints too; what it made stays."""
    store = Store(Workspace())
    found = store.run(run)
    if not yes:
        about = as_text(f"Delete the run {run} ({found.title}) for good?")
        typer.confirm(str(about), abort=True, err=True)
    freed = housekeeping.delete_run(store, run)
    if as_json:
        print_json({"run": run, "bytes": freed})
    else:
        say(f"Deleted {run}; {size(freed)} are free again.")


def export_run(
    run: str = RUN,
    to: Path = typer.Option(None, help="The file to write; by default RUN.zip here."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Write a run that is over into one file: settings, events, curves, log, checkpoints."""
    place = (to or Path(f"{run}.zip")).absolute()
    written = archives.export_run(Store(Workspace()), run, place)
    if as_json:
        print_json({"run": run, "file": str(place), "bytes": written})
    else:
        say(f"Wrote {place} ({size(written)}).")


def import_run(
    file: Path = typer.Argument(..., help="A file that `runs export` wrote."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Read a run from a file that was exported, here or elsewhere."""
    run = archives.import_run(Store(Workspace()), file.absolute())
    print_json({"run": run}) if as_json else show(run)


def show_disk(as_json: bool = JSON) -> None:
    """Show what takes how much space in the workspace."""
    use = housekeeping.disk_use(Store(Workspace()))
    if as_json:
        print_json(asdict(use))
        return
    about = {kind: size(taken) for kind, taken in use.kinds.items() if taken}
    about |= {"store": size(use.store), "checkpoints (of runs)": size(use.checkpoints)}
    if use.uploads:
        about["uploads"] = size(use.uploads)
    if use.leftovers:
        about["left by killed processes"] = size(use.leftovers)
    show(facts({**about, "free on this disk": size(use.free)}))
    largest = sorted(use.runs.items(), key=lambda run: -run[1])[:10]
    if largest:
        show(table(["largest runs", ""], [(run, size(taken)) for run, taken in largest]))


def prune_runs(
    days: float = typer.Option(
        30, min=0, max=36_500, help="Runs that ended longer ago than so many days."
    ),
    yes: bool = YES,
    as_json: bool = JSON,
) -> None:
    """Delete old runs, checkpoints of runs that succeeded, and what killed processes left."""
    store = Store(Workspace())
    old = housekeeping.old_runs(store, days)
    if not yes:
        typer.confirm(
            f"Delete {len(old)} runs for good, and what is left over?", abort=True, err=True
        )
    gone, freed = housekeeping.prune(store, days)
    if as_json:
        print_json({"runs": gone, "bytes": freed})
    else:
        say(f"Deleted {len(gone)} runs; {size(freed)} are free again.")


def show_devices(
    changes: list[str] = typer.Argument(None, help="Runs at a time: cpu=2 gpu:0=1 ..."),  # noqa: B008
    as_json: bool = JSON,
) -> None:
    """Show what runs compute on, and change how many a device takes at a time."""
    store = Store(Workspace())
    devices.register(store.database)
    for change in changes or ():
        name, _, slots = change.rpartition("=")
        if not name or not slots.isdecimal() or len(slots) > 9:
            raise SettingsError(
                "{change!r} is no number of runs: write it like cpu=2.", change=change
            )
        devices.set_slots(store.database, name, int(slots))
    there = devices.known(store.database)
    if as_json:
        print_json([asdict(device) for device in there])
    else:
        rows = [(device.name, device.slots, ", ".join(device.runs)) for device in there]
        show(table(["device", "at a time", "runs"], rows))


def supervise(
    end: bool = typer.Option(False, "--end", help="Ask the one that is there to leave."),
    as_json: bool = JSON,
) -> None:
    """Start runs and look after them, in this terminal, until Ctrl-C; runs go on without it."""
    store = Store(Workspace())
    if end:
        left = presence.end(store)
        print_json({"left": left}) if as_json else say("No supervisor is there any more.")
        return
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    worked = loop.supervise(store, idle_seconds=None)
    if as_json:
        print_json({"worked": worked})
    elif not worked:
        say("There is a supervisor already; `runs supervise --end` asks it to leave.")
