"""What a file of a graph gives, whatever its format: triples and labels, each with its line.

A format is one module with a class that is a `Source`, and one line in `formats`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

import pyarrow as pa

from core.errors import FormatError
from core.graph.import_report import SHOWN
from core.results.graph import FileReport, Finding

ENDS = ("head", "relation", "tail")

TRIPLES = pa.schema([(name, pa.string()) for name in ENDS])
"""Triples as columns."""

_BATCH = 50_000  # triples that are Python objects at a time

Kind = Literal["entity", "relation"]

Ids = dict[Kind, set[str]]
"""All ids of the triples of all files."""

Triple = tuple[int, str, str, str]
"""The line where it ends; head, relation and tail, none of them empty (see `wrong_with`)."""


class LabelRow(NamedTuple):
    """What a line says that something is called.

    Attributes:
        line: Counted from 1.
        cells: The line as written, in pieces.
        kind: What it is the name of.
        id: Its id in the triples.
        values: Texts by column of the graph, `label:<language>`; lists of texts for `aliases`.
    """

    line: int
    cells: list[str]
    kind: Kind
    id: str
    values: Mapping[str, str | list[str]]


class Source(Protocol):
    """A file, opened by the reader of its format: looked at, and not read into memory.

    Attributes:
        tally: What was read and left out so far.
    """

    tally: Tally

    def triples(self) -> Iterator[Triple]:
        """Its triples in the order of the file; none if it holds labels alone.

        Raises:
            FormatError: At its end, if most of it cannot be read.
        """

    def labels(self, ids: Ids) -> Iterator[LabelRow]:
        """Its labels in the order of the file; none if it holds triples alone.

        Args:
            ids: What can be labelled.

        Raises:
            FormatError: If most of it cannot be read.
        """

    def report(self) -> FileReport:
        """What the file was and how much of it was read."""


class Tally:
    """How many rows of a file were read, and which were left out.

    Attributes:
        read: Rows met, those that were left out among them.
        skipped: Rows left out.
        findings: The first of these.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0
        self.skipped = 0
        self.findings: list[Finding] = []

    def skip(self, line: int, cells: Iterable[str], why: str) -> None:
        """Leave a row out."""
        self.skipped += 1
        if len(self.findings) < SHOWN:
            found = " | ".join(cells)
            found = found if len(found) <= 120 else found[:119] + "…"
            self.findings.append(Finding(self.path.name, line, found, why))

    def check(self, kind: str) -> None:
        """Refuse the file if most of its rows cannot be read: it is not what it was taken for.

        Raises:
            FormatError: With the first of these rows.
        """
        if 2 * self.skipped > self.read:
            first = self.findings[0]
            if not first.line:  # a format that is not read by lines
                raise FormatError(
                    "{path}: {bad} of {read} statements cannot be read as {kind}; the first, "
                    "because {why} (found: {found!r}).",
                    path=self.path,
                    bad=self.skipped,
                    read=self.read,
                    kind=kind,
                    why=first.why,
                    found=first.found,
                )
            raise FormatError(
                "{path}: {bad} of {read} rows cannot be read as {kind}; the "
                "first is line {line}, {why} (found: {found!r}).",
                path=self.path,
                bad=self.skipped,
                read=self.read,
                kind=kind,
                line=first.line,
                why=first.why,
                found=first.found,
            )


def wrong_with(head: str, relation: str, tail: str) -> str:
    """Why no graph can hold a triple; empty if it can."""
    if not (head and relation and tail):
        empty = next(n for n, text in zip(ENDS, (head, relation, tail), strict=True) if not text)
        return f"its {empty} is empty"
    if relation.startswith("~"):
        return "its relation begins with '~', which marks inverses"
    return ""


def as_columns(triples: Iterator[Triple]) -> Iterator[pa.Table]:
    """Tables of `TRIPLES`; only one at a time is made of Python objects."""
    while batch := list(islice(triples, _BATCH)):
        _, *columns = zip(*batch, strict=True)
        yield pa.table(columns, schema=TRIPLES)
