"""A graph at first sight: its numbers, its kinds of entities and what relates them, its hubs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from math import log2
from typing import Any, Final

import streamlit as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.overview import overview
from core.manifests import Stamp
from core.results.graph import GraphOverview, KindOfEntity, RelationBetween
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.path_strip import relation_arrow
from pages.parts.state import open_graph, workspace
from pages.parts.table import table
from pages.parts.text import language, literal, t, t_plain

DRAWN: Final = 40
"""Pairs of kinds between which a line is drawn, those with most facts: lines then bear names."""

TOLD: Final = 6
"""Relations of a line that its tooltip names."""


def overview_view(graph: KnowledgeGraph, move: Callable[[str], None]) -> None:
    """Show it.

    Args:
        graph: The graph.
        move: Called with the id of an entity that the reader chooses.
    """
    _numbers(graph)
    space = workspace()
    with st.spinner(t("graph.overview.counting")):
        stamp = space.stamp("graphs", graph.name)
        found = _overview(str(space.root), graph.name, stamp, language())
    _drawing(found)
    between, hubs = st.columns([3, 2], gap="large")
    with between:
        st.markdown("#### " + t("graph.overview.between"))
        table(_rows(found), height="content" if len(found.relations) < 12 else 460)
    with hubs:
        _hubs(found, move)


@st.cache_data(show_spinner=False, max_entries=16)
def _overview(root: str, name: str, stamp: Stamp, spoken: str) -> GraphOverview:
    return overview(open_graph(name), spoken)


def _numbers(graph: KnowledgeGraph) -> None:
    entities, relations, triples, languages = st.columns(4)
    entities.metric(t("graph.entities"), f"{graph.entity_count:,}", border=True)
    relations.metric(t("graph.relations"), f"{graph.relation_count:,}", border=True)
    triples.metric(
        t("graph.triples"), f"{graph.triple_count:,}", border=True, help=t("graph.triples_help")
    )
    spoken = literal(" · ".join(graph.languages)) or t("graph.no_labels")
    languages.metric(t("graph.languages"), spoken, border=True)


def _drawing(found: GraphOverview) -> None:
    st.markdown(
        "#### " + t("graph.overview.kinds"),
        help=t("graph.overview.by_type" if found.by_type else "graph.overview.by_relations"),
    )
    between: dict[tuple[int, int], list[RelationBetween]] = defaultdict(list)
    for one in found.relations:
        between[one.source, one.target].append(one)
    pairs = sorted(between.items(), key=lambda pair: -sum(one.facts for one in pair[1]))[:DRAWN]
    nodes: list[dict[str, Any]] = [
        {"id": str(at), "label": f"{_called(kind, found.by_type)} ({kind.entities:,})"}
        for at, kind in enumerate(found.kinds)
    ]
    edges = [
        {
            "source": str(source),
            "target": str(target),
            "label": _line(relations),
            "width": 1 + log2(sum(one.facts for one in relations)) / 3,
            "title": _told(relations),
        }
        for (source, target), relations in pairs
    ]
    graph_view(nodes, edges, key="graph.overview", height=600)
    if len(pairs) < len(between):
        st.caption(t("graph.overview.cut", shown=len(pairs), total=len(between)))


def _called(kind: KindOfEntity, by_type: bool) -> str:
    """A type by its name; a kind that has none by its best known entity."""
    if by_type and kind.label:
        return kind.label
    if kind.label:
        return t_plain("graph.overview.like", example=kind.example)
    return t_plain("graph.overview.others")


def _line(relations: list[RelationBetween]) -> str:
    more = f" +{len(relations) - 1}" if len(relations) > 1 else ""
    return relations[0].label + more


def _told(relations: list[RelationBetween]) -> str:
    told = [f"{one.label} {one.facts:,}" for one in relations[:TOLD]]
    return " · ".join([*told, "…"] if len(relations) > TOLD else told)


def _hubs(found: GraphOverview, move: Callable[[str], None]) -> None:
    """The best connected entities; a chosen row leads there."""
    st.markdown("#### " + t("graph.hubs"))
    key = "graph.overview.hubs"

    def chosen() -> None:
        if picked := st.session_state[key]["selection"]["rows"]:
            move(found.hubs[picked[0]].id)

    highest = max((hub.degree for hub in found.hubs), default=1)
    bar = st.column_config.ProgressColumn(
        t("graph.column.degree"), format="localized", min_value=0, max_value=highest, width="small"
    )
    table(
        [
            {t("graph.column.entity"): hub.label, t("graph.column.degree"): hub.degree}
            for hub in found.hubs
        ],
        column_config={t("graph.column.degree"): bar},
        key=key,
        on_select=chosen,
        selection_mode="single-row",
    )


def _rows(found: GraphOverview) -> list[dict[str, Any]]:
    """The whole drawing as rows, what is not drawn too."""
    names = [_kind_in_table(kind, found.by_type) for kind in found.kinds]
    return [
        {
            t("graph_view.from"): names[one.source],
            t("graph_view.relation"): one.label,
            t("graph_view.to"): names[one.target],
            t("graph.column.facts"): one.facts,
        }
        for one in found.relations
    ]


def _kind_in_table(kind: KindOfEntity, by_type: bool) -> str:
    called = _called(kind, by_type)
    return called if by_type or not kind.label else f"{called}: {relation_arrow(kind.label)}"
