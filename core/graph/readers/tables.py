"""Tables of triples or of labels.

    head,relation,tail                 triples: TSV, CSV, ; or |-separated; the header may lack
    joe_biden,born_in,scranton         (or :START_ID,:END_ID,:TYPE and the like, in any order)

    entity,label:en,label:zh,aliases   labels: the first column is `entity`, `relation` or an id;
    joe_biden,Joe Biden,乔·拜登,Joe    aliases are separated by |

A row that cannot be read is skipped and reported with its file, line and reason. A file of which
more than half cannot be read is refused: it is not what it was taken for.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from core.errors import FormatError
from core.foreign_files import LONGEST_LINE
from core.graph.readers.labels import language_of_most
from core.graph.readers.packed import open_unpacked
from core.graph.readers.source import Ids, Kind, LabelRow, Tally, Triple, wrong_with
from core.graph.readers.utf8 import check_text
from core.results.graph import FileReport

SEPARATORS = {"\t": "tab", "|": "|", ",": "comma", ";": "semicolon"}
ENDS_OF_TRIPLES = (
    ("head", "tail"),
    ("subject", "object"),
    ("source", "target"),
    ("start", "end"),
    ("from", "to"),
    ("node1", "node2"),
    ("h", "t"),
    ("s", "o"),
    ("x_index", "y_index"),
    ("x_id", "y_id"),
)
"""What headers call head and tail, without the marks of `_role`: Neo4j's, KGTK's, PrimeKG's, ..."""
RELATIONS_OF_TRIPLES = ("relation", "predicate", "property", "type", "rel", "r", "p")
SUBJECTS_OF_TABLE = ("id", "entity", "relation", "mid", "qid")
NAMES_OF_LABELS = ("label", "name", "title")

_MARKS = re.compile(r"^[:_]|(?<!^[xy])_(?:id|index)$|\(.*\)$")

MOST_COLUMNS = 1000
"""Of any table: labels in a few hundred languages, and more beside."""

_SAMPLE = 50  # rows that decide what a file is

csv.field_size_limit(LONGEST_LINE)  # Python's own is 131,072, which some descriptions exceed

Row = tuple[int, list[str]]
"""Line number where the row ends, and its cells without blanks around them."""


def may_be_table(path: Path, beginning: bytes) -> bool:
    """Whatever no other format recognises may be a table."""
    return True


class Table:
    """A table; a `Source` of triples or of labels, as its header or its columns say."""

    def __init__(self, path: Path) -> None:
        """Look at a file.

        Raises:
            FormatError: If it is empty, no UTF-8 text or no table.
        """
        self.tally = Tally(path)
        self._path = path
        check_text(path)
        self._separator = _separator(path)
        line, first = next(self._all_rows(), (0, []))
        if not line:
            raise FormatError("{path} is empty: nothing but blank lines.", path=path)
        if len(first) > MOST_COLUMNS:
            raise FormatError(
                "{path}, line {first}: {count:,} columns, of at most {most_columns:,}.",
                path=path,
                first=line,
                count=len(first),
                most_columns=MOST_COLUMNS,
            )
        names = [cell.casefold() for cell in first]
        columns = _triple_columns(names)
        self._has_labels = columns is None and _is_label_header(names)
        if _is_subject(names[0]) and not self._has_labels and columns is None:
            raise FormatError(
                "{path}, line {first}: the header {first_2!r} has no column of "
                "labels; call it 'label', 'label:en' or 'label:zh'.",
                path=path,
                first=line,
                first_2=", ".join(first),
            )
        self._columns = columns or (0, 1, 2)
        self._header = first if self._has_labels or columns else []
        self._width = len(self._header) or 3
        self._kind = "labels" if self._has_labels else "triples"

    def triples(self) -> Iterator[Triple]:
        """See `Source.triples`."""
        if self._has_labels:
            return
        at_head, at_relation, at_tail = self._columns
        for line, cells in self._whole_rows():
            head, relation, tail = cells[at_head], cells[at_relation], cells[at_tail]
            if why := wrong_with(head, relation, tail):
                self.tally.skip(line, cells, why)
            else:
                yield line, head, relation, tail
        self._check()

    def labels(self, ids: Ids) -> Iterator[LabelRow]:
        """See `Source.labels`."""
        if not self._has_labels:
            return
        rows = list(self._rows_with_id())
        kind = self._subject(rows, ids)
        self._kind = "entities" if kind == "entity" else "relations"
        names = _column_names(self._header, rows)
        for line, cells in rows:
            values = {
                name: _aliases(cell) if name == "aliases" else cell
                for name, cell in zip(names, cells, strict=True)
                if name and cell
            }
            yield LabelRow(line, cells, kind, cells[0], values)

    def report(self) -> FileReport:
        """See `Source.report`."""
        separator = SEPARATORS[self._separator]
        tally = self.tally
        return FileReport(self._path.name, self._kind, separator, tally.read, tally.skipped)

    def _all_rows(self) -> Iterator[Row]:
        return _split(self._path, self._separator)

    def _whole_rows(self) -> Iterator[Row]:
        """Rows after the header that have all of their cells; the others are skipped."""
        for line, cells in islice(self._all_rows(), bool(self._header), None):
            self.tally.read += 1
            if len(cells) == self._width + 1 and not cells[-1]:
                cells.pop()  # a separator stands behind the last cell
            if len(cells) == self._width:
                yield line, cells
            else:
                expected = f"expected {self._width}"
                self.tally.skip(line, cells, f"it has {len(cells)} columns, {expected}")

    def _rows_with_id(self) -> Iterator[Row]:
        for line, cells in self._whole_rows():
            if cells[0]:
                yield line, cells
            else:
                self.tally.skip(line, cells, "its id is empty")
        self._check()

    def _check(self) -> None:
        if not self.tally.read:
            raise FormatError("{path} holds a header and no rows.", path=self._path)
        self.tally.check(self._kind)

    def _subject(self, rows: list[Row], ids: Ids) -> Kind:
        """What a table labels: its header says so, else what its ids match."""
        first = self._header[0].casefold()
        for kind in ids:
            if first == kind:
                return kind
        hits = {kind: sum(cells[0] in known for _, cells in rows) for kind, known in ids.items()}
        return "relation" if hits["relation"] > hits["entity"] else "entity"


def _split(path: Path, separator: str) -> Iterator[Row]:
    """Rows of a file: only CSV has separators inside quotes; elsewhere those around a cell go."""
    is_csv = separator in ",;"
    with open_unpacked(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        reader = csv.reader(
            text,
            delimiter=separator,
            quoting=csv.QUOTE_MINIMAL if is_csv else csv.QUOTE_NONE,
            strict=True,
        )
        line = 0
        try:
            for cells in reader:
                line = reader.line_num
                stripped = [_bare(cell, is_csv) for cell in cells]
                if any(stripped) or len(stripped) > 1:
                    yield line, stripped
        except csv.Error as error:
            why = "a quote may stand there without its partner"
            if "field limit" in str(error):
                why = "no cell may be longer; " + why
            raise FormatError(
                "{path}, line {line}: {error}; {why}.",
                path=path,
                line=line + 1,
                error=error,
                why=why,
            ) from error


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


def _separator(path: Path) -> str:
    """The separator that makes a header, else the most rows of three cells."""
    fits: dict[str, tuple[bool, int, int]] = {}
    broken: FormatError | None = None
    for separator in SEPARATORS:
        try:
            fits[separator] = _fit([cells for _, cells in islice(_split(path, separator), _SAMPLE)])
        except FormatError as error:
            broken = error
    best = max(fits, key=lambda separator: fits[separator], default="")
    if best and fits[best] != (False, 0, 0):
        return best
    raise broken or FormatError(
        "{path}: no columns separated by tab, comma, ';' or '|' in its first lines.", path=path
    )


def _fit(rows: list[list[str]]) -> tuple[bool, int, int]:
    """How well a separator cuts a file: whether a header, rows of three cells, rows cut."""
    names = [cell.casefold() for cell in rows[0]] if rows else [""]
    return (
        _is_label_header(names) or _triple_columns(names) is not None,
        sum(len(cells) == 3 for cells in rows),
        sum(len(cells) > 1 for cells in rows),
    )


def _triple_columns(names: list[str]) -> tuple[int, int, int] | None:
    """Where a header puts head, relation and tail; None if the row is no such header."""
    roles = [_role(name) for name in names]
    for head, tail in ENDS_OF_TRIPLES:
        # KGTK calls its relations labels.
        relations = ("label",) if head == "node1" else RELATIONS_OF_TRIPLES
        relation = next((one for one in relations if one in roles), None)
        if relation and head in roles and tail in roles:
            return roles.index(head), roles.index(relation), roles.index(tail)
    return None


def _role(name: str) -> str:
    """What a column is, for all of `:START_ID(Person)`, `_start`, `start_id`, `start`."""
    return _MARKS.sub("", _MARKS.sub("", name))


def _is_subject(name: str) -> bool:
    return name in SUBJECTS_OF_TABLE or bool(re.search(r":id(\(.*\))?$", name))


def _is_label_header(names: list[str]) -> bool:
    return _is_subject(names[0]) and any(map(_is_label_column, names[1:]))


def _is_label_column(name: str) -> bool:
    known = (*NAMES_OF_LABELS, "alias", "aliases")
    return name in known or name.startswith(("label:", "label@"))


def _column_names(header: list[str], rows: list[Row]) -> list[str]:
    """Columns of a label table by their proper names; empty for one that is not used."""
    names = [""]
    for position, cell in enumerate(header[1:], 1):
        name = cell.casefold().replace("label@", "label:")
        if name in NAMES_OF_LABELS:
            name = f"label:{language_of_most(cells[position] for _, cells in rows)}"
            name = "" if name in names else name
        elif name == "alias":
            name = "aliases"
        names.append(name if _is_label_column(name) else "")
    return names


def _aliases(cell: str) -> list[str]:
    return [alias.strip() for alias in cell.split("|") if alias.strip()]
