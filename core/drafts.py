"""Files and folders that appear whole or not at all: written beside their place, renamed into it.

    .<name>.<machine>.<random>         a draft, locked by the process that writes it
    .<name>.<machine>.<random>.old     what is being replaced, for the moment between two renames

The system lets go of a lock when its process ends, however it ends. A draft without one therefore
belongs to nobody and is cleared at the next start; what was being replaced comes back if nothing
took its place. Drafts of other machines, whose locks are not seen here, are left alone.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import shutil
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from core import roots
from core.errors import AlreadyExists

_DRAFT = re.compile(r"\.(?P<name>.+)\.(?P<machine>[0-9a-f]{8})\.[0-9a-f]{8}(?P<old>\.old)?", re.S)


@contextmanager
def new_folder(
    place: Path, *, replace: bool = False, finish: Callable[[Path], object] = lambda _: None
) -> Iterator[Path]:
    """A folder to write into, which takes its place when the block ends well.

    When the block raises, nothing is left behind.

    Args:
        place: Where it will be; folders on the way are made.
        replace: Whether what is there may go; it is moved aside first.
        finish: What else is done to the folder before it takes its place.

    Raises:
        AlreadyExists: If the place is taken and `replace` is false, also by another process that
            was quicker.
        OSError: If it cannot be written.
    """
    if _is_taken(place) and not replace:
        raise _taken(place)
    with _draft(place, lambda draft: draft.mkdir(mode=0o700)) as draft:
        yield draft
        finish(draft)
        _take(draft, place, replace)


@contextmanager
def new_file(place: Path) -> Iterator[Path]:
    """A file to write, which takes its place, and that of an older one, when the block ends well.

    Raises:
        OSError: If it cannot be written.
    """
    with _draft(place, lambda draft: draft.touch(mode=0o600, exist_ok=False)) as draft:
        yield draft
        draft.replace(place)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder among the temporary ones that is gone at the end; after a kill, at the next start.

    Raises:
        OSError: If it cannot be made.
    """
    place = Path(tempfile.gettempdir(), "pathdistill")
    with _draft(place, lambda draft: draft.mkdir(mode=0o700)) as folder:
        yield folder


def is_ours(path: Path) -> bool:
    """Whether something is a draft of this machine, by its name."""
    match = _DRAFT.fullmatch(path.name)
    return match is not None and match["machine"] == _machine()


def abandoned(folder: Path) -> list[Path]:
    """Drafts in a folder whose writers, of this machine, have ended; sorted."""
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if is_ours(path):
            with _unlocked(path) as is_nobodys:
                found += [path] if is_nobodys else []
    return sorted(found)


def clear(folder: Path) -> list[Path]:
    """Remove the abandoned drafts in a folder; what was being replaced comes back if it must.

    Returns:
        The drafts that are gone.

    Raises:
        OSError: If one cannot be removed.
    """
    gone = []
    for path in abandoned(folder):
        with _unlocked(path) as is_nobodys, suppress(FileNotFoundError):
            if is_nobodys:
                _remove(path)
                gone.append(path)
    return gone


def _remove(path: Path) -> None:
    match = _DRAFT.fullmatch(path.name)
    if match is not None and match["old"]:
        with suppress(OSError):  # refused where something stands there, which is the newer one
            path.rename(path.with_name(match["name"]))
            return
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


@contextmanager
def _draft(place: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """A locked draft; removed at the end, unless it took its place."""
    roots.make_folder(place.parent)
    draft, lock = _begin(place, make)
    try:
        yield draft
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
        os.close(lock)


def _begin(place: Path, make: Callable[[Path], None]) -> tuple[Path, int]:
    while True:
        draft = _beside(place)
        make(draft)
        lock = os.open(draft, os.O_RDONLY)
        # Where the disk knows no locks, nobody can take one either, and drafts are left alone.
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        if draft.exists():  # or it was cleared before it was locked
            return draft, lock
        os.close(lock)


def _take(draft: Path, place: Path, replace: bool) -> None:
    is_there = False
    while not is_there:
        old = _move_aside(place) if replace else None
        try:
            draft.rename(place)
            is_there = True
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                if old is not None:
                    with suppress(OSError):  # else it comes back at the next start
                        old.rename(place)
                raise
            if not replace:
                raise _taken(place) from error
            # Another was quicker in this very moment, and is replaced as well.
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def _move_aside(place: Path) -> Path | None:
    old = _beside(place, ".old")
    try:
        place.rename(old)
    except FileNotFoundError:
        return None
    return old


def _beside(place: Path, ending: str = "") -> Path:
    return place.with_name(f".{place.name}.{_machine()}.{uuid.uuid4().hex[:8]}{ending}")


def _is_taken(place: Path) -> bool:
    """Whether there is something; an empty folder is nothing."""
    return place.exists() and not (place.is_dir() and not any(place.iterdir()))


def _taken(place: Path) -> AlreadyExists:
    return AlreadyExists(
        "The name {name!r} is taken among the {kind}; choose another or delete it first.",
        name=place.name,
        kind=place.parent.name,
    )


@contextmanager
def _unlocked(path: Path) -> Iterator[bool]:
    """Whether nobody writes a draft; until the block ends nobody can begin to."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # it has just taken its place
        yield False
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # somebody writes it, or the disk knows no locks
        yield False
    else:
        yield True
    finally:
        os.close(lock)


@cache
def _machine() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
