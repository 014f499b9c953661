"""What an import found: what was read, what was skipped and why, and the graph's statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow.compute as pc

from core.graph.knowledge_graph import KnowledgeGraph
from core.results.graph import (
    Doubt,
    FileReport,
    Finding,
    Hub,
    ImportReport,
    Namesakes,
    RelationCount,
)

SHOWN = 20
"""Examples told of whatever there may be many of."""

DOUBTS: dict[Doubt, str] = {
    "columns": "{file} has no header and as many relations as heads or tails: the second column "
    "may not be the relation. Say which columns are head, relation and tail with --columns, such "
    "as 1,3,2.",
    "ids": "{file} names nothing that is in the facts: look how ids are written there.",
}
"""What is said where something may be wrong with a whole file."""


def describe(
    graph: KnowledgeGraph, files: Sequence[FileReport], findings: Sequence[Finding]
) -> ImportReport:
    """Put together what the readers met and what the graph turned out to be."""
    rows = sum(file.rows for file in files if file.kind == "triples")
    kept = sum(f.rows - f.skipped - f.names for f in files if f.kind == "triples")
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
        findings=tuple(findings[:SHOWN]),
        dangling=len(dangling),
        dangling_examples=tuple(map(graph.entity_id, dangling[:SHOWN])),
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
            for label, language, _ in islice(namesakes, SHOWN)
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
