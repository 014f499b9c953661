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


@dataclass(frozen=True, kw_only=True)
class KindOfEntity(Record):
    """Entities that are alike.

    Attributes:
        id, label: Of their type, or of the commonest relation that leaves them (`~` before it where
            it leads to them); empty for those of no kind.
        entities: How many.
        example: Label of the best connected one.
    """

    id: str
    label: str
    entities: int
    example: str


@dataclass(frozen=True, kw_only=True)
class RelationBetween(Record):
    """Facts of a relation from one kind to another: `source` and `target` are places in `kinds`."""

    id: str
    label: str
    source: int
    target: int
    facts: int


@dataclass(frozen=True, kw_only=True)
class GraphOverview(Record):
    """What a graph is about.

    Attributes:
        name: The graph.
        by_type: Whether facts say what each entity is; otherwise kinds are found by relations.
        kinds: Most entities first; each entity is of one.
        relations: Between them, most facts first.
        hubs: The entities with most edges.
    """

    name: str
    by_type: bool
    kinds: tuple[KindOfEntity, ...]
    relations: tuple[RelationBetween, ...]
    hubs: tuple[Hub, ...]


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
class GraphVersion(Record):
    """A change that made a graph what it is, or was until the next.

    Attributes:
        number: From 1, the first since the import.
        time: When, ISO 8601 in UTC.
        source: Where it came from: files, a person, or another change that it undoes.
        before, after: Content hashes of the graph.
        added, removed: Facts.
        renamed: Labels and lists of aliases that are others now.
        relations: Relations that came or went.
    """

    number: int
    time: str
    source: str
    before: str
    after: str
    added: int
    removed: int
    renamed: int
    relations: int


@dataclass(frozen=True, kw_only=True)
class Renamed(Record):
    """What a thing is called in a language, or by aliases: before and now, empty for nothing."""

    id: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeReport(Record):
    """What a change does, or has done, to a graph.

    Attributes:
        name: The graph.
        added, removed, renamed: How many in all.
        added_examples, removed_examples, renamed_examples: The first of them.
        entities, relations: How many are new to the graph.
        kept: The version that was made; None where nothing was to change, or it was only looked.
        triples: Facts of the graph after it.
    """

    name: str
    added: int
    removed: int
    renamed: int
    added_examples: tuple[tuple[str, str, str], ...]
    removed_examples: tuple[tuple[str, str, str], ...]
    renamed_examples: tuple[Renamed, ...]
    entities: int
    relations: int
    kept: GraphVersion | None
    triples: int


WayOn = Literal["nothing", "reads_on", "measure", "new_relations", "before_training", "again"]


@dataclass(frozen=True, kw_only=True)
class Dependant(Record):
    """Something that was made from a graph.

    Attributes:
        kind: `questions`, `teachers`, `labels` or `students`.
        name: What it is called.
        changes: Facts and names changed since; None if the graph is no later version of that one.
        way_on: `nothing` to do; `reads_on`: it reads facts as they are, and was measured before;
            `measure` it again, for much has changed; `new_relations`: it answers, but has not
            learned the relations that are new; make it anew `before_training` from it; make it
            `again`.
    """

    kind: str
    name: str
    changes: int | None
    way_on: WayOn


@dataclass(frozen=True, kw_only=True)
class GraphReport(Record):
    """A graph that was imported; what changed, if it was there before."""

    name: str
    entities: int
    relations: int
    triples: int
    languages: tuple[str, ...]
    report: ImportReport
    change: ChangeReport | None = None


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
