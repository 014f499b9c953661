"""Folders that this process works in, each known by its disk and number and not only by its path.

What was moved or deleted since, or replaced by another, is said, and never made again: what a
program wrote into a new folder of the old name would be missed where the old one is now.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import WorkspaceGone

Identity = tuple[int, int]

_used: dict[Path, Identity | None] = {}


def use(root: Path) -> None:
    """Remember a folder that is there, unless it is remembered already."""
    _used.setdefault(root, identity(root))


def check(path: Path) -> None:
    """Refuse a path in a folder that is no longer the one that this process has used.

    Raises:
        WorkspaceGone: If it was moved, deleted or replaced.
    """
    place = f"{path}{os.sep}"
    for root, known in tuple(_used.items()):
        if place.startswith(f"{root}{os.sep}") and identity(root) != known:
            raise WorkspaceGone(
                "The workspace {root} was moved or deleted while this program used it: start it "
                "again, with PATHDISTILL_HOME naming the folder's new place.",
                root=root,
            )


def make_folder(path: Path) -> None:
    """Make a folder and those on the way to it, but none that went away.

    Raises:
        WorkspaceGone: If it is in a folder that was moved or deleted.
        OSError: If it cannot be made.
    """
    check(path)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def identity(path: Path) -> Identity | None:
    """What a path leads to, however it is called; None where there is nothing."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
