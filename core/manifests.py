"""What was written is what is read: a manifest beside the files of a folder, and its check.

    manifest.json   {"format": 1, "kind": "graphs", "name": "films",
                     "files": {"edges.arrow": {"bytes": 81920, "sha256": "..."}, ...},
                     "sha256": "..."}        of the manifest itself, without this entry

Files go by their paths in the folder, with `/`. A manifest covers all of them but hidden ones, and
folders with a manifest of their own: those were put there later and are checked when they are
opened (the index of a graph's names, the spelled soft targets of labels).

A file is hashed once per identity: device, inode, size, and the times of its last change (which is
the system's own, and cannot be set back). A process remembers what it has checked, and of large
files the next process does too, from `.checked.json` beside the folder: a note that saves time and
is believed only where hash and identity still agree. A disk that changes bytes beneath the file
system alters no identity; that is found when a file is hashed anew, by `python -m core check`.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.drafts import new_file
from core.messages import Message

MANIFEST = "manifest.json"
FORMAT = 1
REMEMBERED = ".checked.json"
LARGE = 2**20
"""Bytes from which on a file's hash is remembered from process to process."""
SETTLED_NS = 2_000_000_000
"""A file that changed so recently may change again without another time of change to show it."""

Identity = tuple[int, int, int, int, int]
"""Device, inode, size, nanoseconds of the last change of content, and of anything."""

Stamp = tuple[tuple[str, Identity], ...]

_checked: dict[tuple[str, str | None], Stamp] = {}
"""What this process has found right: of a folder, or of one file of it, the identity of every path
that it looked at, folders among them, whose change tells of files that come or go."""


def seal(folder: Path, **about: Any) -> None:
    """Write the manifest of all files in a folder.

    Args:
        folder: What was made.
        about: What else the manifest says, e.g. its kind and name.

    Raises:
        OSError: If a file cannot be read or the manifest not be written.
    """
    files = {
        name: {"bytes": identity[2], "sha256": file_hash(folder / name)}
        for name, identity in stamp(folder)
        if name != MANIFEST
    }
    record = {"format": FORMAT, **about, "files": files}
    whole = {**record, "sha256": _own_hash(record)}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def is_sealed(folder: Path) -> bool:
    """Whether a folder has a manifest; what was made before hashes were kept has none."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the manifest of a folder says.

    Raises:
        ValueError: If it is missing, damaged, or of a format that this version does not know.
    """
    try:
        record: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        own = record.pop("sha256", None)
        # The manifests of the first checkpoints had neither a format nor a hash of their own.
        is_first = own is None and "format" not in record and "step" in record
        if not is_first and own != _own_hash(record):
            raise ValueError(Message("{manifest} is not what was written", manifest=MANIFEST))
        record["files"] = {
            name: {"bytes": entry["bytes"], "sha256": entry["sha256"]}
            for name, entry in record["files"].items()
        }
    except FileNotFoundError as error:
        raise ValueError(Message("{manifest} is missing", manifest=MANIFEST)) from error
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(
            Message("{manifest} is not what was written", manifest=MANIFEST)
        ) from error
    if record.get("format", FORMAT) != FORMAT:
        raise ValueError(
            Message("{manifest} was written by a newer version of PathDistill", manifest=MANIFEST)
        )
    return record


def what_is_wrong(folder: Path, only: str | None = None, *, anew: bool = False) -> Message | None:
    """How a folder differs from what was written, as part of a sentence; None if it does not.

    Args:
        folder: A folder with a manifest; one without is wrong.
        only: Look at this one file, whatever became of the others.
        anew: Hash every file, whatever is remembered.
    """
    if not anew and is_known(folder, only):
        return None
    looked_at = [] if only else [(path, identity(os.lstat(path))) for path in _folders(str(folder))]
    seen = stamp(folder, only)
    now = time.time_ns()
    try:
        wanted = read_manifest(folder)["files"]
    except ValueError as error:
        finding: Message = error.args[0]  # as `read_manifest` raises it
        return finding
    there = dict(seen)
    there.pop(MANIFEST)
    if only is None and (extra := sorted(there.keys() - wanted.keys())):
        return Message("{extra} was not there when it was made", extra=extra[0])
    for name in wanted if only is None else (only,):
        if name not in there or name not in wanted:
            return Message("{name} is missing", name=name)
    if changed := _changed(folder, there, wanted, anew):
        return Message("{changed} is not what was written", changed=changed)
    looked_at += [(f"{folder}/{name}", found) for name, found in seen]
    if all(_is_settled(found, now) for _, found in looked_at):
        _checked[str(folder), only] = tuple(looked_at)
    return None


def is_known(folder: Path, only: str | None = None) -> bool:
    """Whether this process has found a folder, or one file of it, right as it is now."""
    known = _checked.get((str(folder), only))
    if known is None:
        return False
    try:
        for path, found in known:  # as lean as can be: it is done whenever something is opened
            if identity(os.lstat(path)) != found:
                return False
    except OSError:
        return False
    return True


def stamp(folder: Path, only: str | None = None) -> Stamp:
    """The identity of every file that a manifest covers, and of the manifest, sorted by path."""
    if only is None:
        return tuple(sorted(_walk(str(folder), "")))
    found = ((name, folder / name) for name in sorted({MANIFEST, only}))
    return tuple((name, identity(path.lstat())) for name, path in found if path.exists())


def identity(status: os.stat_result) -> Identity:
    """What tells a file, and its state, from any other."""
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def file_hash(file: Path) -> str:
    """SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: If it cannot be read, or is no plain file.
    """
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _folders(folder: str) -> Iterator[str]:
    """A folder and those in it that its manifest covers."""
    yield folder
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_covered_folder(entry):
                yield from _folders(entry.path)


def _is_covered_folder(entry: os.DirEntry[str]) -> bool:
    is_folder = entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
    return is_folder and not Path(entry.path, MANIFEST).exists()


def _walk(folder: str, before: str) -> Iterator[tuple[str, Identity]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield before + entry.name, identity(entry.stat(follow_symlinks=False))
            elif _is_covered_folder(entry):
                yield from _walk(entry.path, f"{before}{entry.name}/")


def _changed(
    folder: Path, there: Mapping[str, Identity], wanted: Mapping[str, Any], anew: bool
) -> str | None:
    """The first file that is not what was written."""
    known = {} if anew else _remembered(folder.parent)
    new: dict[str, Any] = {}
    now = time.time_ns()
    for name, found in there.items():
        path, entry = folder / name, wanted[name]
        if found[2] != entry["bytes"] or not stat.S_ISREG(path.lstat().st_mode):
            return name
        note = [*found, entry["sha256"]]
        key = f"{folder.name}/{name}"
        if found[2] >= LARGE and known.get(key) == note:
            continue
        if file_hash(path) != entry["sha256"]:
            return name
        if found[2] >= LARGE and _is_settled(found, now):
            new[key] = note
    if new:
        _remember(folder.parent, new)
    return None


def _is_settled(found: Identity, now: int) -> bool:
    return found[4] < now - SETTLED_NS


def _remembered(place: Path) -> dict[str, Any]:
    try:
        notes = json.loads((place / REMEMBERED).read_bytes())
    except (OSError, ValueError):  # without notes everything is hashed, as it is the first time
        return {}
    return notes if isinstance(notes, dict) else {}


def _remember(place: Path, new: Mapping[str, Any]) -> None:
    kept = {key: note for key, note in _remembered(place).items() if (place / key).exists()}
    try:
        with new_file(place / REMEMBERED) as draft:
            draft.write_text(json.dumps({**kept, **new}), encoding="utf-8")
    except OSError:  # a disk that is full or read-only costs the next process time, no more
        return


def _own_hash(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
