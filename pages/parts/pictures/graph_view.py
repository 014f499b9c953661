"""A graph to look at and click: built by pyvis, drawn live by vis-network, with a table beside it.

One component hands what `graph_drawing` builds to the vendored vis-network in the browser, where a
later run of the page changes it in place: no flicker, and the zoom stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st
from pyvis.network import Network

from pages.parts.pictures.graph_drawing import (
    EDGES,
    NODES,
    Edge,
    Node,
    build_network,
    graph_html,
    graph_table,
)
from pages.parts.table import table
from pages.parts.text import Words, t

ENGINE: Final = "vis-network/vis-network-10.1.5.min.mjs"
"""The drawing engine, below the folder that Streamlit serves as `app/static/`."""

ENGINE_SHA256: Final = "78a1a1a419b7cda9fc9c7bfee72ec189f799bf9bb3967b9985fea156977d899e"

_HERE = Path(__file__).parent
_LIVE = st.components.v2.component(
    "pathdistill_graph",
    html='<div class="graph" data-testid="graph-view"></div>',
    css=(_HERE / "graph_view.css").read_text(encoding="utf-8"),
    js=(_HERE / "graph_view.js").read_text(encoding="utf-8"),
)


def graph_view(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    key: str,
    height: int = 480,
    layered: bool = False,
    selected: str | None = None,
    *,
    total: int | None = None,
    on_select: Callable[[str], None] | None = None,
) -> str | None:
    """Show a graph, its legend, and the same as a table and a file.

    Args:
        nodes: `{"id", "label", "level"?, "role"?}`; roles are `topic`, `answer`, `path`, `missing`,
            `other`.
        edges: `{"source", "target", "label", "width"?, "role"?, "title"?}`; roles are `teacher`,
            `student`, `path`, `missing`, `other`. `title` is more to say in the tooltip and the
            table. Edges whose
            ends are not among the nodes are left out.
        key: Stays the same while it is the same view; then changes are made in place.
        height: In pixels.
        layered: Left to right by `level` (hops from the topics where a node has none); otherwise a
            layout by springs that ends at rest, the same each time.
        selected: Node to mark from here on, over what was clicked.
        total: How many nodes there are in all, where not all are shown.
        on_select: Called with a node's id once per click, before the page runs again. To move
            somewhere on a click, use this; the returned id stays until another click.

    Returns:
        The node clicked last, or None if none was, or if it is gone from the graph.
    """
    network = build_network(nodes, edges, layered=layered)
    known = set(network.node_ids)

    def clicked() -> str | None:
        last = (st.session_state.get(key) or {}).get("selected") or {}
        return last["id"] if last.get("id") in known else None

    def announce() -> None:
        if on_select and (node := clicked()):
            on_select(node)

    _LIVE(
        key=key,
        data=_live_data(network, key, height, layered, selected),
        default={"selected": None},
        on_selected_change=announce,
    )
    _beside(nodes, edges, key, layered, total)
    return clicked()


def _beside(
    nodes: Sequence[Node], edges: Sequence[Edge], key: str, layered: bool, total: int | None
) -> None:
    """Legend, count, table and download below the view."""
    legend = _legend(nodes, edges)
    said = [legend] if legend else []
    if total is not None and total > len(nodes):
        said.append(t("graph_view.shown", shown=len(nodes), n=total))
    if said:
        line = "\u2003·\u2003".join(said)
        st.markdown(f":small[{line}]")
    with st.expander(t("graph_view.table"), icon=":material/table_rows:"):
        table(graph_table(nodes, edges), key=f"{key}-table")
        st.download_button(
            t("graph_view.download"),
            data=lambda: graph_html(nodes, edges, layered).encode("utf-8"),
            file_name="graph.html",
            mime="text/html",
            help=t("graph_view.download_help"),
            icon=":material/download:",
            on_click="ignore",
            key=f"{key}-download",
        )


def _legend(nodes: Sequence[Node], edges: Sequence[Edge]) -> Words:
    """What each form stands for; empty where all have one form."""
    there = {node.get("role", "other") for node in nodes}
    drawn = {edge.get("role", "other") for edge in edges} & {"teacher", "student"}
    marks = [
        *((NODES[role], f"graph_view.{role}") for role in NODES if role in there),
        *((EDGES[role], f"graph_view.{role}") for role in EDGES if role in drawn),
    ]
    if len(marks) < 2:
        return Words("")
    return Words("\u2003".join(f":{look.tone}[{look.sign}] {t(key)}" for look, key in marks))


def _live_data(
    network: Network, key: str, height: int, layered: bool, selected: str | None
) -> dict[str, Any]:
    return {
        "key": key,
        "nodes": network.nodes,
        "edges": network.edges,
        "options": network.options,
        "height": height,
        "layered": layered,
        "selected": selected,
        "engine": f"app/static/{ENGINE}",
        "words": {
            name: t(f"graph_view.{name}")
            for name in ("name", "keys", "failed", "zoom_in", "zoom_out", "fit")
        },
    }
