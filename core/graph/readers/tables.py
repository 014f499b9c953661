"""Tables of triples or of labels.

    head,relation,tail                 triples: the header may lack, or call its columns otherwise
    joe_biden,born_in,scranton         (`:START_ID`, ...) and have them in any order

    entity,label:en,label:zh,aliases   labels: the first column is `entity`, `relation` or an id;
    joe_biden,Joe Biden,乔·拜登,Joe    aliases are separated by |

    _id,name,_start,_end,_type         both: a row without an edge names what it is about

Without a header, two columns, or three of which the first holds the ids of other files' triples,
are labels: id, name, and what is left unread. How rows are cut is for `rows`, what headers mean for
`headers`. A row that cannot be read is skipped and reported with its file, line and reason. A file
of which more than half cannot be read is refused: it is not what it was taken for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from core.errors import FormatError
from core.graph.readers.columnar import Layout, pieces_of
from core.graph.readers.columns import Columns
from core.graph.readers.headers import (
    NAMES_OF_LABELS,
    is_label_column,
    is_label_header,
    is_subject,
    triple_columns,
)
from core.graph.readers.labels import language_of_most
from core.graph.readers.rows import SAMPLE, SEPARATORS, Row, rows_of, separator_of
from core.graph.readers.source import (
    Ids,
    Kind,
    LabelRow,
    Tally,
    Triple,
    as_columns,
    wrong_with,
)
from core.graph.readers.utf8 import check_text
from core.plain_text import language_of
from core.results.graph import Doubt, FileReport

MOST_COLUMNS = 1000
"""Of any table: labels in a few hundred languages, and more beside."""

_LOOKED_AT = 10_000
"""Triples by which it is seen whether the columns were taken for what they are."""

_WITHOUT_HEADER = ("id", "label", "description")


def may_be_table(path: Path, beginning: bytes) -> bool:
    """Whatever no other format recognises may be a table."""
    return True


class Table:
    """A table; a `Source` of triples or of labels, as its header or its columns say.

    Attributes:
        takes_columns: Whether its columns are those that a person named.
        may_be_labels: Whether only its ids can tell labels from triples; see `settle`.
    """

    def __init__(self, path: Path, columns: Columns | None = None) -> None:
        """Look at a file.

        Args:
            path: Where it is.
            columns: Which are head, relation and tail, if a person says so.

        Raises:
            FormatError: If it is empty, no UTF-8 text or no table, or lacks a column that was said.
        """
        self.tally = Tally(path)
        self._path = path
        check_text(path)
        self._separator = separator_of(path, _is_header)
        self._sample = list(islice(self._all_rows(), SAMPLE))
        if not self._sample:
            raise FormatError("{path} is empty: nothing but blank lines.", path=path)
        self._seen: tuple[set[str], set[str], set[str]] = (set(), set(), set())
        self._names = 0
        self._found = -1
        self._kind = "triples"
        self._read_header(columns)

    def _read_header(self, columns: Columns | None) -> None:
        """See what the first row is, and which columns are which."""
        line, first, _ = self._sample[0]
        if len(first) > MOST_COLUMNS:
            raise FormatError(
                "{path}, line {first}: {count:,} columns, of at most {most_columns:,}.",
                path=self._path,
                first=line,
                count=len(first),
                most_columns=MOST_COLUMNS,
            )
        named = columns.named_in(first) if columns else None
        known = triple_columns(first)
        self._has_labels = not (named or known) and _is_label_header(first)
        numbers = columns.numbers if columns and not self._has_labels else None
        self.takes_columns = bool(named or numbers)
        self._is_guess = not (named or numbers or known or self._has_labels)
        if self._is_guess and is_subject(first[0]):
            raise FormatError(
                "{path}, line {first}: the header {first_2!r} has no column of "
                "labels; call it 'label', 'label:en' or 'label:zh'.",
                path=self._path,
                first=line,
                first_2=", ".join(first),
            )
        rows = [row.cells for row in self._sample if not row.fault]
        is_counted = self._is_guess and _is_count(rows)
        self._header = first if named or known or self._has_labels or is_counted else []
        begin = int(_has_index(rows[bool(self._header) :], first if is_counted else []))
        self._places = named or numbers or known or (begin, begin + 1, begin + 2)
        self._width = 3 if self._is_guess and not (is_counted or begin) else len(first)
        if not self._has_labels and max(self._places) >= self._width:
            raise FormatError(
                "{path} has {count} columns in line {line}, and no column {number}.",
                path=self._path,
                count=len(first),
                line=line,
                number=max(self._places) + 1,
            )
        beside = [at for at in range(len(first)) if known and at not in self._places]
        self._names_at = [at for at in beside if is_label_column(first[at])]
        self._subject_at = next((at for at in beside if is_subject(first[at])), -1)
        if self._has_labels:
            self._subject_at = int(not first[0])
        self.may_be_labels = self._width == 3 and not self._header and _may_be_names(rows)

    def settle(self, ids: Collection[str]) -> None:
        """Decide whether a table without a header labels what others speak of.

        Args:
            ids: Of entities and relations: what it labels is among them, what it calls them is not.
        """
        first, second = self.sample_of(0), self.sample_of(1)
        if first.intersection(ids) and not second.intersection(ids):
            self._has_labels, self._is_guess, self._subject_at = True, False, 0
            self._width = len(self._sample[0].cells)

    def sample_of(self, column: int) -> set[str]:
        """The cells of a column in the first rows."""
        return {row.cells[column] for row in self._sample if len(row.cells) > column}

    def triples(self) -> Iterator[Triple]:
        """See `Source.triples`."""
        if not self._has_labels:
            yield from self._triples_in(islice(self._all_rows(), bool(self._header), None))
            self._check()

    def batches(self) -> Iterator[pa.Table]:
        """The same triples as columns, see `TRIPLES`, and far sooner."""
        if self._has_labels:
            return
        after = self._sample[0].line if self._header else 0
        layout = Layout(self._separator, self._width, self._places, after)
        for piece in pieces_of(self._path, layout):
            self.tally.read += piece.columns.num_rows
            self._look_at(piece.columns)
            yield piece.columns
            yield from as_columns(self._triples_in(piece.rows))
        self._check()

    def _triples_in(self, rows: Iterator[Row]) -> Iterator[Triple]:
        at_head, at_relation, at_tail = self._places
        for line, cells in self._whole(rows):
            head, relation, tail = cells[at_head], cells[at_relation], cells[at_tail]
            if self._is_name(cells):
                self._names += 1  # see `labels`
            elif why := wrong_with(head, relation, tail):
                self.tally.skip(line, cells, why)
            else:
                if len(self._seen[2]) < _LOOKED_AT:
                    for seen, one in zip(self._seen, (head, relation, tail), strict=True):
                        seen.add(one)
                yield line, head, relation, tail

    def _look_at(self, columns: pa.Table) -> None:
        if len(self._seen[2]) < _LOOKED_AT:
            for seen, column in zip(self._seen, columns.columns, strict=True):
                seen.update(column.unique().to_pylist())

    def labels(self, ids: Ids) -> Iterator[LabelRow]:
        """See `Source.labels`."""
        if not self._has_labels:
            yield from self._labels_beside()
            return
        rows = list(self._rows_with_id())
        kind = self._subject(rows, ids)
        self._kind = "entities" if kind == "entity" else "relations"
        self._found = sum(cells[self._subject_at] in ids[kind] for _, cells in rows)
        names = _column_names(self._header or _WITHOUT_HEADER[: self._width], rows)
        for line, cells in rows:
            values = {
                name: _aliases(cell) if name == "aliases" else cell
                for name, cell in zip(names, cells, strict=True)
                if name and cell
            }
            yield LabelRow(line, cells, kind, cells[self._subject_at], values)

    def report(self) -> FileReport:
        """See `Source.report`."""
        return FileReport(
            self._path.name,
            self._kind,
            SEPARATORS[self._separator],
            self.tally.read,
            self.tally.skipped,
            names=self._names,
            doubt=self._doubt(),
        )

    def _doubt(self) -> Doubt:
        """What the file was taken for, and may not be."""
        if self._has_labels:
            return "" if self._found else "ids"
        heads, relations, tails = map(len, self._seen)
        is_odd = self.tally.read > 1 and relations >= min(heads, tails)
        return "columns" if self._is_guess and is_odd else ""

    def _all_rows(self) -> Iterator[Row]:
        return rows_of(self._path, self._separator)

    def _whole(self, rows: Iterator[Row]) -> Iterator[tuple[int, list[str]]]:
        """Rows that have all of their cells; the others are skipped."""
        for line, cells, fault in rows:
            self.tally.read += 1
            if len(cells) == self._width + 1 and not cells[-1]:
                cells.pop()  # a separator stands behind the last cell
            if len(cells) == self._width and not fault:
                yield line, cells
            else:
                expected = f"expected {self._width}"
                self.tally.skip(line, cells, fault or f"it has {len(cells)} columns, {expected}")

    def _rows_with_id(self) -> Iterator[tuple[int, list[str]]]:
        rows = islice(self._all_rows(), bool(self._header), None)
        for line, cells in self._whole(rows):
            if cells[self._subject_at]:
                yield line, cells
            else:
                self.tally.skip(line, cells, "its id is empty")
        self._check()

    def _is_name(self, cells: Sequence[str]) -> bool:
        """Whether a row of a table with edges says what something is called, and is none."""
        is_edge = any(cells[at] for at in self._places)
        return not is_edge and self._subject_at >= 0 and bool(cells[self._subject_at])

    def _labels_beside(self) -> Iterator[LabelRow]:
        """What rows without an edge call things: by the first name that they give."""
        if self._subject_at < 0:
            return
        order = sorted(self._names_at, key=lambda at: _rank(self._header[at]))
        for line, cells, _ in islice(self._all_rows(), 1, None):
            if len(cells) == self._width and self._is_name(cells):
                name = next((cells[at] for at in order if cells[at]), "")
                if name:
                    column = f"label:{language_of(name)}"
                    yield LabelRow(line, cells, "entity", cells[self._subject_at], {column: name})

    def _check(self) -> None:
        if not self.tally.read:
            raise FormatError("{path} holds a header and no rows.", path=self._path)
        self.tally.check("labels" if self._has_labels else "triples")

    def _subject(self, rows: list[tuple[int, list[str]]], ids: Ids) -> Kind:
        """What a table labels: its header says so, else what its ids match."""
        at = self._subject_at
        first = self._header[at].casefold() if self._header else ""
        for kind in ids:
            if first == kind:
                return kind
        hits = {kind: sum(cells[at] in known for _, cells in rows) for kind, known in ids.items()}
        return "relation" if hits["relation"] > hits["entity"] else "entity"


def _is_header(cells: list[str]) -> bool:
    return _is_label_header(cells) or triple_columns(cells) is not None


def _is_label_header(cells: list[str]) -> bool:
    """Whether a table of labels begins with a row, behind the index of pandas or without."""
    return is_label_header(cells[1:] if len(cells) > 2 and not cells[0] else cells)


def _is_count(rows: list[list[str]]) -> bool:
    """Whether the first row counts the columns: 0, 1, 2, as pandas does where nobody named them.

    Behind its index, which has no name; rows that hold nothing but numbers may be the facts.
    """
    if not rows:
        return False
    first, *rest = rows
    counted = first[1:] if not first[0] else first
    is_count = counted == [str(number) for number in range(len(counted))] and len(counted) > 2
    return is_count and not all(cell.isdecimal() for row in rest for cell in row)


def _has_index(rows: list[list[str]], header: list[str]) -> bool:
    """Whether the first of four columns or more counts the rows, from 0 or from 1."""
    if not rows or min(map(len, rows)) < 4:
        return False
    begins = [row[0] for row in rows]
    is_count = any(begins == [str(n + at) for n in range(len(rows))] for at in (0, 1))
    return is_count and (not header or not header[0])


def _may_be_names(rows: list[list[str]]) -> bool:
    """Whether rows may be id and name, or id, name and description: nothing in them repeats."""
    widths = {len(cells) for cells in rows}
    if widths != {3}:
        return widths == {2}
    return len(rows) > 2 and all(len({cells[at] for cells in rows}) == len(rows) for at in (0, 1))


def _column_names(header: Sequence[str], rows: list[tuple[int, list[str]]]) -> list[str]:
    """Columns of a label table by their proper names; empty for one that is not used."""
    names: list[str] = []
    for position, cell in enumerate(header):
        name = cell.casefold().replace("label@", "label:")
        if name in NAMES_OF_LABELS:
            name = f"label:{language_of_most(cells[position] for _, cells in rows)}"
            name = "" if name in names else name
        elif name == "alias":
            name = "aliases"
        names.append(name if is_label_column(name) else "")
    return names


def _rank(cell: str) -> int:
    """Which of several names a thing is called by."""
    name = cell.casefold()
    return NAMES_OF_LABELS.index(name) if name in NAMES_OF_LABELS else -1


def _aliases(cell: str) -> list[str]:
    return [alias.strip() for alias in cell.split("|") if alias.strip()]
