"""A graph with some facts more: what would be so if they were?

Unlike what is removed (`core.graph.removal`), what is added changes the columns themselves: they
are copied once, with the new rows at their places.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.removal import Edge


def with_edges(graph: KnowledgeGraph, edges: Sequence[Edge]) -> KnowledgeGraph:
    """The graph that would be built with some more edges between entities that it has.

    Args:
        graph: The graph, which stays as it is.
        edges: Edges to add, each read either way; what the graph has already is passed over.

    Returns:
        A graph of the same entities and relations by the same numbers, with a hash of its own; the
        graph itself where there is nothing to add.
    """
    count = graph.relation_count
    forward = {(h, c, t) if c < count else (t, c - count, h) for h, c, t in edges}
    new = sorted(edge for edge in forward if not graph.has(*edge))
    if not new:
        return graph
    both = sorted([*new, *((tail, code + count, head) for head, code, tail in new)])
    columns = (graph.heads, graph.relations, graph.tails)
    triples = [_place(columns, 0, len(graph.heads), edge) for edge in new]
    pairs = (graph.edge_relations, graph.edge_tails)
    rows = [
        _place(pairs, int(graph.starts[head]), int(graph.starts[head + 1]), edge)
        for head, *edge in both
    ]
    more = np.bincount([head for head, _, _ in both], minlength=graph.entity_count)
    tables = graph._tables | {
        "triples": pa.table(
            {
                name: np.insert(column, triples, values)
                for name, column, values in zip(
                    ("head", "relation", "tail"), columns, zip(*new, strict=True), strict=True
                )
            }
        ),
        "edges": pa.table(
            {
                "relation": np.insert(graph.edge_relations, rows, [code for _, code, _ in both]),
                "tail": np.insert(graph.edge_tails, rows, [tail for _, _, tail in both]),
            }
        ),
        "rows": pa.table({"start": graph.starts + np.concatenate([[0], np.cumsum(more)])}),
    }
    digest = hashlib.sha256(f"{graph.hash} with {new}".encode()).hexdigest()
    return KnowledgeGraph(graph.name, tables, digest)


def facts_written(graph: KnowledgeGraph, fact: str) -> Iterator[Edge]:
    """What `head|relation|tail`, by id, may mean in a graph; an id may itself hold a `|`.

    The entities and the relation are the graph's; whether it has the fact is not asked.
    """
    parts = fact.split("|")
    for first, second in combinations(range(1, len(parts)), 2):
        head = graph.find_entity("|".join(parts[:first]))
        code = graph.find_relation("|".join(parts[first:second]))
        tail = graph.find_entity("|".join(parts[second:]))
        if head is not None and code is not None and tail is not None:
            yield head, code, tail


def _place(columns: Sequence[Ints], low: int, high: int, row: Sequence[int]) -> int:
    """Where a row belongs between two places of columns that are sorted together there."""
    for column, value in zip(columns, row, strict=True):
        wanted = column.dtype.type(value)  # of another type the search would copy the column
        stretch = column[low:high]
        before, after = (np.searchsorted(stretch, wanted, side) for side in ("left", "right"))
        low, high = int(low + before), int(low + after)
    return low
