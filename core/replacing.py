"""What an export may write over outside of the workspace: an earlier export, and nothing else.

It is known by its manifest, and only as long as it is exactly what was written: a file that was
changed or put beside is somebody's work. A place that holds more than an export ever does (a home,
a disk, the workspace or what is around it) is refused whatever is in it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import manifests
from core.errors import AlreadyExists, SettingsError
from core.messages import Message
from core.workspace import Workspace, reading

EXPORT = "export"
"""What the manifest of an export says that it is."""


@dataclass(frozen=True, slots=True)
class Going:
    """What goes when an export takes its place.

    Attributes:
        files: How many; 0 where the place is free.
        bytes: What they take together.
    """

    files: int
    bytes: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.files} files, {self.bytes / 1e6:,.1f} MB"


def going(place: Path, workspace: Workspace, *, replace: bool) -> Going:
    """What goes when an export takes a place; whatever must not go is refused.

    Args:
        place: A folder that need not exist.
        workspace: Where nothing is exported to: it keeps exports of its own.
        replace: Whether an earlier export may go.

    Raises:
        SettingsError: If the place is a link, or no place for an export.
        AlreadyExists: If something is there that is no earlier export, or no longer what was
            exported, or may not go.
        FormatError: If it cannot be read.
    """
    _check_what_it_is(place, workspace)
    with reading(place):
        if not place.exists() or (place.is_dir() and not any(place.iterdir())):
            return Going(0, 0)
        if not replace or not place.is_dir():
            raise AlreadyExists(
                "There is something at {place} already; name another folder.", place=place
            )
        return _earlier_export(place)


def _check_what_it_is(place: Path, workspace: Workspace) -> None:
    if place.is_symlink():
        raise SettingsError(
            "{place} is a link, which may lead anywhere: name the folder itself.", place=place
        )
    real, root, home = place.resolve(), workspace.root, Path.home().resolve()
    wrong = None
    if real == root or root in real.parents:
        wrong = Message(
            "is in the workspace, which keeps its exports itself where no folder is named"
        )
    elif real in root.parents:
        wrong = Message("holds the workspace")
    elif real == home or real in home.parents:
        wrong = Message("holds your home")
    elif os.path.ismount(real):
        wrong = Message("is a disk of its own")
    if wrong:
        raise SettingsError("{place} {wrong}: name a new folder.", place=place, wrong=wrong)


def _earlier_export(place: Path) -> Going:
    """An earlier export, if it is one, whole and unchanged."""
    try:
        if not manifests.is_sealed(place):
            raise ValueError(Message("it has no {manifest}", manifest=manifests.MANIFEST))
        manifest = manifests.read_manifest(place)
        if manifest.get("kind") != EXPORT:
            raise ValueError(Message("its manifest.json is of another kind"))
    except ValueError as error:
        raise AlreadyExists(
            "{place} is no earlier export that could be overwritten ({error}): name another "
            "folder, or empty this one yourself.",
            place=place,
            error=error,
        ) from error
    there = {path.relative_to(place).as_posix() for path in place.rglob("*")}
    if wrong := _what_is_wrong(place, there, manifest["files"]):
        raise AlreadyExists(
            "{place} is not overwritten, because it is no longer just what was exported "
            "({wrong}): move away what you need, or name another folder.",
            place=place,
            wrong=wrong,
        )
    return Going(len(there), sum((place / name).lstat().st_size for name in there))


def _what_is_wrong(place: Path, there: set[str], written: Mapping[str, Any]) -> Message | None:
    """How a folder differs from its manifest; all files are read, and none is written beside it."""
    if more := sorted(there - {*written, manifests.MANIFEST}):
        return Message("{more} was not exported", more=more[0])
    for name, entry in written.items():
        file = place / name
        if name not in there:
            return Message("{name} is gone", name=name)
        is_plain = file.is_file() and not file.is_symlink()
        if not is_plain or manifests.file_hash(file) != entry["sha256"]:
            return Message("{name} was changed", name=name)
    return None
