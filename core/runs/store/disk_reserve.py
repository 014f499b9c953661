"""A little disk space kept back, so that a full disk can be written down while it is full.

The supervisor lets go of it when the store cannot be written for want of space, and takes it again
once there is plenty.
"""

from __future__ import annotations

import shutil
from pathlib import Path

NAME = "reserve"
BYTES = 4 * 2**20
PLENTY = 16 * BYTES


def keep(root: Path) -> None:
    """Take the space, where there is plenty."""
    place = root / NAME
    if place.exists() or shutil.disk_usage(root).free < PLENTY:
        return
    try:
        place.write_bytes(b"\0" * BYTES)
    except OSError:  # the disk filled up in this very moment, or cannot be written
        release(root)


def release(root: Path) -> None:
    """Give the space back for what must be written now."""
    try:
        (root / NAME).unlink(missing_ok=True)
    except OSError:  # a disk that cannot be written at all has no use for it
        return


def is_needed(root: Path) -> bool:
    """Whether the disk is full, but for the reserve."""
    return shutil.disk_usage(root).free < BYTES
