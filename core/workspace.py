"""Where things live on disk, and how they get there whole or not at all.

    workspace/
      graphs/<name>/     questions/<name>/     teachers/<name>/     labels/<name>/
      students/<name>/   evaluations/<name>/   exports/<name>/      runs/<run id>/
      models/<name>/     vectors/              pretrained weights, and what they say of texts
      uploads/           store.sqlite          what browsers sent, until it is imported; the runs

`PATHDISTILL_HOME` names the folder (default `./workspace`). Whatever a recipe makes is written into
a hidden folder beside its place and renamed into it at the end, so a reader never sees half of it;
a manifest of hashes goes with it and is checked whenever it is opened.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core import manifests, roots
from core.containment import fault
from core.drafts import new_file, new_folder
from core.errors import FormatError, NotFound, SettingsError, WorkspaceError, WorkspaceGone
from core.messages import Message
from core.remaking import advice

KINDS = (
    "graphs",
    "questions",
    "teachers",
    "labels",
    "students",
    "evaluations",
    "exports",
    "runs",
)
OTHERS = 0o077
"""What others than the owner might do, as bits of a mode."""
NAME = re.compile(r"[^\W_][\w.-]{0,63}")
NAME_BYTES = 200
"""What a name may take in UTF-8; what drafts and files make of it must fit into 255."""


def checked_name(name: str) -> str:
    """The name itself, if it can name a folder on every system.

    Raises:
        SettingsError: For anything but 1 to 64 letters, digits, `.`, `_`, `-`, the first of them a
            letter or digit; for more than `NAME_BYTES`, and for what `core.containment` refuses.
    """
    if wrong := _wrong(name):
        raise SettingsError("The name {name!r} cannot be used: {wrong}.", name=name, wrong=wrong)
    return name


def joined_name(beginning: str, ending: str) -> str:
    """Two parts of a name as one, of the first only as much as a name has room for."""
    kept = beginning[: 64 - len(ending)].encode()[: NAME_BYTES - len(ending.encode())]
    return kept.decode(errors="ignore") + ending


def _wrong(name: str) -> Message | None:
    """What keeps a text from being a name in the workspace; None if nothing."""
    if not NAME.fullmatch(name) or name.endswith("."):
        return Message(
            "take 1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or digit and "
            "ending in no dot"
        )
    if len(name.encode()) > NAME_BYTES:
        return Message(
            "it takes more than {name_bytes} bytes; take fewer letters", name_bytes=NAME_BYTES
        )
    found = fault(name)
    return found and Message("it {found}", found=found)


class Workspace:
    """A folder of graphs, question sets, teachers, students, runs and whatever else is made."""

    def __init__(self, root: Path | str | None = None) -> None:
        self.root = Path(root or os.environ.get("PATHDISTILL_HOME") or "workspace").resolve()
        self.made_by: dict[str, str] = {}  # what manifests say of who published

    def names(self, kind: str) -> list[str]:
        """What there is of a kind, sorted by name; empty where the workspace is new."""
        folder = self.root / kind
        if not folder.is_dir() or folder.is_symlink():
            return []
        there = [entry for entry in folder.iterdir() if not _wrong(entry.name)]
        return sorted(entry.name for entry in there if entry.is_dir() and not entry.is_symlink())

    def open(self, kind: str, name: str) -> Path:
        """The folder of something, to read from: its files are what was written.

        What was made before hashes were kept has no manifest and is taken as it is.

        Raises:
            NotFound: If there is nothing of that name.
            FormatError: If a file was changed, lost or added; says what to make it again from.
        """
        return self._checked(kind, name)

    def read(self, kind: str, name: str, file: str) -> Any:
        """One JSON file of something, whatever became of the others.

        Raises:
            NotFound: If there is nothing of that name.
            FormatError: If the file is missing, or not what was written.
        """
        return read_json(self._checked(kind, name, file) / file)

    def stamp(self, kind: str, name: str, only: str | None = None) -> manifests.Stamp:
        """Another stamp, other files: what was opened before must be opened anew.

        Raises:
            NotFound: If there is nothing of that name.
        """
        return manifests.stamp(self.folder(kind, name), only)

    def _checked(self, kind: str, name: str, only: str | None = None) -> Path:
        folder = self.folder(kind, name)
        if wrong := _what_is_wrong(folder, only):
            again = advice(folder, kind)
            raise FormatError(
                "{name!r} among the {kind} is damaged: {wrong}; {again}.",
                name=name,
                kind=kind,
                wrong=wrong,
                again=again,
            )
        return folder

    def folder(self, kind: str, name: str) -> Path:
        """The folder of something that exists; to read from it, `open` it.

        Raises:
            NotFound: If it does not, naming what there is.
            WorkspaceError: If it is a link.
        """
        folder = self._place(kind, name)
        if not folder.is_dir():
            there = ", ".join(self.names(kind)[:8]) or "none yet"
            raise NotFound(
                "There is nothing named {name!r} among the {kind} (there: {there}).",
                name=name,
                kind=kind,
                there=there,
            )
        return folder

    def exists(self, kind: str, name: str) -> bool:
        """Whether something of that kind and name is there."""
        return self._place(kind, name).is_dir()

    def free_name(self, kind: str, wanted: str) -> str:
        """`wanted`, or `wanted-2`, `wanted-3` ... if it is taken."""
        name, number = checked_name(wanted), 2
        while self.exists(kind, name):
            name, number = joined_name(wanted, f"-{number}"), number + 1
        return name

    @contextmanager
    def publish(self, kind: str, name: str, *, replace: bool = False) -> Iterator[Path]:
        """A folder to write into, which takes its place under `name` when the block ends well.

        When the block raises, nothing is left behind.

        Raises:
            AlreadyExists: If the name is taken and `replace` is false, also by whoever was quicker.
            WorkspaceError: If the disk is full or the workspace cannot be written.
        """
        place = self._place(kind, name)
        about = {"kind": kind, "name": name, **self.made_by}
        with (
            writing(self.root),
            new_folder(
                place, replace=replace, finish=lambda draft: manifests.seal(draft, **about)
            ) as draft,
        ):
            yield draft

    def delete(self, kind: str, name: str) -> None:
        """Remove something for good."""
        try:
            shutil.rmtree(self.folder(kind, name))
        except OSError as error:
            raise _in_words(error, self.root) from error

    def extent(self, kind: str, name: str) -> tuple[int, int]:
        """How many files something has, and their bytes: what would go if it were deleted.

        Raises:
            NotFound: If it does not exist.
        """
        sizes = []
        for place, _, files in os.walk(self.folder(kind, name)):
            for file in files:
                with suppress(FileNotFoundError):  # it goes away meanwhile
                    sizes.append((Path(place) / file).lstat().st_size)
        return len(sizes), sum(sizes)

    def _place(self, kind: str, name: str) -> Path:
        """Where something of that kind and name is, or will be; no link is on the way there.

        Raises:
            WorkspaceError: If one is: it could lead anywhere, and PathDistill makes none.
        """
        place = self.root / kind / checked_name(name)
        if place.is_symlink() or place.parent.is_symlink():
            raise WorkspaceError(
                "{name!r} among the {kind} is a link, or stands behind one: put the folder itself "
                "there, or name another workspace in PATHDISTILL_HOME.",
                name=name,
                kind=kind,
            )
        return place

    def enter(self) -> None:
        """Work in a folder that somebody else has made.

        Raises:
            WorkspaceGone: If it is not there, or no longer the one that this process has used.
        """
        roots.check(self.root)
        if not self.root.is_dir():
            raise WorkspaceGone(
                "There is no workspace {root} any more: name its new place in PATHDISTILL_HOME.",
                root=self.root,
            )
        roots.use(self.root)

    def ensure(self) -> None:
        """Make the workspace folder if it is not there; what is in it is its owner's alone.

        That holds for whatever this process makes from here on. What an earlier version left open
        to others is closed; the workspace folder itself, where somebody else made it, stays as it
        is.

        Raises:
            WorkspaceGone: If this process has used it before and it was moved or deleted since.
            WorkspaceError: If it cannot be made or written.
        """
        os.umask(OTHERS)
        try:
            roots.make_folder(self.root)
            roots.use(self.root)
            tempfile.TemporaryFile(dir=self.root).close()
            self._close_to_others()
        except OSError as error:
            raise _in_words(error, self.root) from error

    def _close_to_others(self) -> None:
        inside = (*KINDS, "models", "vectors", "uploads", "supervisor.log", "store.sqlite")
        for path in (self.root / name for name in inside):
            if not path.exists() or path.is_symlink():
                continue
            found = path.stat()
            # Of another user's, who shares the workspace on purpose, nothing is changed.
            if found.st_mode & OTHERS and found.st_uid == os.geteuid():
                path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


def check(folder: Path, again: str) -> None:
    """Refuse a folder whose files are not what was written; one without a manifest passes.

    Args:
        folder: Any folder with a manifest.
        again: What to do about a damaged one, as part of a sentence.

    Raises:
        FormatError: If a file was changed, lost or added.
    """
    if wrong := _what_is_wrong(folder):
        raise FormatError(
            "The folder {folder} is damaged: {wrong}; {again}.",
            folder=folder,
            wrong=wrong,
            again=again,
        )


def _what_is_wrong(folder: Path, only: str | None = None) -> str | None:
    if manifests.is_known(folder, only) or not manifests.is_sealed(folder):
        return None
    with reading(folder):
        return manifests.what_is_wrong(folder, only)


def write_json(path: Path, value: Any) -> None:
    """Write JSON so that a reader sees the old file or the new one, never a part."""
    with writing(path.parent), new_file(path) as draft:
        draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def read_json(path: Path) -> Any:
    """Read JSON.

    Raises:
        FormatError: If the file is missing or damaged.
    """
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise FormatError(
            "{name} is missing from {parent}.", name=path.name, parent=path.parent
        ) from error
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {reason}.", path=path, reason=error.strerror
        ) from error
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "{path} is not readable JSON: {error}.", path=path, error=error
        ) from error


@contextmanager
def writing(where: Path) -> Iterator[None]:
    """A block that writes under `where`; what the system refuses comes out as one sentence.

    Raises:
        WorkspaceError: If the disk is full or `where` cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise _in_words(error, where) from error


@contextmanager
def reading(where: Path) -> Iterator[None]:
    """A block that reads files under `where`; what the system refuses comes out as one sentence.

    Raises:
        FormatError: If a file cannot be read.
    """
    try:
        yield
    except OSError as error:
        file = error.filename or where
        raise FormatError(
            "{file} cannot be read: {reason}.", file=file, reason=error.strerror or error
        ) from error


def _in_words(error: OSError, where: Path) -> WorkspaceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkspaceError(
            "The disk is full at {where}: free some space and try again.", where=where
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return WorkspaceError(
            "The workspace {where} cannot be written: change its permissions, or name another "
            "folder in PATHDISTILL_HOME.",
            where=where,
        )
    return WorkspaceError(
        "The workspace {where} cannot be used: {reason}.",
        where=where,
        reason=error.strerror or error,
    )
