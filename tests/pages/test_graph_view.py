"""The graph view: what is drawn, that it is the vendored engine, and that labels stay text."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.results.named import Fact, Named
from pages.parts.pictures.graph_drawing import (
    EDGES,
    NODES,
    STILL,
    build_network,
    graph_html,
    graph_table,
)
from pages.parts.pictures.graph_view import ENGINE, ENGINE_SHA256
from pages.parts.pictures.path_graph import path_graph

ROOT = Path(__file__).parents[2]
NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
NODE_LIST = [
    {"id": "biden", "label": "Joe Biden", "role": "topic"},
    {"id": "scranton", "label": "Scranton", "role": "path"},
    {"id": "usa", "label": "USA", "role": "answer"},
]
EDGE_LIST = [
    {"source": "biden", "target": "scranton", "label": "born_in", "role": "teacher"},
    {"source": "biden", "target": "scranton", "label": "born_in", "role": "student"},
    {"source": "scranton", "target": "usa", "label": "city_of", "title": "0.58"},
]


# --- the vendored engine --------------------------------------------------------------------------


def test_the_engine_is_the_pinned_file_with_its_licences():
    served = ROOT / "static" / ENGINE
    assert hashlib.sha256(served.read_bytes()).hexdigest() == ENGINE_SHA256
    folder = ROOT / "assets" / "static" / "vis-network"
    assert served.resolve().parent == folder, "static/ is a link into assets/"
    assert "Permission is hereby granted" in (folder / "LICENSE-MIT").read_text(encoding="utf-8")
    apache = (folder / "LICENSE-APACHE-2.0").read_text(encoding="utf-8")
    assert "Apache License" in apache
    notice = (folder / "README.md").read_text(encoding="utf-8")
    assert ENGINE_SHA256 in notice and Path(ENGINE).name in notice


def test_the_script_never_writes_html_and_asks_no_other_host():
    script = (ROOT / "pages/parts/pictures/graph_view.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", script)
    assert "http" not in script


# --- what is drawn --------------------------------------------------------------------------------


def test_roles_differ_in_form_and_not_only_in_colour():
    forms = [(look.options["shape"], look.options["size"]) for look in NODES.values()]
    lines = [(look.options["width"], str(look.options["dashes"])) for look in EDGES.values()]
    assert len(set(forms)) == len(NODES) == len({look.sign for look in NODES.values()})
    assert len(set(lines)) == len(EDGES)
    assert EDGES["student"].options["dashes"] and not EDGES["teacher"].options["dashes"]


def test_levels_are_hops_from_the_topic():
    network = build_network(NODE_LIST, EDGE_LIST, layered=True)
    assert {n["id"]: n["level"] for n in network.nodes} == {"biden": 0, "scranton": 1, "usa": 2}
    assert network.options["layout"]["hierarchical"]["enabled"]
    assert not network.options["physics"]["enabled"]


def test_given_levels_are_kept():
    nodes = [{**node, "level": 5 + place} for place, node in enumerate(NODE_LIST)]
    network = build_network(nodes, EDGE_LIST, layered=True)
    assert [n["level"] for n in network.nodes] == [5, 6, 7]


def test_edges_between_two_nodes_bow_apart_and_have_ids_of_their_own():
    back = {"source": "scranton", "target": "biden", "label": "birthplace_of"}
    drawn = build_network(NODE_LIST, [*EDGE_LIST, back]).edges
    sides = {(e["from"], e["smooth"].get("type"), e["smooth"].get("roundness")) for e in drawn[:2]}
    assert len(sides) == 2
    assert len({edge["id"] for edge in drawn}) == 4
    assert drawn[2]["smooth"] == {"enabled": False}


def test_edges_to_nowhere_are_left_out():
    lost = {"source": "biden", "target": "gone", "label": "x"}
    assert len(build_network(NODE_LIST, [*EDGE_LIST, lost]).edges) == 3
    assert len(graph_table(NODE_LIST, [*EDGE_LIST, lost])) == 3


def test_a_large_graph_stands_still_at_places_of_its_own():
    nodes = [{"id": str(i), "label": str(i)} for i in range(STILL + 1)]
    network = build_network(nodes, [])
    assert not network.options["physics"]["enabled"]
    assert len({(node["x"], node["y"]) for node in network.nodes}) == STILL + 1
    assert build_network(nodes[:STILL], []).options["physics"]["enabled"]
    assert build_network(nodes, []).nodes == network.nodes


def test_long_labels_are_cut_on_the_canvas_only():
    long = "University of " + "very " * 20 + "long"
    (node,) = build_network([{"id": "a", "label": long}], []).nodes
    assert node["label"].endswith("…") and len(node["label"]) == 32
    assert node["full"] == long
    assert graph_table([{"id": "a", "label": long}], [])[0]["From"] == long


def test_the_table_says_what_the_drawing_says():
    rows = [tuple(row.values()) for row in graph_table(NODE_LIST, EDGE_LIST)]
    assert rows == [
        ("Joe Biden", "born_in", "Scranton", ""),
        ("Joe Biden", "born_in", "Scranton", ""),
        ("Scranton", "city_of", "USA", "0.58"),
    ]


def test_chains_become_a_drawing():
    def hop(head, relation, tail):
        names = {"head": head, "relation": relation, "tail": tail}
        return Fact(**{part: Named(id=name, label=name) for part, name in names.items()})

    best = [hop("film", "~stars", "actor"), hop("actor", "born_in", "city")]
    nodes, edges = path_graph([best], [[hop("film", "shot_in", "city")]])
    roles = {node["id"]: (node["role"], node["level"]) for node in nodes}
    assert roles == {"film": ("topic", 0), "actor": ("path", 1), "city": ("answer", 2)}
    assert [(e["source"], e["label"], e["target"]) for e in edges] == [
        ("actor", "stars", "film"),
        ("actor", "born_in", "city"),
        ("film", "shot_in", "city"),
    ]


# --- the downloaded file --------------------------------------------------------------------------


def test_the_file_needs_no_network():
    html = graph_html(NODE_LIST, EDGE_LIST)
    assert not re.search(r"(src|href)\s*=\s*[\"']?\s*(https?:)?//", html, re.IGNORECASE)
    assert "cdn." not in html
    assert "Joe Biden" in html and "vis.Network" in html


def test_a_label_cannot_run():
    nodes = [{"id": NASTY, "label": NASTY}, {"id": "b", "label": "b"}]
    edges = [{"source": NASTY, "target": "b", "label": NASTY, "title": NASTY}]
    html = graph_html(nodes, edges)
    plain = graph_html(
        [{"id": "a", "label": "a"}, nodes[1]], [{"source": "a", "target": "b", "label": "c"}]
    )
    assert len(re.findall("<script", html)) == len(re.findall("<script", plain))
    assert "<img" not in html and "alert(1)</" not in html
    found = re.search(r"new vis\.DataSet\((\[.*?\])\);", html)
    assert found and json.loads(found[1])[0]["full"] == NASTY


# --- on a page ------------------------------------------------------------------------------------

SCRIPT = """
import streamlit as st
from pages.parts.pictures.graph_view import graph_view
nodes = [{"id": "a", "label": "A", "role": "topic"}, {"id": "b", "label": "B"}]
edges = [{"source": "a", "target": "b", "label": "r"}]
moved = lambda node: st.session_state.update(moved=node)
st.session_state["back"] = graph_view(nodes, edges, "kg", total=9, on_select=moved)
"""


def shown(selected=None):
    app = AppTest.from_string(SCRIPT)
    if selected:
        app.session_state["kg"] = {"selected": {"id": selected, "click": 1}}
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize(("clicked", "back"), [(None, None), ("b", "b"), ("gone", None)])
def test_a_click_comes_back_while_its_node_is_there(clicked, back):
    assert shown(clicked).session_state["back"] == back


def test_legend_count_table_and_download_stand_beside():
    app = shown()
    assert "topic" in app.markdown[0].value and "2 of 9 entities shown" in app.markdown[0].value
    assert "answer" not in app.markdown[0].value
    assert len(app.dataframe[0].value) == 1
    assert [b.label for b in app.get("download_button")] == ["Download the drawing"]
