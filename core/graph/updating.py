"""What has to change in a graph so that it says what files say now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.graph.change_report import change_report
from core.graph.changes import Changes, Fact, Kind, Renaming, changes_to
from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.readers import read_graph
from core.results.graph import ChangeReport
from core.workspace import Workspace

Way = Literal["add", "remove", "whole"]
"""What files are: facts and names to add, facts to remove, or all there is to know."""

KINDS: tuple[Kind, ...] = ("entities", "relations")


def look(
    workspace: Workspace, name: str, files: Sequence[str | Path], columns: str, way: Way
) -> ChangeReport:
    """What an update would change.

    Raises:
        NotFound: If there is no such graph.
        FormatError: If a file is none, see `read_graph`.
    """
    graph = KnowledgeGraph.open(workspace.open("graphs", name))
    said, _ = read_graph(name, files, columns)
    return change_report(graph, update_to(graph, said, way), None)


def update_to(graph: KnowledgeGraph, said: KnowledgeGraph, way: Way) -> Changes:
    """The changes that files ask for.

    Args:
        graph: As it is.
        said: The files, read as a graph of their own.
        way: `add`: what it lacks, and other names for what they name (aliases are joined);
            `remove`: what it holds of their facts; `whole`: until it is the graph that they are.
    """
    if way == "remove":
        return changes_to(graph, remove=facts_at(said, np.flatnonzero(_held(said, graph))))
    coming = facts_at(said, np.flatnonzero(~_held(said, graph)))
    names = [one for kind in KINDS for one in _names(graph, said, kind, whole=way == "whole")]
    if way == "add":
        found = changes_to(graph, coming)
        lone: list[tuple[Kind, str]] = [
            ("entities", one) for one in _lone(said) if graph.find_entity(one) is None
        ]
        new = dict.fromkeys([*found.new, *lone])
        known = (one for one in names if (one.kind, one.id) in new or _knows(graph, one))
        return Changes(found.added, (), tuple(known), tuple(new))
    going = facts_at(graph, np.flatnonzero(~_held(graph, said)))
    had, has = (
        {(kind, str(one)) for kind in KINDS for one in whole.table(kind)["id"].to_pylist()}
        for whole in (graph, said)
    )
    return Changes(coming, going, tuple(names), tuple(sorted(has - had)), tuple(sorted(had - has)))


def facts_at(graph: KnowledgeGraph, where: Ints) -> tuple[Fact, ...]:
    """Triples by where they stand, as ids."""
    ids = [graph.table(kind)["id"] for kind in ("entities", "relations", "entities")]
    columns = graph.heads[where], graph.relations[where], graph.tails[where]
    texts = (
        one.take(pa.array(column.astype(np.int64))).to_pylist()
        for one, column in zip(ids, columns, strict=True)
    )
    return tuple(zip(*texts, strict=True))


def _held(graph: KnowledgeGraph, other: KnowledgeGraph) -> NDArray[np.bool_]:
    """Which triples of a graph another one holds: `(triples,)`."""
    entities = other.find_entities(graph.table("entities")["id"].to_pylist())
    names = graph.relation_ids[: graph.relation_count]
    own = {one: code for code, one in enumerate(other.relation_ids[: other.relation_count])}
    relations = np.array([own.get(one, -1) for one in names])
    heads, tails = entities[graph.heads], entities[graph.tails]
    codes = relations[graph.relations]
    held = (heads >= 0) & (tails >= 0) & (codes >= 0)
    held[held] = other.holds(heads[held], codes[held], tails[held])
    return held


def _names(
    graph: KnowledgeGraph, said: KnowledgeGraph, kind: Kind, *, whole: bool = False
) -> Iterator[Renaming]:
    tables = [one.table(kind) for one in (graph, said)]
    columns = dict.fromkeys(name for table in tables for name in table.column_names if name != "id")
    for column in columns:
        before, now = (_named(table, column) for table in tables)
        for one in dict.fromkeys([*now, *(before if whole else ())]):
            old, new = before.get(one), now.get(one)
            if isinstance(new, tuple) and not whole:
                new = tuple(dict.fromkeys([*(old or ()), *new]))
            if old != new:
                yield Renaming(kind, one, column, old, new)


def _named(table: pa.Table, column: str) -> dict[str, str | tuple[str, ...]]:
    """What things are called in a column, by id."""
    if column not in table.column_names:
        return {}
    rows = zip(table["id"].to_pylist(), table[column].to_pylist(), strict=True)
    return {
        one: tuple(name) if isinstance(name, list) else name
        for one, name in rows
        if name is not None
    }


def _knows(graph: KnowledgeGraph, one: Renaming) -> bool:
    if one.kind == "entities":
        return graph.find_entity(one.id) is not None
    return one.id in graph.relation_ids


def _lone(graph: KnowledgeGraph) -> list[str]:
    """Entities that are named, and in no fact."""
    return [graph.entity_id(int(one)) for one in np.flatnonzero(np.diff(graph.starts) == 0)]
