"""A graph as pyvis builds it: nodes, edges and options, for the live view and for the file.

Labels stay text: they are data of a canvas here, and JSON with `<`, `>`, `&` and quotes escaped in
the file.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import Any, Final

from pyvis.network import Network

from pages.parts.pictures.path_strip import relation_arrow
from pages.parts.text import Words, clipped, t

STILL: Final = 300
"""Above this many nodes nothing moves: they stand in a spiral from the first node outward."""

_LABELLED: Final = 40  # with more edges than this, an edge shows its label when pointed at
_LONGEST: Final = 32  # characters of a label on the canvas; the tooltip and the table have it whole


@dataclass(frozen=True)
class Look:
    """How a role looks: form first, colour second, so that it reads without colour.

    Attributes:
        sign: Stands for it in the legend.
        tone: Colour name of Streamlit's theme, for the live view and the legend.
        paint: The same in the downloaded file, which has no theme (colours after Okabe and Ito).
        options: What vis-network needs to draw the form.
    """

    sign: Words
    tone: Words
    paint: str
    options: Mapping[str, Any]


NODES: Final = {
    "topic": Look(Words("◆"), Words("blue"), "#0072b2", {"shape": "diamond", "size": 17}),
    "answer": Look(Words("■"), Words("orange"), "#d55e00", {"shape": "square", "size": 13}),
    "path": Look(Words("●"), Words("violet"), "#7b5ea7", {"shape": "dot", "size": 12}),
    "missing": Look(
        Words("△"),
        Words("yellow"),
        "#a67c00",
        {"shape": "triangle", "size": 9, "shapeProperties": {"borderDashes": [3, 3]}},
    ),
    "other": Look(Words("○"), Words("gray"), "#8a8f98", {"shape": "dot", "size": 8}),
}
EDGES: Final = {
    "path": Look(Words("━"), Words("violet"), "#7b5ea7", {"width": 3, "dashes": False}),
    "teacher": Look(Words("━"), Words("blue"), "#0072b2", {"width": 2, "dashes": False}),
    "student": Look(Words("┅"), Words("orange"), "#d55e00", {"width": 2, "dashes": [8, 5]}),
    "missing": Look(Words("╌"), Words("yellow"), "#a67c00", {"width": 2, "dashes": [3, 5]}),
    "other": Look(Words("─"), Words("gray"), "#8a8f98", {"width": 1, "dashes": False}),
}

Node = Mapping[str, Any]
Edge = Mapping[str, Any]


def build_network(
    nodes: Sequence[Node], edges: Sequence[Edge], *, layered: bool = False
) -> Network:
    """The pyvis network that both the live view and the downloaded file show."""
    network = Network(height="94vh", width="100%", directed=True, cdn_resources="in_line")
    levels = _levels(nodes, edges) if layered else {}
    places = _spiral(nodes) if len(nodes) > STILL and not layered else {}
    for node in nodes:
        role = node.get("role", "other")
        extra = {"level": levels[node["id"]]} if layered else {}
        network.add_node(
            node["id"],
            label=_short(node["label"]),
            color=NODES[role].paint,
            tone=NODES[role].tone,
            role=role,
            full=clipped(node["label"]),
            **NODES[role].options,
            **extra,
            **places.get(node["id"], {}),
        )
    _add_edges(network, edges, layered)
    network.options = _options(len(nodes), layered)
    return network


def graph_html(nodes: Sequence[Node], edges: Sequence[Edge], layered: bool = False) -> str:
    """The graph as one HTML file that needs no network and runs nothing from a label.

    pyvis writes the data as JSON with `<`, `>`, `&` and quotes escaped; its two links to a content
    delivery network are taken out.
    """
    html = build_network(nodes, edges, layered=layered).generate_html()
    return _REMOTE.sub("", html)


_REMOTE = re.compile(
    r'<link\s[^>]*href="https?://[^>]*>|<script\s[^>]*src="https?://[^>]*>\s*</script>'
)


def graph_table(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[dict[str, str]]:
    """The graph as rows: from, relation, to, note; a node without edges has a row of its own."""
    labels = {node["id"]: str(node["label"]) for node in nodes}
    columns = [t(f"graph_view.{name}") for name in ("from", "relation", "to", "note")]
    rows = [
        (labels[e["source"]], str(e["label"]), labels[e["target"]], _note(e))
        for e in edges
        if e["source"] in labels and e["target"] in labels
    ]
    linked = {end for edge in edges for end in (edge["source"], edge["target"])}
    rows += [(label, "", "", "") for node, label in labels.items() if node not in linked]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _add_edges(network: Network, edges: Sequence[Edge], layered: bool) -> None:
    known = set(network.node_ids)
    edges = [edge for edge in edges if edge["source"] in known and edge["target"] in known]
    pairs = Counter(frozenset((edge["source"], edge["target"])) for edge in edges)
    seen: dict[frozenset[str], int] = defaultdict(int)
    for edge in edges:
        pair = frozenset((edge["source"], edge["target"]))
        number, seen[pair] = seen[pair], seen[pair] + 1
        role = edge.get("role", "other")
        look = {**EDGES[role].options, **({"width": edge["width"]} if "width" in edge else {})}
        network.add_edge(
            edge["source"],
            edge["target"],
            id="\t".join((edge["source"], edge["target"], str(edge["label"]), role, str(number))),
            label="" if len(edges) > _LABELLED else _short(edge["label"]),
            full=relation_arrow(clipped(edge["label"])),
            note=_note(edge),
            color=EDGES[role].paint,
            tone=EDGES[role].tone,
            role=role,
            smooth=_curve(edge, number, pairs[pair], layered),
            **look,
        )


def _curve(edge: Edge, number: int, siblings: int, layered: bool) -> dict[str, Any]:
    """A bow of its own for each of several edges between two nodes, either way round."""
    if siblings == 1:
        if layered:
            return {"enabled": True, "type": "cubicBezier", "forceDirection": "horizontal"}
        return {"enabled": False}
    bow = 0.18 * (number // 2 + 1) * (1 if number % 2 == 0 else -1)
    if edge["source"] > edge["target"]:
        bow = -bow
    return {
        "enabled": True,
        "type": "curvedCW" if bow > 0 else "curvedCCW",
        "roundness": abs(bow),
    }


def _options(count: int, layered: bool) -> dict[str, Any]:
    hierarchy = {
        "enabled": layered,
        "direction": "LR",
        "sortMethod": "directed",
        "levelSeparation": 390,
        "nodeSpacing": 110,
        "treeSpacing": 110,
    }
    return {
        "layout": {"randomSeed": 7, "improvedLayout": count <= 120, "hierarchical": hierarchy},
        "physics": {
            "enabled": not layered and count <= STILL,
            "solver": "forceAtlas2Based",
            "forceAtlas2Based": {
                "gravitationalConstant": -90,
                "springLength": 120,
                "avoidOverlap": 0.6,
            },
            "stabilization": {"enabled": True, "iterations": 250, "fit": True},
        },
        "interaction": {"hover": True, "multiselect": False, "zoomView": True},
        "nodes": {"borderWidth": 2, "font": {"size": 15}},
        "edges": {"arrows": {"to": {"enabled": True, "scaleFactor": 0.6}}, "font": {"size": 12}},
    }


def _levels(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """Hops from the nearest topic, unless every node says its level itself."""
    if all("level" in node for node in nodes):
        return {node["id"]: int(node["level"]) for node in nodes}
    beside: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        beside[edge["source"]].add(edge["target"])
        beside[edge["target"]].add(edge["source"])
    ids = [node["id"] for node in nodes]
    ring = [node["id"] for node in nodes if node.get("role") == "topic"] or ids[:1]
    levels, level = dict.fromkeys(ring, 0), 0
    while ring:
        level += 1
        ring = sorted({other for node in ring for other in beside[node]} - levels.keys())
        levels |= dict.fromkeys(ring, level)
    return {node: levels.get(node, 0) for node in ids}


def _spiral(nodes: Sequence[Node]) -> dict[str, dict[str, float]]:
    """Places on a sunflower spiral: evenly spread, the first node in the middle."""
    turn = pi * (3 - sqrt(5))
    return {
        node["id"]: {
            "x": round(70 * sqrt(i) * cos(i * turn), 1),
            "y": round(70 * sqrt(i) * sin(i * turn), 1),
        }
        for i, node in enumerate(nodes)
    }


def _short(label: object) -> str:
    return clipped(label, _LONGEST) or " "


def _note(edge: Edge) -> str:
    return clipped(edge.get("title") or "")
