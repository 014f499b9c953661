"""What an import found: what was read, what was skipped and why, and the graph's statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, ClassVar

import numpy as np
import pyarrow.compute as pc

from core.graph.knowledge_graph import KnowledgeGraph


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that was skipped: file, line (counted from 1), its text, and the reason."""

    file: str
    line: int
    found: str
    why: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file: `kind` is `triples`, `entities` or `relations`; `rows` includes skipped ones."""

    SHOWN: ClassVar[int] = 20

    file: str
    kind: str
    separator: str
    rows: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Hub:
    """An entity with many edges, both directions counted."""

    id: str
    label: str
    degree: int


@dataclass(frozen=True, slots=True)
class RelationCount:
    """A relation and its number of triples."""

    id: str
    label: str
    triples: int


@dataclass(frozen=True, slots=True)
class Namesakes:
    """A label that several entities share."""

    label: str
    language: str
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
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

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values for JSON."""
        return asdict(self)


def describe(
    graph: KnowledgeGraph, files: Sequence[FileReport], findings: Sequence[Finding]
) -> ImportReport:
    """Put together what the readers met and what the graph turned out to be."""
    shown = FileReport.SHOWN
    rows = sum(file.rows for file in files if file.kind == "triples")
    kept = sum(file.rows - file.skipped for file in files if file.kind == "triples")
    degrees = np.diff(graph.starts)
    dangling = np.flatnonzero(degrees == 0)
    hubs = np.argsort(-degrees, kind="stable")[:10]
    counts = np.bincount(graph.relations, minlength=graph.relation_count)
    namesakes = sorted(_namesakes(graph), key=lambda found: -found[2])
    return ImportReport(
        files=tuple(files),
        rows=rows,
        triples=graph.triple_count,
        duplicates=kept - graph.triple_count,
        skipped=sum(file.skipped for file in files),
        findings=tuple(findings[:shown]),
        dangling=len(dangling),
        dangling_examples=tuple(map(graph.entity_id, dangling[:shown])),
        unlabelled_entities=_unlabelled(graph, "entities", graph.entity_count),
        unlabelled_relations=_unlabelled(graph, "relations", graph.relation_count),
        self_loops=int(np.sum(graph.heads == graph.tails)),
        degree_max=int(degrees.max()),
        degree_median=float(np.median(degrees)),
        hubs=tuple(Hub(graph.entity_id(e), graph.label(e), int(degrees[e])) for e in hubs),
        relations=tuple(
            RelationCount(graph.relation_id(r), graph.relation_label(r), int(counts[r]))
            for r in np.argsort(-counts, kind="stable")
        ),
        namesakes=len(namesakes),
        namesake_examples=tuple(
            Namesakes(label, language, _bearers(graph, label, language))
            for label, language, _ in islice(namesakes, shown)
        ),
    )


def _unlabelled(graph: KnowledgeGraph, kind: str, count: int) -> int:
    bare = np.ones(count, bool)
    for language in graph.languages:
        column = graph.column(kind, f"label:{language}")
        if column is not None:
            bare &= np.asarray(pc.is_null(column).combine_chunks())
    return int(bare.sum())


def _namesakes(graph: KnowledgeGraph) -> Iterator[tuple[str, str, int]]:
    """Label, language and number of bearers of every label with several."""
    for language in graph.languages:
        if (labels := graph.column("entities", f"label:{language}")) is None:
            continue
        counts = pc.value_counts(labels.drop_null().combine_chunks())
        shared = counts.filter(pc.greater(counts.field("counts"), 1))
        for found in shared.to_pylist():
            yield found["values"], language, found["counts"]


def _bearers(graph: KnowledgeGraph, label: str, language: str) -> tuple[str, ...]:
    column = graph.column("entities", f"label:{language}")
    return tuple(map(graph.entity_id, pc.indices_nonzero(pc.equal(column, label)).to_pylist()))
