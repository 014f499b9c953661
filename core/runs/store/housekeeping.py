"""Disk use of runs, and what may go: single runs, old ones, and what killed processes left."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import delete as delete_rows
from sqlalchemy import select

from core import drafts
from core.checkpoints import FOLDER
from core.errors import SettingsError
from core.runs.run import ACTIVE, Run, RunState
from core.runs.store.store import Store
from core.runs.store.tables import jobs, needs
from core.sources import UPLOADS, upload_folder, uploads_named
from core.workspace import KINDS, writing

DAY = 24 * 3600.0
UNITS = ("B", "kB", "MB", "GB", "TB")
DEPTH = 3
"""How deep in the workspace things are made: `runs/<id>/checkpoints/`."""
CLOCK_SECONDS = 2.0
"""By so much the clocks of a disk and of a process may differ."""


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on disk.

    Attributes:
        kinds: By kind of thing in the workspace: graphs, teachers, runs ...
        runs: By run; its checkpoints are among it.
        checkpoints: Of all runs.
        leftovers: Half-made folders of processes that were killed.
        uploads: What browsers sent, until it is imported.
        store: The database, where it is a file.
        free: What the disk has left.
    """

    kinds: dict[str, int]
    runs: dict[str, int]
    checkpoints: int
    leftovers: int
    uploads: int
    store: int
    free: int


def disk_use(store: Store) -> DiskUse:
    """What the workspace takes."""
    root = store.workspace.root
    runs = {path.name: _bytes(path) for path in _folders(root / "runs")}
    return DiskUse(
        kinds={kind: _bytes(root / kind) for kind in KINDS},
        runs=runs,
        checkpoints=sum(_bytes(root / "runs" / run / FOLDER) for run in runs),
        leftovers=sum(map(_bytes, leftovers(store))),
        uploads=_bytes(root / UPLOADS),
        store=sum(path.stat().st_size for path in root.glob("store.sqlite*")),
        free=shutil.disk_usage(root).free,
    )


def clear_drafts(store: Store) -> list[Path]:
    """Remove what killed processes left half made, here and where exports were to go.

    Returns:
        What is gone.

    Raises:
        WorkspaceError: If something cannot be removed.
    """
    gone: list[Path] = []
    for place in _places_of_drafts(store):
        with writing(place):
            gone += drafts.clear(place)
    return gone


def leftovers(store: Store) -> list[Path]:
    """What is half made and nobody's.

    Drafts of this machine are so once their writer has ended, other hidden folders when they are
    older than every run that goes on.
    """
    working = store.runs(limit=10_000, states=ACTIVE)
    oldest = min([run.started or run.created for run in working], default=time.time())
    hidden = [
        path
        for kind in KINDS
        for path in _folders(store.workspace.root / kind, hidden=True)
        if not drafts.is_ours(path) and path.stat().st_mtime < oldest - CLOCK_SECONDS
    ]
    return sorted([*hidden, *chain(*map(drafts.abandoned, _places_of_drafts(store)))])


def delete_run(store: Store, run_id: str) -> int:
    """Remove a run for good: its rows, log and checkpoints; what it made in the workspace stays.

    Returns:
        The bytes that its folder took.

    Raises:
        NotFound: If there is no such run.
        SettingsError: If it is not over, or another run waits for it.
        WorkspaceError: If its folder cannot be removed.
    """
    run = store.run(run_id)
    if not run.state.is_over:
        raise SettingsError(
            "The run {run_id} is {state}: stop it first.", run_id=run_id, state=run.state
        )
    waiting = select(needs.c.run).join(jobs, jobs.c.id == needs.c.run)
    waiting = waiting.where(needs.c.on == run_id, jobs.c.state == RunState.QUEUED)
    with store.database.reading() as connection:
        waits = connection.scalars(waiting).first()
    if waits is not None and run.state is not RunState.SUCCEEDED:
        raise SettingsError(
            "The run {waits} waits for {run_id}: stop that one first.", waits=waits, run_id=run_id
        )
    folder = store.workspace.root / "runs" / run_id
    size = _bytes(folder)
    with writing(folder):
        if folder.is_dir():
            shutil.rmtree(folder)
    with store.database.writing() as connection:
        connection.execute(delete_rows(jobs).where(jobs.c.id == run_id))
    return size + _remove_uploads(store, _uploads_of(run))


def clear_uploads(store: Store) -> int:
    """Remove uploads that no run needs any more: it was deleted or has succeeded, or never began.

    Those of the last hour stay: a page may be about to submit the run that reads them.

    Returns:
        The bytes that are free again.
    """
    folder, before = store.workspace.root / UPLOADS, time.time() - 3600
    old = {path.name for path in _folders(folder) if path.stat().st_mtime < before}
    return _remove_uploads(store, old)


def _remove_uploads(store: Store, numbers: set[str]) -> int:
    """Remove uploads but for those that a run still needs, be it to be tried again."""
    over = RunState.SUCCEEDED
    needed = [_uploads_of(run) for run in store.runs(limit=100_000) if run.state is not over]
    unneeded = numbers.difference(*needed)
    folders = [upload_folder(store.workspace, number) for number in unneeded]
    freed = sum(map(_bytes, folders))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return freed


def _uploads_of(run: Run) -> set[str]:
    values = run.settings.values()
    return uploads_named(one for v in values for one in (v if isinstance(v, list) else [v]))


def old_runs(store: Store, days: float) -> list[Run]:
    """Runs that ended more than so many days ago, oldest first."""
    before = time.time() - days * DAY
    over = [state for state in RunState if state.is_over]
    ended = [run for run in store.runs(limit=100_000, states=over) if (run.ended or 0) < before]
    return ended[::-1]


def prune(store: Store, days: float) -> tuple[list[str], int]:
    """Remove runs that ended more than so many days ago, and what killed processes left behind.

    A succeeded run that is younger gives up its checkpoints: nothing goes on from them by itself.

    Returns:
        The runs that are gone, and the bytes that are free again.

    Raises:
        WorkspaceError: If something cannot be removed.
    """
    gone, freed = [], sum(map(_bytes, leftovers(store))) + clear_uploads(store)
    clear_drafts(store)
    for run in old_runs(store, days):
        freed += delete_run(store, run.id)
        gone.append(run.id)
    succeeded = store.runs(limit=100_000, states=(RunState.SUCCEEDED,))
    kept = [store.workspace.root / "runs" / run.id / FOLDER for run in succeeded]
    freed += sum(map(_bytes, kept))
    for folder in [*leftovers(store), *(path for path in kept if path.is_dir())]:
        with writing(folder):
            shutil.rmtree(folder)
    return gone, freed


def size(count: int) -> str:
    """Bytes in words, e.g. `1.2 MB`."""
    value, unit = float(count), 0
    while value >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.0f} {UNITS[unit]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _places_of_drafts(store: Store) -> set[Path]:
    """Folders in which things are made: temporary, of the workspace, and those of exports."""
    root = store.workspace.root
    found = {root, Path(tempfile.gettempdir())}
    for place, folders, _ in os.walk(root):
        inside = [name for name in folders if not name.startswith(".")]
        depth = len(Path(place).relative_to(root).parts)
        folders[:] = inside if depth < DEPTH - 1 else []
        found |= {Path(place, name) for name in inside}
    exports = store.runs(limit=100_000, recipe="export_student")
    return found | {Path(run.settings["to"]).parent for run in exports if run.settings.get("to")}


def _folders(place: Path, hidden: bool = False) -> Iterator[Path]:
    if place.is_dir():
        for path in sorted(place.iterdir()):
            if path.is_dir() and path.name.startswith(".") == hidden:
                yield path


def _bytes(folder: Path) -> int:
    """What the files in a folder take; those that go away meanwhile count for nothing."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += (Path(place) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
