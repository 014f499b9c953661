"""The first facts of files that a browser has sent, before anything is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.containment import fault
from core.errors import CallerError
from core.graph.readers.preview import Preview, preview

MOST = 4 << 20
"""Bytes of a file that are looked at: whole lines."""


def preview_uploads(files: Sequence[UploadedFile], columns: str) -> tuple[Preview, ...]:
    """Look at the beginning of uploads.

    Returns:
        Nothing where a file is too large to be looked at and makes no sense when it is cut.

    Raises:
        CallerError: If one is no graph, or lacks the columns.
    """
    with TemporaryDirectory(prefix="pathdistill-") as folder:
        places = [_beginning(file, Path(folder) / str(at)) for at, file in enumerate(files)]
        try:
            return preview(places, columns)
        except CallerError:
            if any(file.size > MOST for file in files):
                return ()
            raise


def _beginning(file: UploadedFile, folder: Path) -> Path:
    folder.mkdir()
    own = file.name.replace("\\", "/").rpartition("/")[2]
    place = folder / ("file" if fault(own) else own)
    content = file.getbuffer()
    cut = bytes(content[:MOST])
    place.write_bytes(cut if file.size <= MOST else cut[: cut.rfind(b"\n") + 1])
    return place
