"""What a question may look for where the graph does not have it.

At each place of a tree stand, beside the relations that lead on, those that do not: any relation of
the schema at the topic; further on those that follow the hop before somewhere in the graph (see
`core.graph.schema`), for a city may lack a mayor, never a director. One more alternative is *none
of these*: what is asked for is no relation of the graph at all. A teacher that normalises over
them as well says with what probability the graph does not hold the answer, and what it lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints, KnowledgeGraph
from core.graph.path_tree import ROOT, PathTree, TreeShape
from core.graph.schema import followers
from core.records import MISSING, RelationPath

NONE = -1
"""Stands for *none of these* where else a relation code stands."""


@dataclass(frozen=True, eq=False)
class Absent:
    """Alternatives at a tree's nodes that the graph does not have there.

    Attributes:
        nodes: `(absent,)` the node where each is missing, ascending.
        codes: `(absent,)` relation code, or `NONE`.
        sought: `(absent,)` bool, what the question is known to look for.
        spoken: `(absent,)` how much the question sounds like asking for it, see `spoken_paths`; 0
            where nobody listens, and for `NONE`.
    """

    nodes: Ints
    codes: Ints
    sought: np.ndarray
    spoken: np.ndarray

    def __len__(self) -> int:
        return len(self.nodes)

    def among(self, kept: np.ndarray) -> Absent:
        """Those that a mask or an index picks."""
        return Absent(*(values[kept] for values in vars(self).values()))


def absent_at(nodes: Ints, codes: Ints) -> Absent:
    """Alternatives of no question yet."""
    return Absent(nodes, codes, np.zeros(len(nodes), bool), np.zeros(len(nodes), np.float32))


NOTHING_ABSENT = absent_at(np.zeros(0, np.int64), np.zeros(0, np.int64))


def absent_alternatives(graph: KnowledgeGraph, tree: PathTree, shape: TreeShape) -> Absent:
    """All that could follow at each node of a tree and does not, and *none of these* at each.

    Where nothing is to be chosen there are none: at the depth limit, at a frontier too wide to
    grow from, at open nodes. A tree that was cut does not tell whether what it lacks is absent or
    was left out: there the edges of its frontiers are asked.
    """
    width = 2 * graph.relation_count
    grows = (tree.depths < shape.hops) & (np.diff(tree.starts) <= shape.widest) & ~tree.open
    nodes = np.flatnonzero(grows)
    follows = followers(graph)
    below = nodes[nodes != ROOT]
    arrived = tree.relations[below]
    counts = np.diff(follows.indptr)[arrived]
    first = follows.indptr[arrived]
    nth = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = np.repeat(below, counts) * width + follows.indices[np.repeat(first, counts) + nth]
    if grows[ROOT]:
        keys = np.concatenate([np.arange(width), keys])
    there = tree.parents[1:].astype(np.int64) * width + tree.relations[1:]
    if tree.truncated:
        leaving = [graph.relations_of(tree.frontier(node)) for node in nodes.tolist()]
        there = np.concatenate(
            [
                there,
                *(node * width + codes for node, (_, codes, _) in zip(nodes, leaving, strict=True)),
            ]
        )
    keys = keys[~np.isin(keys, there)]
    if shape.directions == "forward":
        keys = keys[keys % width < graph.relation_count]
    where = np.concatenate([keys // width, nodes])
    codes = np.concatenate([keys % width, np.full(len(nodes), NONE)])
    order = np.argsort(where, kind="stable")
    return absent_at(where[order], codes[order])


def sought_paths(graph: KnowledgeGraph, tree: PathTree, absent: Absent) -> tuple[RelationPath, ...]:
    """What is sought, as paths that end in it."""
    return tuple(
        absent_path(graph, tree, node, code)
        for node, code in zip(
            absent.nodes[absent.sought].tolist(), absent.codes[absent.sought].tolist(), strict=True
        )
    )


def absent_path(graph: KnowledgeGraph, tree: PathTree, node: int, code: int) -> RelationPath:
    """What is absent at a node, as a path that ends in it; see `core.records.MISSING`."""
    before = (graph.relation_id(one) for one in tree.prefix(node))
    return (*before, MISSING + (graph.relation_id(code) if code != NONE else ""))
