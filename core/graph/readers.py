"""Files of triples and tables of labels become a graph and a report of what was found in them.

    head,relation,tail                 triples: TSV, CSV or |-separated, the header may be missing
    joe_biden,born_in,scranton

    entity,label:en,label:zh,aliases   labels: the first column is `entity`, `relation` or `id`;
    joe_biden,Joe Biden,乔·拜登,Joe    aliases are separated by |

A row that cannot be read is skipped and reported with its file, line and reason. A file of which
more than half cannot be read is refused: it is not what it was taken for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa

from core.errors import FormatError
from core.foreign_files import LARGEST_TABLE, LONGEST_LINE, lines_of, open_foreign
from core.graph.import_report import FileReport, Finding, ImportReport, describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.scripts import language_of

SEPARATORS = {"\t": "tab", "|": "|", ",": "comma"}
ENDS_OF_TRIPLE = (
    ("head", "relation", "tail"),
    ("subject", "predicate", "object"),
    ("subject", "relation", "object"),
    ("source", "relation", "target"),
)
SUBJECTS_OF_TABLE = ("id", "entity", "relation")

MOST_COLUMNS = 1000
"""Of any table: labels in a few hundred languages, and more beside."""

_SAMPLE = 50  # rows that decide what a file is
_BATCH = 50_000  # rows that are Python objects at a time

csv.field_size_limit(LONGEST_LINE)  # Python's own is 131,072, which some descriptions exceed

Row = tuple[int, list[str]]
"""Line number where the row ends, and its cells without blanks around them."""


def read_graph(name: str, files: Sequence[str | Path]) -> tuple[KnowledgeGraph, ImportReport]:
    """Read triples and, optionally, labels into a graph.

    Args:
        name: What to call the graph.
        files: In any order; which are triples and which are labels is seen in them.

    Raises:
        FormatError: If a file is missing, empty, not UTF-8 text or mostly unreadable, or if no file
            holds triples.
    """
    sources = [_Source(Path(file)) for file in files]
    batches = [batch for source in sources if source.is_triples for batch in _triples(source)]
    if not batches:
        raise FormatError(
            "None of the {count} files holds triples: give one with three columns, "
            "head, relation and tail.",
            count=len(sources),
        )
    triples = pa.concat_tables(batches)
    tables = {"entity": _Labels(), "relation": _Labels()}
    ids = {"entity": _distinct(triples, "head", "tail"), "relation": _distinct(triples, "relation")}
    for source in sources:
        if not source.is_triples:
            rows = list(_good_rows(source))
            kind = _subject(source, rows, ids)
            source.kind = "entities" if kind == "entity" else "relations"
            tables[kind].add(source, rows)
    tables["entity"].add_names_in(ids["entity"])
    graph = KnowledgeGraph.build(
        name, triples, tables["entity"].as_table(), tables["relation"].as_table()
    )
    reports = [source.report() for source in sources]
    findings = [finding for source in sources for finding in source.findings]
    return graph, describe(graph, reports, findings)


# --- one file -----------------------------------------------------------------------------------


class _Source:
    """A file, what it holds, and what was wrong in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _check_text(path)
        self.separator = _separator(path)
        first = next(iter(self._rows()), None)
        if first is None:
            raise FormatError("{path} is empty: nothing but blank lines.", path=path)
        if len(first[1]) > MOST_COLUMNS:
            raise FormatError(
                "{path}, line {first}: {count:,} columns, of at most {most_columns:,}.",
                path=path,
                first=first[0],
                count=len(first[1]),
                most_columns=MOST_COLUMNS,
            )
        names = [cell.casefold() for cell in first[1]]
        self.columns = _triple_columns(names)
        self.is_table = names[0] in SUBJECTS_OF_TABLE and any(map(_is_label_column, names[1:]))
        if names[0] in SUBJECTS_OF_TABLE and not self.is_table and self.columns is None:
            raise FormatError(
                "{path}, line {first}: the header {first_2!r} has no column of "
                "labels; call it 'label', 'label:en' or 'label:zh'.",
                path=path,
                first=first[0],
                first_2=", ".join(first[1]),
            )
        self.header = first[1] if self.is_table or self.columns else []
        self.kind = "labels" if self.is_table else "triples"
        self.read = 0
        self.bad = 0
        self.findings: list[Finding] = []

    @property
    def is_triples(self) -> bool:
        return not self.is_table

    @property
    def width(self) -> int:
        return len(self.header) or 3

    def rows(self) -> Iterator[Row]:
        """Rows after the header, blank lines left out."""
        return islice(self._rows(), bool(self.header), None)

    def skip(self, line: int, cells: Iterable[str], why: str) -> None:
        self.bad += 1
        if len(self.findings) < FileReport.SHOWN:
            found = " | ".join(cells)
            found = found if len(found) <= 120 else found[:119] + "…"
            self.findings.append(Finding(self.path.name, line, found, why))

    def check(self) -> None:
        """Refuse the file if it has no rows, or mostly rows that cannot be read."""
        if not self.read:
            raise FormatError("{path} holds a header and no rows.", path=self.path)
        if 2 * self.bad > self.read:
            first = self.findings[0]
            raise FormatError(
                "{path}: {bad} of {read} rows cannot be read as {kind}; the "
                "first is line {line}, {why} (found: {found!r}).",
                path=self.path,
                bad=self.bad,
                read=self.read,
                kind=self.kind,
                line=first.line,
                why=first.why,
                found=first.found,
            )

    def report(self) -> FileReport:
        name = SEPARATORS[self.separator]
        return FileReport(self.path.name, self.kind, name, self.read, self.bad)

    def _rows(self) -> Iterator[Row]:
        return _split(self.path, self.separator)


def _check_text(path: Path) -> None:
    """Refuse what is not a file of UTF-8 text, before anything is made of it."""
    line = 0
    try:
        with open_foreign(path, LARGEST_TABLE) as file:
            for line, data in enumerate(lines_of(file, path), 1):
                if b"\0" in data:
                    raise FormatError(
                        "{path}, line {line}: not text; save it as UTF-8 text.",
                        path=path,
                        line=line,
                    )
                data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError(
            "{path}, line {line}: byte {start} of the line "
            "(0x{object:02x}) is not UTF-8; save the file as UTF-8.",
            path=path,
            line=line,
            start=error.start + 1,
            object=error.object[error.start],
        ) from error
    except OSError as error:
        raise FormatError(
            "{path} cannot be read: {strerror}.", path=path, strerror=error.strerror
        ) from error
    if not line:
        raise FormatError("{path} is empty.", path=path)


def _split(path: Path, separator: str) -> Iterator[Row]:
    """Rows of a file: only CSV knows quotes, elsewhere a quote is a letter like any other."""
    with open_foreign(path, LARGEST_TABLE) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        reader = csv.reader(
            text,
            delimiter=separator,
            quoting=csv.QUOTE_MINIMAL if separator == "," else csv.QUOTE_NONE,
            strict=True,
        )
        line = 0
        try:
            for cells in reader:
                line = reader.line_num
                stripped = [cell.strip() for cell in cells]
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


def _separator(path: Path) -> str:
    """The separator that makes a header of labels, else the most rows of three cells."""
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
        "{path}: no columns separated by tab, comma or '|' in its first lines.", path=path
    )


def _fit(rows: list[list[str]]) -> tuple[bool, int, int]:
    """How well a separator cuts a file: a header of labels, rows of three cells, rows cut."""
    names = [cell.casefold() for cell in rows[0]] if rows else [""]
    headed = names[0] in SUBJECTS_OF_TABLE and any(map(_is_label_column, names[1:]))
    return headed, sum(len(cells) == 3 for cells in rows), sum(len(cells) > 1 for cells in rows)


def _triple_columns(names: list[str]) -> list[int] | None:
    """Where a header puts head, relation and tail; None if the row is no such header."""
    for wanted in ENDS_OF_TRIPLE:
        if set(wanted) <= set(names):
            return [names.index(name) for name in wanted]
    return None


def _is_label_column(name: str) -> bool:
    return name in ("label", "alias", "aliases") or name.startswith("label:")


# --- triples ------------------------------------------------------------------------------------


def _triples(source: _Source) -> Iterator[pa.Table]:
    """Tables of `head`, `relation`, `tail`; only one batch at a time is made of Python objects."""
    rows = _good_rows(source)
    schema = pa.schema([(name, pa.string()) for name in ENDS_OF_TRIPLE[0]])
    while batch := [cells for _, cells in islice(rows, _BATCH)]:
        yield pa.table(list(zip(*batch, strict=True)), schema=schema)


def _good_rows(source: _Source) -> Iterator[Row]:
    """Rows of the right shape, the others skipped; refuses the file at its end if need be."""
    columns = source.columns or [0, 1, 2]
    for line, cells in source.rows():
        source.read += 1
        if len(cells) != source.width:
            expected = f"expected {source.width}"
            source.skip(line, cells, f"it has {len(cells)} columns, {expected}")
        elif source.is_table:
            if cells[0]:
                yield line, cells
            else:
                source.skip(line, cells, "its id is empty")
        else:
            triple = [cells[column] for column in columns]
            if not all(triple):
                source.skip(line, cells, f"its {_first_empty(triple)} is empty")
            elif triple[1].startswith("~"):
                source.skip(line, cells, "its relation begins with '~', which marks inverses")
            else:
                yield line, triple
    source.check()


def _first_empty(triple: list[str]) -> str:
    return next(n for n, cell in zip(ENDS_OF_TRIPLE[0], triple, strict=True) if not cell)


def _distinct(triples: pa.Table, *columns: str) -> set[str]:
    return {name for column in columns for name in triples[column].unique().to_pylist()}


# --- labels -------------------------------------------------------------------------------------


@dataclass
class _Labels:
    """Labels by id, gathered from any number of tables."""

    by_id: dict[str, dict[str, str | list[str]]] = field(default_factory=dict)

    def add(self, source: _Source, rows: list[Row]) -> None:
        """Take over a table; of two values for one cell the first stays."""
        names = _column_names(source.header, rows)
        for line, cells in rows:
            known = self.by_id.setdefault(cells[0], {})
            values = {name: cell for name, cell in zip(names, cells, strict=True) if name and cell}
            clash = next((name for name in values if name in known), None)
            if clash:
                source.skip(line, cells, f"{cells[0]!r} has another {clash} in a row before")
                continue
            for name, cell in values.items():
                known[name] = _aliases(cell) if name == "aliases" else cell

    def add_names_in(self, ids: set[str]) -> None:
        """Where ids are written `name ||| key`, as namesakes are in some corpora, show the name."""
        names = {one: one.split(" ||| ")[0].strip() for one in ids if " ||| " in one}
        if 2 * len(names) <= len(ids):
            return
        column = f"label:{_language(names.values())}"
        for one, label in names.items():
            if label:
                self.by_id.setdefault(one, {}).setdefault(column, label)

    def as_table(self) -> pa.Table | None:
        """Columns as `KnowledgeGraph.build` takes them; None if there is no label."""
        if not self.by_id:
            return None
        names = sorted({name for values in self.by_id.values() for name in values})
        columns = {"id": pa.array(list(self.by_id), pa.string())}
        for name in sorted(names, key=lambda n: (n == "aliases", n)):
            kind = pa.list_(pa.string()) if name == "aliases" else pa.string()
            columns[name] = pa.array([values.get(name) for values in self.by_id.values()], kind)
        return pa.table(columns)


def _column_names(header: list[str], rows: list[Row]) -> list[str]:
    """Columns of a label table by their proper names; empty for one that is not used."""
    names = [""]
    for position, cell in enumerate(header[1:], 1):
        name = cell.casefold()
        if name == "label":
            name = f"label:{_language(cells[position] for _, cells in rows)}"
        elif name == "alias":
            name = "aliases"
        names.append(name if _is_label_column(name) else "")
    return names


def _subject(source: _Source, rows: list[Row], ids: dict[str, set[str]]) -> str:
    """Whether a table labels entities or relations: its header says so, else what its ids match."""
    said = source.header[0].casefold()
    if said in ids:
        return said
    hits = {kind: sum(cells[0] in known for _, cells in rows) for kind, known in ids.items()}
    return "relation" if hits["relation"] > hits["entity"] else "entity"


def _aliases(cell: str) -> list[str]:
    return [alias.strip() for alias in cell.split("|") if alias.strip()]


def _language(labels: Iterable[str]) -> str:
    """`zh` if most labels hold a Chinese character, else `en`."""
    chinese = [language_of(label) == "zh" for label in labels if label]
    return "zh" if 2 * sum(chinese) > len(chinese) else "en"
