"""Where a recipe finds the files that its settings name.

    /home/me/facts.tsv           a path, from the terminal
    upload:<id>/1/facts.tsv      what a browser sent, kept in the workspace until it is imported
    sample:triples.tsv           a table of the sample graph

A page hands over the last two alone: they stay inside their folders, whatever is written in them,
and hold when the workspace or the program is moved.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.containment import fault, within
from core.errors import SettingsError
from core.pretrained.presets import BUILT, PRESETS
from core.settings import Made, NamesPath, path_fields
from core.workspace import Workspace, writing

UPLOADS = "uploads"
UPLOAD, SAMPLE = "upload:", "sample:"

_SAMPLE_FOLDER = Path(__file__).parents[1] / "assets" / "sample"
_USUAL_MEGABYTES = 2000


def is_named(source: str) -> bool:
    """Whether a source is an upload or a table of the sample, hence no path."""
    return source.startswith((UPLOAD, SAMPLE))


def place_of(workspace: Workspace, source: str) -> Path:
    """The file that a source means; it need not exist.

    Raises:
        FormatError: If the name of an upload or table leads out of its folder.
    """
    if source.startswith(UPLOAD):
        return within(workspace.root, f"{UPLOADS}/{source.removeprefix(UPLOAD)}")
    if source.startswith(SAMPLE):
        return within(_SAMPLE_FOLDER, source.removeprefix(SAMPLE))
    return Path(source)


def with_absolute_paths(settings: Made) -> Made:
    """The same settings for a process that stands in another folder."""
    found: dict[str, object] = {}
    for field, mark in path_fields(type(settings)).items():
        value = getattr(settings, field)
        if isinstance(value, tuple):
            found[field] = tuple(_absolute(path, mark) for path in value)
        elif value:
            found[field] = _absolute(value, mark)
    return settings.model_copy(update=found)


def _absolute(path: str, mark: NamesPath) -> str:
    """A path from the root on; the name of an upload, or of a model that is no path, as it is."""
    if is_named(path) or (
        mark.or_model and (path in (*BUILT, *PRESETS) or not Path(path).exists())
    ):
        return path
    return str(Path(path).absolute())


def keep_uploads(
    workspace: Workspace, files: Iterable[tuple[str, bytes | memoryview]]
) -> list[str]:
    """Write what a browser sent into a folder of its own.

    Args:
        workspace: Where.
        files: Names, as the browser gave them, and contents.

    Returns:
        Their sources.

    Raises:
        WorkspaceError: If the disk is full or the workspace cannot be written; nothing is left.
    """
    number = secrets.token_hex(8)
    kept = []
    with writing(workspace.root):
        try:
            for count, (name, content) in enumerate(files, 1):
                own = name.replace("\\", "/").rpartition("/")[2]
                source = f"{number}/{count}/{'file' if fault(own) else own}"
                place = place_of(workspace, UPLOAD + source)
                place.parent.mkdir(parents=True, mode=0o700)
                place.write_bytes(content)
                kept.append(UPLOAD + source)
        except BaseException:
            shutil.rmtree(upload_folder(workspace, number), ignore_errors=True)
            raise
    return kept


def discard_uploads(workspace: Workspace, sources: Iterable[str]) -> None:
    """Remove the uploads among some sources, with their folders; whatever else they name stays."""
    for number in uploads_named(sources):
        shutil.rmtree(upload_folder(workspace, number), ignore_errors=True)


def uploads_named(sources: Iterable[object]) -> set[str]:
    """The folders of the uploads among some sources."""
    named = [one for one in sources if isinstance(one, str) and one.startswith(UPLOAD)]
    folders = {one.removeprefix(UPLOAD).partition("/")[0] for one in named}
    return {folder for folder in folders if not fault(folder)}


def upload_folder(workspace: Workspace, number: str) -> Path:
    """The folder of the files that a browser sent together; it need not exist."""
    return within(workspace.root, f"{UPLOADS}/{number}")


def upload_bytes(workspace: Workspace) -> int:
    """What all uploads take together."""
    files = (path for path in (workspace.root / UPLOADS).rglob("*") if path.is_file())
    return sum(path.lstat().st_size for path in files)


def most_upload_bytes(environment: Mapping[str, str] = os.environ) -> int:
    """What all uploads may take together: `PATHDISTILL_UPLOADS_MB`, usually 2,000.

    Raises:
        SettingsError: If the environment says something else than a number of megabytes.
    """
    told = environment.get("PATHDISTILL_UPLOADS_MB") or str(_USUAL_MEGABYTES)
    if not told.isdecimal() or len(told) > 9:
        raise SettingsError(
            "PATHDISTILL_UPLOADS_MB is no number of megabytes: {given!r}.", given=told
        )
    return int(told) * 1_000_000
