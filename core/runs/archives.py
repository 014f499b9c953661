"""A run as one file, to keep or to show elsewhere: its rows as JSON and its folder, zipped.

    run.json              the run                 events.jsonl, metrics.jsonl, controls.jsonl
    files/...             its folder: log, request, result, checkpoints

What it made in the workspace (a student, say) is no part of it.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import struct
import time
import unicodedata
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from core.catalogue import RUNS
from core.containment import within
from core.errors import AlreadyExists, FormatError, NotFound, SettingsError
from core.foreign_files import lines_of, open_foreign, parse_json
from core.runs.archived_rows import (
    RESULTS,
    ControlRow,
    EventRow,
    JobRow,
    MetricRow,
    Result,
    Row,
    read_as,
)
from core.runs.store import run_rows
from core.runs.store.store import Store, plain
from core.runs.store.tables import HEAD
from core.settings import checked, renamed
from core.workspace import checked_name, writing

FORMAT = "pathdistill-run"
ROWS: dict[str, tuple[str, type[Row]]] = {
    "events.jsonl": ("events", EventRow),
    "metrics.jsonl": ("metrics", MetricRow),
    "controls.jsonl": ("controls", ControlRow),
}
"""By file: the table that it holds, and what a row of it may be."""

LARGEST_ARCHIVE = 1 << 40
LARGEST_CONTENTS = 4 << 20
"""Bytes of a zip file's table of contents, which is read as a whole."""
LARGEST_JSON = 16 << 20
"""Bytes of run.json."""
MOST_FILES = 10_000
DEEPEST = 8
"""Folders in each other."""
MOST_RATIO = 200
"""By how much more room an archive may take unpacked; weights hardly shrink, logs by 50."""
ALWAYS_BYTES = 64 << 20
"""What any archive may take unpacked."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1
_CHUNK = 1 << 20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises about files that are none, or are damaged."""


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
        raise SettingsError(
            "The run {run_id} is {state}: only one that is over can be kept.",
            run_id=run_id,
            state=run.state,
        )
    if place.exists():
        raise AlreadyExists("There is a file {place} already: choose another name.", place=place)
    draft = place.with_name(f".{place.name}.part")
    folder = store.workspace.root / "runs" / run_id
    with writing(place.parent):
        try:
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                about = {"format": FORMAT, "tables": HEAD, "run": _job(store, run_id)}
                archive.writestr("run.json", _written(about))
                for name, (table, _) in ROWS.items():
                    with archive.open(name, "w") as file:
                        for row in run_rows.rows(store.database, table, run_id):
                            file.write(_written(row) + b"\n")
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not path.is_symlink():
                        # Weights hardly shrink, and where they do (zeros), it looks like a bomb.
                        how = zipfile.ZIP_STORED if path.suffix == ".safetensors" else None
                        name = f"files/{path.relative_to(folder).as_posix()}"
                        archive.write(path, name, how)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
    return place.stat().st_size


def import_run(store: Store, place: Path) -> str:
    """Read a run from a zip file that `export_run` wrote.

    Everything in it is checked before anything is written. No code comes with a run: its recipe is
    one of PathDistill's own, with settings that this takes.

    Returns:
        The id of the run.

    Raises:
        FormatError: If the file is none of ours, is damaged, is larger than it looks, or holds what
            no run holds.
        AlreadyExists: If there is a run of that id.
        WorkspaceError: If the workspace cannot be written.
    """
    try:
        with _InPieces(open_foreign(place, LARGEST_ARCHIVE).detach()) as file:
            with zipfile.ZipFile(file) as archive:
                return _read(store, archive, place)
    except _DAMAGE as error:
        raise FormatError(
            "{place} is no run that was exported: {error}.", place=place, error=error
        ) from error


class _InPieces(io.BufferedReader):
    """A file that gives no large piece at once, whatever its table of contents says."""

    def read(self, size: int | None = -1, /) -> bytes:
        asked = LARGEST_CONTENTS + 1 if size is None or size < 0 else size
        data = super().read(min(asked, LARGEST_CONTENTS + 1))
        if len(data) > LARGEST_CONTENTS:
            raise zipfile.BadZipFile("its table of contents is too large")
        return data


def _read(store: Store, archive: zipfile.ZipFile, place: Path) -> str:
    files = _files(archive, place)
    job, left_out = _checked_job(archive, place)
    if store.workspace.exists("runs", job["id"]) or _is_known(store, job["id"]):
        raise AlreadyExists("There is a run {id} already: delete it first.", id=job["id"])
    for name in ROWS:
        for _ in _read_rows(archive, name, place):
            pass
    for member in files.values():
        _copy(archive, member, None)
    folder = store.workspace.root / "runs" / job["id"]
    draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    with writing(folder):
        try:
            draft.mkdir(parents=True)
            for path, member in files.items():
                target = within(draft, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(archive, member, target)
            with run_rows.adding(store.database, job, _tables(archive, left_out, place)):
                draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return str(job["id"])


def _files(archive: zipfile.ZipFile, place: Path) -> dict[str, zipfile.ZipInfo]:
    """The files of the run's folder by their path in it, all of them names and sizes that may be.

    Raises:
        FormatError: If a member has no place in a run, or is larger than it may be.
    """
    members = archive.infolist()
    packed = place.stat().st_size
    whole = sum(member.file_size for member in members)
    if len(members) > MOST_FILES:
        raise FormatError(
            "{place} holds {count:,} files, a run at most {most_files:,}.",
            place=place,
            count=len(members),
            most_files=MOST_FILES,
        )
    if whole > max(ALWAYS_BYTES, MOST_RATIO * packed):
        raise FormatError(
            "{place} has {packed:,} bytes and would become {whole:,}: nothing was unpacked.",
            place=place,
            packed=packed,
            whole=whole,
        )
    taken: dict[str, tuple[str, bool]] = {}  # what a part of a name is: its letters, and a folder
    files: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = member.filename
        if _is_folder(member):
            continue
        _check_member(member, place)
        for part in (name, *map(str, PurePosixPath(name).parents)):
            same = unicodedata.normalize("NFC", part).casefold()
            now = (part, part != name)
            if name in files or taken.setdefault(same, now) != now:
                raise FormatError(
                    "{place} holds {name!r} twice, or as a file and as a folder.",
                    place=place,
                    name=name,
                )
        files[name] = member
    return {
        name.removeprefix("files/"): member
        for name, member in files.items()
        if name.startswith("files/")
    }


def _is_folder(member: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return member.is_dir() and not member.file_size and kind in (0, stat.S_IFDIR)


def _check_member(member: zipfile.ZipInfo, place: Path) -> None:
    name = member.filename
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise FormatError(
            "{place} holds a link, folder or device in place of a file: {name!r}.",
            place=place,
            name=name,
        )
    if member.flag_bits & _ENCRYPTED or member.compress_type not in _METHODS:
        raise FormatError(
            "{place} holds {name!r} packed in a way that no run is.", place=place, name=name
        )
    if member.orig_filename != name or name.count("/") > DEEPEST:
        raise FormatError(
            "{place} holds a file in no place for one: {name!r}.", place=place, name=name
        )
    try:
        within(Path("run"), name)
    except FormatError as error:
        raise FormatError(
            "{place} names a file outside of the run. {error}", place=place, error=error
        ) from error


def _checked_job(archive: zipfile.ZipFile, place: Path) -> tuple[dict[str, Any], list[str]]:
    """The columns of the run, and what of its settings this version does not know."""
    with _opened(archive, "run.json", place) as file:
        about = _parsed(file.read(LARGEST_JSON + 1), f"{place}, run.json")
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise FormatError("{place} is no run that was exported.", place=place)
    if str(about.get("tables")) > HEAD:
        raise FormatError(
            "{place} was written by a newer version of PathDistill: use that one.", place=place
        )
    job = read_as(JobRow, about.get("run"), f"{place}, run.json")
    if not job.state.is_over:
        raise FormatError(
            "{place} holds a run that is not over ({state!r}).", place=place, state=str(job.state)
        )
    checked_name(job.id)
    if job.recipe not in RUNS:
        raise FormatError(
            "{place} holds a run of {recipe!r}, which is no recipe of PathDistill: it "
            "could be any code on this machine.",
            place=place,
            recipe=job.recipe[:60],
        )
    if job.result is not None:
        kind = RESULTS.get(job.recipe, Result)
        read_as(kind, job.result, f"{place}, run.json, result")
    model = RUNS[job.recipe].settings
    given = renamed(model, job.settings)
    known = {name: value for name, value in given.items() if name in model.model_fields}
    try:
        settings = checked(model, known).model_dump(mode="json", exclude_unset=True)
    except SettingsError as error:
        raise FormatError("{place}, run.json: {error}", place=place, error=error) from error
    return {**job.model_dump(), "settings": settings}, sorted(set(given) - set(known))


def _tables(
    archive: zipfile.ZipFile, left_out: list[str], place: Path
) -> dict[str, Iterator[dict[str, Any]]]:
    """By table, the rows of the run; that settings were left out is a warning among its events."""
    tables: dict[str, Iterator[dict[str, Any]]] = {
        table: (row.model_dump() for row in _read_rows(archive, file, place))
        for file, (table, _) in ROWS.items()
    }
    if left_out:
        message = f"Unknown settings were left out: {', '.join(left_out)}."
        warning = {"at": time.time(), "kind": "warning", "payload": {"message": message}}
        tables["events"] = chain(tables["events"], [warning])
    return tables


def _is_known(store: Store, run_id: str) -> bool:
    with suppress(NotFound):
        return bool(store.run(run_id))
    return False


def _read_rows(archive: zipfile.ZipFile, name: str, place: Path) -> Iterator[Row]:
    """Rows of a table, each of them checked."""
    with _opened(archive, name, place) as file:
        for number, line in enumerate(lines_of(file, f"{place}, {name}"), 1):
            where = f"{place}, {name}, line {number}"
            yield read_as(ROWS[name][1], _parsed(line, where), where)


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path | None) -> None:
    """Unpack a member, or only see that it can be and is as large as it says."""
    with archive.open(member) as source:
        with (target or Path(os.devnull)).open("wb") as sink:
            shutil.copyfileobj(source, sink, _CHUNK)


@contextmanager
def _opened(archive: zipfile.ZipFile, name: str, place: Path) -> Iterator[BinaryIO]:
    if name not in archive.namelist():
        raise FormatError(
            "{place} is no run that was exported: it has no {name}.", place=place, name=name
        )
    with archive.open(name) as file:
        yield cast(BinaryIO, file)


def _parsed(data: bytes, where: str) -> Any:
    try:
        return parse_json(data)
    except ValueError as error:
        raise FormatError("{where} is not JSON: {error}.", where=where, error=error) from error


def _job(store: Store, run_id: str) -> dict[str, Any]:
    row = run_rows.job_row(store.database, run_id)
    return {name: value for name, value in row.items() if name in JobRow.model_fields}


def _written(value: Any) -> bytes:
    """A value as JSON that can be read again: no NaN, and no half characters."""
    return json.dumps(plain(value), ensure_ascii=False).encode("utf-8", "replace")
