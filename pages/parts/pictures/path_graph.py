"""Chains of hops as one drawing: what `path_strip` shows as lines, seen as a graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from core.results.named import Fact, Named

Hops = Sequence[Fact]
"""A chain."""


def path_graph(
    best: Iterable[Hops], others: Iterable[Hops] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Nodes and edges of some chains, topics on the left.

    Args:
        best: Chains to stand out; where they begin is a topic, where they end an answer.
        others: Chains drawn thin beside them.

    Returns:
        Nodes and edges for `graph_view`. A relation walked backward is drawn as the graph has it:
        as an arrow from its tail to its head.
    """
    nodes: dict[str, dict[str, Any]] = {}
    edges: dict[tuple[str, str, str], dict[str, Any]] = {}
    for chain, role in [*((c, "path") for c in best), *((c, "other") for c in others)]:
        for level, hop in enumerate(chain):
            first, last = level == 0, level == len(chain) - 1
            _add(nodes, hop.head, level, "topic" if first else role)
            _add(nodes, hop.tail, level + 1, "answer" if last and role == "path" else role)
            edge = _edge(hop, role)
            edges.setdefault((edge["source"], edge["target"], edge["label"]), edge)
    return list(nodes.values()), list(edges.values())


def _add(nodes: dict[str, dict[str, Any]], entity: Named, level: int, role: str) -> None:
    node = {"id": entity.id, "label": entity.label, "level": level, "role": role}
    there = nodes.setdefault(entity.id, node)
    if role == "answer" and there["role"] != "topic":
        there["role"] = role


def _edge(hop: Fact, role: str) -> dict[str, Any]:
    head, tail, label = hop.head.id, hop.tail.id, hop.relation.label
    if label.startswith("~"):
        head, tail, label = tail, head, label[1:]
    return {"source": head, "target": tail, "label": label, "role": role}
