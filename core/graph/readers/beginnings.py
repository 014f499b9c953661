"""The first facts of files that a browser has sent, before anything is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from core.containment import fault
from core.errors import CallerError
from core.graph.readers.preview import Preview, preview

MOST = 4 << 20
"""Bytes of a file that are looked at: whole lines."""


def preview_contents(files: Sequence[tuple[str, memoryview]], columns: str) -> tuple[Preview, ...]:
    """Look at the beginning of files.

    Args:
        files: What each is called, and what it holds.
        columns: See `preview`.

    Returns:
        Nothing where a file is too large to be looked at and makes no sense when it is cut.

    Raises:
        CallerError: If one is no graph, or lacks the columns.
    """
    with TemporaryDirectory(prefix="pathdistill-") as folder:
        places = [_beginning(*file, Path(folder) / str(at)) for at, file in enumerate(files)]
        try:
            return preview(places, columns)
        except CallerError:
            if any(len(content) > MOST for _, content in files):
                return ()
            raise


def _beginning(name: str, content: memoryview, folder: Path) -> Path:
    folder.mkdir()
    own = name.replace("\\", "/").rpartition("/")[2]
    place = folder / ("file" if fault(own) else own)
    cut = bytes(content[:MOST])
    place.write_bytes(cut if len(content) <= MOST else cut[: cut.rfind(b"\n") + 1])
    return place
