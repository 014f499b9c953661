"""Files of text are UTF-8 text, or are refused before anything is made of them."""

from __future__ import annotations

from pathlib import Path

from core.errors import FormatError
from core.foreign_files import LONGEST_LINE, lines_of
from core.graph.readers.blocks import blocks_of, longest_end
from core.graph.readers.packed import open_unpacked


def check_text(path: Path) -> None:
    """Read a file once through; half a character is no reason to refuse it.

    Raises:
        FormatError: If it is empty, or no UTF-8 text; with the line.
    """
    is_empty = True
    try:
        with open_unpacked(path) as file:
            for block in blocks_of(file):
                is_empty = False
                if not _is_text(block):
                    _find_fault(path)
                    break
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {strerror}.", path=path, strerror=error.strerror
        ) from error
    if is_empty:
        raise FormatError("{path} is empty.", path=path)


def _is_text(block: bytes) -> bool:
    if b"\0" in block or longest_end(block) > LONGEST_LINE:
        return False
    try:
        block.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _find_fault(path: Path) -> None:
    """Read a file line by line to the first at which it is no text."""
    line = 0
    try:
        with open_unpacked(path) as file:
            for line, data in enumerate(lines_of(file, path), 1):
                if b"\0" in data:
                    raise FormatError(
                        "{path}, line {line}: not text; save it as UTF-8 text.",
                        path=path,
                        line=line,
                    )
                data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise FormatError(
            "{path}, line {line}: byte {start} of the line "
            "(0x{object:02x}) is not UTF-8; save the file as UTF-8.",
            path=path,
            line=line,
            start=error.start + 1,
            object=error.object[error.start],
        ) from error
