"""A table of text cut into rows of cells: what separates them, and what stands around them.

    a<TAB>r<TAB>b     or |  comma  semicolon  |||  ::  or blanks, where each row has three words
    sep=;             Excel's first line, which says what separates
    # remark          a line that begins so and has no second cell is no row

Only cells of CSV (comma, semicolon) have separators and line breaks inside quotes. A row whose
quotes do not fit costs only itself: the rows that they would swallow are read again.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from core.errors import FormatError
from core.foreign_files import LONGEST_LINE
from core.graph.readers.packed import open_unpacked

SEPARATORS = {
    "\t": "tab",
    "|": "|",
    ",": "comma",
    ";": "semicolon",
    "|||": "|||",
    "::": "::",
    " ": "blank",
}
BLANK = " "

SAMPLE = 50
"""Rows that decide what a file is."""

_HALF = re.compile("[\ud800-\udfff]")
_SAID = re.compile(r'"?sep=(.)"?\s*')

_FAULTS = {
    "expected after": "text stands behind a closing quote; a quote inside a cell is written twice",
    "unexpected end": "a quote opens a cell and nothing closes it",
    "field limit": f"a quote opens a cell and nothing closes it within {LONGEST_LINE:,} characters",
    "new-line character": "a line break stands in a cell that has no quotes around it",
}
"""What is wrong with a row, by the words of Python's reader of CSV."""

csv.field_size_limit(LONGEST_LINE)  # Python's own is 131,072, which some descriptions exceed


class Row(NamedTuple):
    """A row.

    Attributes:
        line: Where it ends, counted from 1.
        cells: Without blanks, unseen marks and quotes around them.
        fault: Why it has no cells, but its text alone; empty if it has.
    """

    line: int
    cells: list[str]
    fault: str = ""


def rows_of(path: Path, separator: str) -> Iterator[Row]:
    """The rows of a file that hold anything."""
    with open_unpacked(path) as file:
        end = line_end_of(file)
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogatepass", newline=end)
        yield from rows_in(Lines(iter(text)), separator)


def line_end_of(file: io.BufferedReader) -> str:
    """What ends a line: CR alone only in files of an old Macintosh."""
    start = file.peek(1)
    return "\r" if b"\r" in start and b"\n" not in start else "\n"


def rows_in(lines: Lines, separator: str) -> Iterator[Row]:
    """The rows that hold anything, each read from its lines when it is asked for."""
    cut = _quoted_rows if is_quoted(separator) else _plain_rows
    rows = cut(lines, separator)
    yield from (_whole(row) for row in rows if row.fault or _holds(row, separator))


def is_quoted(separator: str) -> bool:
    """Whether cells are those of CSV: they may have separators and line breaks inside quotes."""
    return separator in ",;"


def separator_of(path: Path, is_header: Callable[[list[str]], bool]) -> str:
    """The separator that the file says, else one that makes a header, else the most rows of three.

    Blanks do only where nothing else cuts a row, and all have three words: they stand in names.

    Raises:
        FormatError: If none cuts any row.
    """
    with open_unpacked(path) as file:
        beginning = file.readline(100).decode("utf-8-sig", "replace")
    said = _SAID.fullmatch(beginning)
    if said and said[1] in SEPARATORS:
        return said[1]
    fits = {one: _fit(path, one, is_header) for one in SEPARATORS if one != BLANK}
    best = max(fits, key=lambda separator: fits[separator])
    if fits[best] != (False, 0, 0):
        return best
    words = [len(row.cells) for row in _sample(path, BLANK)]
    if len(words) > 1 and set(words) == {3}:
        return BLANK
    if "，" in "".join(cell for row in _sample(path, "\t") for cell in row.cells):
        raise FormatError(
            "{path}: what stands between its columns are full-width commas; write a comma or a "
            "tab there.",
            path=path,
        )
    raise FormatError(
        "{path}: no columns separated by tab, comma, ';' or '|' in its first lines.", path=path
    )


def _holds(row: Row, separator: str) -> bool:
    """Whether a row holds anything: it is no blank line, no remark and not Excel's first line."""
    if row.line == 1 and _SAID.fullmatch(separator.join(row.cells)):
        return False
    return len(row.cells) > 1 or bool(row.cells and row.cells[0][:1] not in ("", "#"))


def _whole(row: Row) -> Row:
    """A row; one with half a character is at fault, and shown without it."""
    if all(cell.isascii() or not _HALF.search(cell) for cell in row.cells):
        return row
    shown = [_HALF.sub("\ufffd", cell) for cell in row.cells]
    return Row(row.line, shown, "half a character stands in it, of an emoji for example")


def _sample(path: Path, separator: str) -> list[Row]:
    return list(islice(rows_of(path, separator), SAMPLE))


def _fit(
    path: Path, separator: str, is_header: Callable[[list[str]], bool]
) -> tuple[bool, int, int]:
    """How well a separator cuts a file: whether a header, rows of three cells, rows cut."""
    rows = _sample(path, separator)
    return (
        bool(rows) and is_header(rows[0].cells),
        sum(len(row.cells) == 3 for row in rows),
        sum(len(row.cells) > 1 for row in rows),
    )


def _plain_rows(lines: Lines, separator: str) -> Iterator[Row]:
    for text in lines:
        lines.taken.clear()
        cells = text.split() if separator == BLANK else text.rstrip("\r\n").split(separator)
        yield Row(lines.line, [_bare(cell, False) for cell in cells])


def _quoted_rows(lines: Lines, separator: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            text = lines.turn_back()
            cells = _escaped(text, separator)
            if not cells:
                why = next((why for part, why in _FAULTS.items() if part in str(error)), str(error))
                yield Row(lines.line, [text.strip()], why)
                continue
        yield Row(lines.line, [_bare(cell, True) for cell in cells])


class Lines:
    """Lines of a file that can be turned back to.

    Attributes:
        again: Lines that were turned back to, and not taken since.
        taken: Lines of the row that is being read.
        line: How many were taken of the file.
    """

    def __init__(self, lines: Iterator[str], before: int = 0) -> None:
        """Read lines.

        Args:
            lines: Each with its end.
            before: How many of the file stand before them.
        """
        self._lines = lines
        self.again: deque[str] = deque()
        self.taken: list[str] = []
        self.line = before

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        text = self.again.popleft() if self.again else next(self._lines)
        self.taken.append(text)
        self.line += 1
        return text

    def turn_back(self) -> str:
        """Give the lines of a row back, but for the first, which is returned."""
        first, *rest = self.taken
        self.again.extendleft(reversed(rest))
        self.line -= len(rest)
        return first


def _escaped(text: str, separator: str) -> list[str]:
    r"""The cells of a line that escapes quotes as `\"`, as databases do; none if it does not."""
    if '\\"' not in text:
        return []
    try:
        return next(csv.reader([text], delimiter=separator, escapechar="\\", strict=True))
    except csv.Error:
        return []


def _bare(raw: str, is_csv: bool) -> str:
    """A cell without what is not seen at its ends, and without quotes around the whole of it.

    In CSV those were read already, but for quotes that something unseen stands before.
    """
    cell = raw.strip().strip("\ufeff\u200b")
    if is_csv and cell == raw:
        return cell
    if cell[:1] == cell[-1:] == '"' and len(cell) > 1:
        inside = cell[1:-1].replace('""', "")
        return cell if '"' in inside else cell[1:-1].replace('""', '"').strip()
    return cell
