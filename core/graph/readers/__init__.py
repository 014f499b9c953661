"""Files become a graph and a report of what was found in them.

Each file is opened by the format that it is written in (see `formats`) and gives triples, labels or
both (see `source`). What cannot be read is left out and reported with its file, line and reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from core.errors import FormatError
from core.graph.import_report import describe
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.numbering import names_in, names_used, numbered, renamed
from core.graph.readers.columns import Columns
from core.graph.readers.formats import open_source
from core.graph.readers.iris import short_names
from core.graph.readers.labels import Labels
from core.graph.readers.source import ENDS, Ids, Source, as_columns
from core.graph.readers.tables import Table
from core.results.graph import ImportReport


def read_graph(
    name: str, files: Sequence[str | Path], columns: str = ""
) -> tuple[KnowledgeGraph, ImportReport]:
    """Read triples and, optionally, labels into a graph.

    Args:
        name: What to call the graph.
        files: In any order; which are triples and which are labels is seen in them.
        columns: Which columns of tables are head, relation and tail, see `Columns`; empty: as seen.

    Raises:
        FormatError: If a file is missing, empty, not UTF-8 text or mostly unreadable, or if no file
            holds triples, or the columns that were named.
    """
    sources = open_sources(files, columns)
    open_ones = [one for one in sources if isinstance(one, Table) and one.may_be_labels]
    batches = [one for source in sources if source not in open_ones for one in _batches(source)]
    known = _distinct(pa.concat_tables(batches), *ENDS) if open_ones and batches else set()
    settle(open_ones, known)
    batches += [one for table in open_ones for one in _batches(table)]
    if not batches:
        raise FormatError(
            "None of the {count} files holds triples: give one with three columns, "
            "head, relation and tail.",
            count=len(sources),
        )
    triples = numbered(pa.concat_tables(batches))
    batches.clear()  # texts of all facts, of which each is needed but once
    ids: Ids = {
        "entity": set(names_in(triples["head"]).to_pylist()),
        "relation": set(names_in(triples["relation"]).to_pylist()),
    }
    labels = Labels()
    for source in sources:
        labels.add(source, ids)
    labels.add_names_in(ids["entity"])
    labels.add_local_names(ids, names_used(triples["head"]))
    triples = _renamed(triples, labels, ids["relation"])
    graph = KnowledgeGraph.build(
        name, triples, labels.as_table("entity"), labels.as_table("relation")
    )
    reports = [source.report() for source in sources]
    findings = [finding for source in sources for finding in source.tally.findings]
    return graph, describe(graph, reports, findings)


def open_sources(files: Sequence[str | Path], columns: str = "") -> list[Source]:
    """Open files of triples and labels.

    Raises:
        FormatError: As `read_graph`, for what can be told before they are read.
    """
    said = Columns.of(columns)
    sources = [open_source(Path(file), said) for file in files]
    if said and not any(isinstance(one, Table) and one.takes_columns for one in sources):
        raise FormatError("None of the files has the columns {columns!r}.", columns=columns)
    return sources


def settle(tables: Sequence[Table], known: set[str]) -> None:
    """Decide which tables without a header are labels.

    Args:
        tables: Which may be.
        known: What is in the triples of others; where no other file is certain to hold any, it is
            what stands in the third columns of the tables.
    """
    for table in tables:
        others = (other for other in tables if other is not table and not known)
        table.settle(known.union(*(other.sample_of(2) for other in others)))


def _batches(source: Source) -> Iterator[pa.Table]:
    found = source.batches() if isinstance(source, Table) else as_columns(source.triples())
    return (table for table in found if table.num_rows)


def _renamed(triples: pa.Table, labels: Labels, relations: set[str]) -> pa.Table:
    """The triples with short names for relations that are IRIs, and labels for these names."""
    names = short_names(relations)
    if not names:
        return triples
    labels.rename_relations(names)
    return triples.set_column(1, "relation", renamed(triples["relation"], names))


def _distinct(triples: pa.Table, *columns: str) -> set[str]:
    return {name for column in columns for name in triples[column].unique().to_pylist()}
