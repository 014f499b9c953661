"""What is said of a graph: how its import went, its statistics, and how two entities connect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.results.named import Fact, Named
from core.results.record import Record

Doubt = Literal["", "columns", "ids"]


@dataclass(frozen=True)
class Finding(Record):
    """A row that was skipped: file, line (counted from 1), its text, and the reason."""

    file: str
    line: int
    found: str
    why: str


@dataclass(frozen=True)
class FileReport(Record):
    """One file.

    Attributes:
        file: Its name.
        kind: `triples`, `entities` or `relations`.
        separator: What stands between columns; empty where there are none.
        rows: Rows or statements, skipped ones among them.
        skipped: Those that were left out.
        names: Statements in a file of triples that say what something is called.
        literals: Facts in a file of RDF that lead to a text, a number or a date.
        doubt: What may be wrong with the whole: `columns`, without a header the second column has
            as many values as the first or the third, so it may be no relation; `ids`, what is
            labelled occurs in no triple.
    """

    file: str
    kind: str
    separator: str
    rows: int
    skipped: int
    names: int = 0
    literals: int = 0
    doubt: Doubt = ""


@dataclass(frozen=True)
class Hub(Record):
    """An entity with many edges, both directions counted."""

    id: str
    label: str
    degree: int


@dataclass(frozen=True)
class RelationCount(Record):
    """A relation and its number of triples."""

    id: str
    label: str
    triples: int


@dataclass(frozen=True)
class Namesakes(Record):
    """A label that several entities share."""

    label: str
    language: str
    entities: tuple[str, ...]


@dataclass(frozen=True)
class ImportReport(Record):
    """Everything worth knowing after an import.

    Attributes:
        files: One entry per file, in the order given.
        rows: Rows read in files of triples.
        triples: Distinct triples kept.
        duplicates: Rows that repeat a triple.
        skipped: Rows skipped in all files.
        findings: The first skipped rows, 20 at most.
        dangling: Ids with a label that occur in no triple.
        dangling_examples: The first of them.
        unlabelled_entities: Entities without a label in any language.
        unlabelled_relations: Relations without a label in any language.
        self_loops: Triples whose head is their tail.
        degree_max: Most edges of one entity, both directions.
        degree_median: Edges of the median entity.
        hubs: The ten entities with most edges.
        relations: Every relation with its triples, most first.
        namesakes: Labels that several entities share.
        namesake_examples: The first of them, most shared first.
    """

    files: tuple[FileReport, ...]
    rows: int
    triples: int
    duplicates: int
    skipped: int
    findings: tuple[Finding, ...]
    dangling: int
    dangling_examples: tuple[str, ...]
    unlabelled_entities: int
    unlabelled_relations: int
    self_loops: int
    degree_max: int
    degree_median: float
    hubs: tuple[Hub, ...]
    relations: tuple[RelationCount, ...]
    namesakes: int
    namesake_examples: tuple[Namesakes, ...]


@dataclass(frozen=True, kw_only=True)
class GraphReport(Record):
    """A graph that was imported."""

    name: str
    entities: int
    relations: int
    triples: int
    languages: tuple[str, ...]
    report: ImportReport


@dataclass(frozen=True, kw_only=True)
class ConnectingPath(Record):
    """A relation path from one entity to another, and an example of it."""

    relations: tuple[str, ...]
    hops: tuple[Fact, ...]


@dataclass(frozen=True, kw_only=True)
class Connection(Record):
    """The shortest relation paths between two entities."""

    source: Named
    target: Named
    paths: tuple[ConnectingPath, ...]
