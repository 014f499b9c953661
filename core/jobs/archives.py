"""A run as one file, to keep or to show elsewhere: its rows as JSON and its folder, zipped.

    run.json              the run                 events.jsonl, metrics.jsonl, controls.jsonl
    files/...             its folder: log, request, result, checkpoints

What it made in the workspace (a student, say) is no part of it.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from core.errors import AlreadyExists, FormatError, NotFound, SettingsError
from core.jobs.runs import RunState
from core.jobs.store import Store
from core.jobs.tables import HEAD, controls, events, jobs, metrics
from core.workspace import checked_name, writing

FORMAT = "pathdistill-run"
ROWS = {"events.jsonl": events, "metrics.jsonl": metrics, "controls.jsonl": controls}
_LOCAL = {"slot", "pid", "process_started", "machine"}  # means nothing elsewhere


def export_run(store: Store, run_id: str, place: Path) -> int:
    """Write a run into a zip file.

    Returns:
        The size of the file in bytes.

    Raises:
        NotFound: If there is no such run.
        SettingsError: If it is not over.
        AlreadyExists: If the file is there already.
        WorkspaceError: If it cannot be written.
    """
    run = store.run(run_id)
    if not run.state.is_over:
        raise SettingsError(f"The run {run_id} is {run.state}: only one that is over can be kept.")
    if place.exists():
        raise AlreadyExists(f"There is a file {place} already: choose another name.")
    draft = place.with_name(f".{place.name}.part")
    folder = store.workspace.root / "runs" / run_id
    with writing(place.parent):
        try:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                about = {"format": FORMAT, "tables": HEAD, "run": _job(store, run_id)}
                archive.writestr("run.json", json.dumps(about, ensure_ascii=False, indent=1))
                for name, table in ROWS.items():
                    with archive.open(name, "w") as file:
                        for row in _rows(store, table, run_id):
                            file.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not path.is_symlink():
                        archive.write(path, f"files/{path.relative_to(folder).as_posix()}")
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    return place.stat().st_size


def import_run(store: Store, place: Path) -> str:
    """Read a run from a zip file that `export_run` wrote.

    Returns:
        The id of the run.

    Raises:
        FormatError: If the file is none of ours, is damaged, or names files outside of the run.
        AlreadyExists: If there is a run of that id.
        WorkspaceError: If the workspace cannot be written.
    """
    try:
        with zipfile.ZipFile(place) as archive:
            return _read(store, archive, place)
    except FileNotFoundError as error:
        raise FormatError(f"There is no file {place}.") from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, StatementError) as error:
        raise FormatError(f"{place} is no run that was exported: {error}.") from error


def _read(store: Store, archive: zipfile.ZipFile, place: Path) -> str:
    about = json.loads(archive.read("run.json"))
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise FormatError(f"{place} is no run that was exported.")
    if str(about.get("tables")) > HEAD:
        raise FormatError(f"{place} was written by a newer version of PathDistill: use that one.")
    known = {column.name for column in jobs.c}
    job = {name: value for name, value in dict(about["run"]).items() if name in known}
    run_id = checked_name(str(job["id"]))
    if job.get("state") not in [state for state in RunState if state.is_over]:
        raise FormatError(f"{place} holds a run that is not over ({job.get('state')!r}).")
    files = [name for name in archive.namelist() if name.startswith("files/")]
    for name in files:
        if ".." in PurePosixPath(name).parts or "\\" in name or name.startswith("/"):
            raise FormatError(f"{place} names a file outside of the run: {name!r}.")
    folder = store.workspace.root / "runs" / run_id
    with suppress(NotFound):
        store.run(run_id)
        raise AlreadyExists(f"There is a run {run_id} already: delete it first.")
    rows = {name: [json.loads(line) for line in archive.open(name)] for name in ROWS}
    with writing(folder):
        folder.mkdir(parents=True)
        try:
            for name in files:
                path = folder / PurePosixPath(name).relative_to("files")
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, path.open("wb") as target:
                    shutil.copyfileobj(source, target)
            _insert(store, job, rows)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return run_id


def _insert(store: Store, job: dict[str, Any], rows: dict[str, list[dict[str, Any]]]) -> None:
    with store.database.writing() as connection:
        connection.execute(insert(jobs).values(**job))
        for name, table in ROWS.items():
            wanted = {column.name for column in table.c} - {"id", "run", "token"}
            kept = [
                {key: row.get(key) for key in wanted} | {"run": job["id"]} for row in rows[name]
            ]
            if kept:
                connection.execute(insert(table), kept)


def _job(store: Store, run_id: str) -> dict[str, Any]:
    with store.database.reading() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == run_id)).one()
    return {name: value for name, value in row._mapping.items() if name not in _LOCAL}


def _rows(store: Store, table: Any, run_id: str) -> Iterator[dict[str, Any]]:
    """Rows of a run, page by page."""
    last = 0
    columns = [column for column in table.c if column.name not in ("run", "token")]
    while True:
        beyond = select(*columns).where(table.c.run == run_id, table.c.id > last)
        with store.database.reading() as connection:
            page = connection.execute(beyond.order_by(table.c.id).limit(10_000)).all()
        if not page:
            return
        last = page[-1].id
        yield from ({k: v for k, v in row._mapping.items() if k != "id"} for row in page)
