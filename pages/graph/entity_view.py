"""One entity: what it is, what is around it, and the facts that mention it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.neighbourhood import neighbourhood
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.path_strip import relation_arrow
from pages.parts.table import table
from pages.parts.text import language, literal, t

DRAWN: Final = 40
"""Entities drawn at most, so that their names can be read."""

LISTED: Final = 500
"""Facts listed at most."""


def entity_view(graph: KnowledgeGraph, entity: int, move: Callable[[str], None]) -> None:
    """Show an entity and let the reader move on.

    Args:
        graph: Its graph.
        entity: Its number.
        move: Called with the id of an entity that the reader clicks.
    """
    label, entity_id = graph.label(entity, language()), graph.entity_id(entity)
    st.subheader(literal(label), anchor=False)
    others = [name for name in graph.aliases(entity) if name != label][:8]
    # One line in any case: what follows keeps its place, and the drawing is changed, not made anew.
    also = [t("graph.also", names=" · ".join(others))] if others else []
    st.caption("   ·   ".join([literal(entity_id), *also]))
    if not graph.degree(np.array([entity]))[0]:
        st.info(t("graph.alone"), icon=":material/link_off:")
        return
    drawing, facts = st.columns([3, 2], gap="large")
    with drawing:
        _surroundings(graph, entity, move)
    with facts:
        _facts(graph, entity, move)


def _surroundings(graph: KnowledgeGraph, entity: int, move: Callable[[str], None]) -> None:
    hops = st.segmented_control(
        t("graph.hops"),
        [1, 2],
        default=1,
        required=True,
        key="graph.hops",
        help=t("graph.hops_help"),
    )
    found = neighbourhood(graph, [entity], hops=hops, limit=DRAWN)
    name = language()
    ids = [graph.entity_id(other) for other in found.entities]
    nodes: list[dict[str, Any]] = [
        {
            "id": ids[place],
            "label": graph.label(int(other), name),
            "role": "topic" if other == entity else "other",
        }
        for place, other in enumerate(found.entities)
    ]
    edges = [
        {
            "source": ids[head],
            "target": ids[tail],
            "label": graph.relation_label(int(relation), name),
        }
        for head, relation, tail in zip(found.heads, found.relations, found.tails, strict=True)
    ]
    graph_view(nodes, edges, key="graph.around", height=520, on_select=move)
    cut = t("graph.cut", n=len(nodes)) + " " if found.truncated else ""
    st.caption(cut + t("graph.click"))


def _facts(graph: KnowledgeGraph, entity: int, move: Callable[[str], None]) -> None:
    """Every edge that leaves the entity, in either direction; a chosen row moves on."""
    _, relations, tails = graph.edges(np.array([entity]))
    total, relations, tails = len(tails), relations[:LISTED], tails[:LISTED]
    name = language()
    ids = [graph.entity_id(tail) for tail in tails]
    rows = [
        {
            t("graph.fact.relation"): relation_arrow(graph.relation_label(int(relation), name)),
            t("graph.fact.entity"): graph.label(int(tail), name),
        }
        for relation, tail in zip(relations, tails, strict=True)
    ]
    st.markdown("#### " + t("graph.facts"), help=t("graph.facts_help"))
    key = f"graph.facts.{graph.entity_id(entity)}"

    def chosen() -> None:
        if picked := st.session_state[key]["selection"]["rows"]:
            move(ids[picked[0]])

    table(
        rows,
        height="content" if len(rows) < 14 else 520,
        key=key,
        on_select=chosen,
        selection_mode="single-row",
    )
    if total > len(rows):
        st.caption(t("graph.facts_shown", shown=len(rows), total=f"{total:,}"))
