"""A table of facts read as columns: most rows are seen to be right all at once.

A block of whole lines is cut by Arrow. What needs a closer look is left to `rows`, one by one and
with its line: a row with more or fewer cells, an empty cell, one with a blank, a quote or something
unseen at an end, a relation that begins with `~`. What Arrow would cut otherwise is left to it in
whole blocks: CSV with quotes, half a character, line ends of an old Macintosh.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from core.foreign_files import LONGEST_LINE
from core.graph.readers.blocks import blocks_of
from core.graph.readers.columns import Places
from core.graph.readers.packed import open_unpacked
from core.graph.readers.rows import BLANK, Lines, Row, is_quoted, line_end_of, rows_in, rows_of
from core.graph.readers.source import ENDS, TRIPLES

_ODD_BYTES = np.zeros(256, bool)
_ODD_BYTES[[*range(33), ord('"'), 127]] = True

_ODD_PAIRS = np.zeros(1 << 16, bool)
_ODD_PAIRS[[0xC285, 0xC2A0, 0xE19A, 0xE280, 0xE281, 0xE380, 0xEFBB]] = True
"""How all blanks and unseen marks beyond ASCII begin in UTF-8, and few letters at a name's end."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table is written.

    Attributes:
        separator: What stands between cells.
        width: Cells of a row.
        places: Those of head, relation and tail.
        after: The line where its header ends; 0 without one.
    """

    separator: str
    width: int
    places: Places
    after: int


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """Some rows of a table.

    Attributes:
        columns: `head`, `relation`, `tail` of those that nothing is wrong with.
        rows: The others; to be read before the next piece.
    """

    columns: pa.Table
    rows: Iterator[Row]


def pieces_of(path: Path, layout: Layout) -> Iterator[Piece]:
    """All rows of a file behind its header that hold anything.

    Raises:
        FormatError: If it cannot be read, see `open_unpacked`.
    """
    with open_unpacked(path) as file:
        if layout.separator == BLANK or len(layout.separator) > 1 or line_end_of(file) == "\r":
            yield Piece(TRIPLES.empty_table(), _behind(rows_of(path, layout.separator), layout))
            return
        blocks = blocks_of(file)
        line, again = 0, b""
        while block := again + next(blocks, b""):
            block = block if line else block.removeprefix(codecs.BOM_UTF8)
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            if piece := _piece(block, line, count, layout):
                yield piece
                line, again = line + count, b""
                continue
            lines = Lines(_lines(block, file), line)
            rows = _rows_until(lines, line + count, layout)
            yield Piece(TRIPLES.empty_table(), rows)
            line, again = lines.line, "".join(lines.again).encode("utf-8", "surrogatepass")


def _piece(block: bytes, before: int, count: int, layout: Layout) -> Piece | None:
    """Lines as columns; None if they must be read one by one."""
    if not _is_simple(block, layout.separator):
        return None
    found = _cut(block, layout)
    if found is None:
        return None
    table, others = found
    lines = np.delete(np.arange(count), others) if len(others) else np.arange(count)
    is_ascii = block.isascii()
    odd = lines < layout.after - before
    for name in ENDS:
        odd |= _odd(table[name].combine_chunks(), is_ascii, name == "relation")
    if odd.any():
        table = table.filter(pa.array(~odd))
        others = np.union1d(others, lines[odd])
    if 2 * len(others) > count:
        return None
    texts = block.split(b"\n") if len(others) else []
    rows = (
        row
        for at in others.tolist()
        for row in rows_in(Lines(iter([texts[at].decode()]), before + at), layout.separator)
    )
    return Piece(table, _behind(rows, layout))


def _is_simple(block: bytes, separator: str) -> bool:
    """Whether each line is a row, and nothing in it stands for something else."""
    if is_quoted(separator) and b'"' in block:
        return False
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        return False
    if b"\xed" in block:  # with which half a character begins
        try:
            block.decode()
        except UnicodeDecodeError:
            return False
    return True


def _cut(block: bytes, layout: Layout) -> tuple[pa.Table, NDArray[np.int64]] | None:
    """Rows of the right width, and the lines in the block of all others; None without any row."""
    others: list[int] = []

    def leave(row: Any) -> str:
        others.append(row.number - 1)
        return "skip"

    names = [str(at) for at in range(layout.width)]
    kept = [names[at] for at in layout.places]
    try:
        table = csv.read_csv(
            pa.BufferReader(block),
            csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            csv.ParseOptions(
                delimiter=layout.separator,
                quote_char=False,
                ignore_empty_lines=False,
                invalid_row_handler=leave,
            ),
            csv.ConvertOptions(column_types=dict.fromkeys(kept, pa.string()), include_columns=kept),
        )
    except pa.ArrowInvalid:
        return None
    return table.rename_columns(list(ENDS)), np.array(others, np.int64)


def _odd(column: pa.Array, is_ascii: bool, is_relation: bool) -> NDArray[np.bool_]:
    """Which cells need a closer look: some of them for nothing, none that needs it is left out."""
    if not len(column):
        return np.zeros(0, bool)
    _, offsets, text = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    data = np.frombuffer(text, np.uint8) if text else np.zeros(1, np.uint8)
    begins, ends = places[:-1], places[1:]

    def at(positions: NDArray[np.int32]) -> NDArray[np.uint8]:
        return data[np.clip(positions, 0, len(data) - 1)]

    first, last = at(begins), at(ends - 1)
    odd: NDArray[np.bool_] = (begins == ends) | _ODD_BYTES[first] | _ODD_BYTES[last]
    if is_relation:
        odd |= first == ord("~")
    if not is_ascii:
        before = at(ends - 2)
        for one, next_one in ((first, at(begins + 1)), (at(ends - 3), before), (before, last)):
            odd |= _ODD_PAIRS[one.astype(np.uint16) << 8 | next_one]
    return odd


def _lines(block: bytes, file: BinaryIO) -> Iterator[str]:
    """The lines of a block, and then those of the file behind it."""
    behind = iter(lambda: file.readline(LONGEST_LINE + 1), b"")
    text = io.StringIO(block.decode("utf-8", "surrogatepass"), newline="\n")
    return chain(text, (line.decode("utf-8", "surrogatepass") for line in behind))


def _rows_until(lines: Lines, end: int, layout: Layout) -> Iterator[Row]:
    """Rows up to a line, and the rest of the one that stands across it."""
    rows = _behind(rows_in(lines, layout.separator), layout)
    while lines.line < end and (row := next(rows, None)):
        yield row


def _behind(rows: Iterator[Row], layout: Layout) -> Iterator[Row]:
    return (row for row in rows if row.line > layout.after)
