"""Teacher and student side by side: the same tree, their choices in it, softened by a temperature.

Works on what the recipe `compare_labels` returns. At temperature T each choice among
siblings becomes p^(1/T), renormalised; a path's probability is the product of its choices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.labels.choices import choice_divergence, entropy, soften
from core.results.comparison import ComparedNode, Comparison, NodeShare
from pages.parts.pictures.graph_view import graph_view
from pages.parts.pictures.paired_bars import BLUE, ORANGE, paired_bars
from pages.parts.pictures.path_strip import path_words
from pages.parts.table import table
from pages.parts.text import literal, t

SIDES = ("teacher", "student")
COLOURS = {"teacher": BLUE, "student": ORANGE}
MOST_PATHS = 12
FEW_PATHS = 8
"""Paths of the short form, which has the page's whole width for their names."""
MOST_DRAWN = 24
LEAST_DRAWN = 0.005
"""Places of the tree that are drawn: those that either side reaches this often, at most so many."""
Masses = dict[str, dict[int, float]]
Choices = Masses
"""By side, then by node id: its mass, and the probability of choosing it at its parent."""


def soft_label_view(comparison: Comparison, key: str) -> None:
    """Show the comparison with a temperature that re-softens both sides at once."""
    temperature = _temperature(key)
    nodes = comparison.nodes
    choices = {side: softened(nodes, side, temperature) for side in SIDES}
    masses = {side: products(nodes, choices[side]) for side in SIDES}
    _numbers(comparison, choices, masses)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('soft.paths')}**")
        paired_bars(_path_rows(nodes, masses), _sides(), f"{key}.paths", t("soft.paths"))
    with right:
        _choice_of_node(nodes, choices, masses, key)
    st.markdown(f"**{t('soft.tree')}**", help=t("soft.tree_help"))
    _tree(comparison, masses, key)
    with st.expander(t("soft.table"), icon=":material/table_rows:"):
        table(_table(nodes, choices, masses))


def paths_beside(comparison: Comparison, key: str) -> None:
    """The short form: the paths of both at a temperature, and nothing else."""
    temperature = _temperature(key)
    nodes = comparison.nodes
    masses = {side: products(nodes, softened(nodes, side, temperature)) for side in SIDES}
    rows = _path_rows(nodes, masses)[:FEW_PATHS]
    paired_bars(rows, _sides(), f"{key}.paths", t("soft.paths"), name_width=480)


def softened(nodes: Sequence[ComparedNode], side: str, temperature: float) -> dict[int, float]:
    """Choice probabilities at a temperature, by node id: p^(1/T) renormalised among siblings.

    Args:
        nodes: The comparison's nodes; the root has no parent and keeps probability 1.
        side: `teacher` or `student`.
        temperature: T, above 0; 1 leaves ratios among siblings as they are.
    """
    at: dict[int, float] = {}
    for siblings in _families(nodes).values():
        raw = [max(0.0, _of(node, side).probability) for node in siblings]
        for node, probability in zip(siblings, soften(raw, temperature), strict=True):
            at[node.id] = float(probability)
    return at | {node.id: 1.0 for node in nodes if node.parent is None}


def products(nodes: Sequence[ComparedNode], choices: Mapping[int, float]) -> dict[int, float]:
    """The mass of every node: the product of the choices that lead to it."""
    parents = {node.id: node.parent for node in nodes}
    masses: dict[int, float] = {}

    def mass(node: int) -> float:
        if node not in masses:
            above = parents[node]
            masses[node] = choices[node] * (1.0 if above is None else mass(above))
        return masses[node]

    for node in parents:
        mass(node)
    return masses


def divergence(nodes: Sequence[ComparedNode], choices: Choices, masses: Masses) -> float:
    """KL of the student's choices from the teacher's over the whole tree, in nats."""

    def ways_on(side: str, siblings: Sequence[ComparedNode]) -> NDArray[Any]:
        return np.array([choices[side][node.id] for node in siblings])

    return choice_divergence(
        (masses["teacher"][parent], ways_on("teacher", siblings), ways_on("student", siblings))
        for parent, siblings in _families(nodes).items()
    )


def _of(node: ComparedNode, side: str) -> NodeShare:
    return node.teacher if side == "teacher" else node.student


def _sides() -> dict[str, str]:
    return {t(f"soft.{side}"): colour for side, colour in COLOURS.items()}


def _families(nodes: Sequence[ComparedNode]) -> dict[int, list[ComparedNode]]:
    """Children by parent id."""
    families: dict[int, list[ComparedNode]] = defaultdict(list)
    for node in nodes:
        if node.parent is not None:
            families[node.parent].append(node)
    return dict(families)


def _temperature(key: str) -> float:
    options = (0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0, 4.0, 6.0, 10.0)
    return float(
        st.select_slider(
            t("soft.temperature"),
            options=options,
            value=1.0,
            key=f"{key}.temperature",
            help=t("soft.temperature_help"),
            format_func=lambda value: f"{value:g}",
        )
    )


def _numbers(comparison: Comparison, choices: Choices, masses: Masses) -> None:
    """How far apart the two are, and what neither picture shows."""
    nodes = comparison.nodes
    leaves = [node.id for node in nodes if node.stop]
    bits = {side: entropy([masses[side][leaf] for leaf in leaves]) for side in SIDES}
    shown = (
        ("kl", f"{divergence(nodes, choices, masses):.3f}"),
        ("kl_path", f"{comparison.kl_path:.3f}"),
        ("off_graph", f"{comparison.off_graph:.1%}"),
        ("doubt_teacher", f"{bits['teacher']:.2f}"),
        ("doubt_student", f"{bits['student']:.2f}"),
        ("rest", f"{comparison.rest:.1%}"),
    )
    for row in (shown[:3], shown[3:]):
        for column, (name, value) in zip(st.columns(3), row, strict=True):
            column.metric(t(f"soft.{name}"), literal(value), help=t(f"soft.{name}_help"))


def _path_rows(nodes: Sequence[ComparedNode], masses: Masses) -> list[tuple[str, float, float]]:
    """The most probable paths of either side, by name."""
    rows = [
        (_path_name(nodes, node), masses["teacher"][node.id], masses["student"][node.id])
        for node in nodes
        if node.stop
    ]
    return sorted(rows, key=lambda row: -max(row[1:]))[:MOST_PATHS]


def _path_name(nodes: Sequence[ComparedNode], node: ComparedNode) -> str:
    """The labels of the relations that lead to a node."""
    by_id = {other.id: other for other in nodes}
    labels: list[str] = []
    while node.parent is not None:
        if node.relation:
            labels.append(node.relation.label)
        node = by_id[node.parent]
    return path_words(reversed(labels)) or t("soft.root")


def _choice_of_node(
    nodes: Sequence[ComparedNode], choices: Choices, masses: Masses, key: str
) -> None:
    """One place of the tree, and what each would do next there."""
    families = _families(nodes)
    by_id = {node.id: node for node in nodes}
    places = sorted(families, key=lambda place: -masses["teacher"].get(place, 0.0))
    if not places:
        return
    st.markdown(f"**{t('soft.choices')}**")
    place = st.selectbox(
        t("soft.place"),
        places,
        format_func=lambda node: _path_name(nodes, by_id[node]),
        key=f"{key}.place",
        label_visibility="collapsed",
    )
    rows = [
        (_step_name(node), choices["teacher"][node.id], choices["student"][node.id])
        for node in families[place]
    ]
    rows.sort(key=lambda row: -max(row[1:]))
    paired_bars(rows[:MOST_PATHS], _sides(), f"{key}.choices", t("soft.choices"))


def _step_name(node: ComparedNode) -> str:
    return t("soft.stop") if node.relation is None else path_words([node.relation.label])


def _tree(comparison: Comparison, masses: Masses, key: str) -> None:
    """The tree, drawn once, with the mass of both sides as two kinds of edges."""
    nodes = [node for node in comparison.nodes if not _only_stops(comparison.nodes, node)]
    topics = ", ".join(topic.label for topic in comparison.topics)
    levels = _levels(nodes)
    weight = {n.id: max(masses[side][n.id] for side in SIDES) for n in nodes}
    likely = [n.id for n in nodes if weight[n.id] >= LEAST_DRAWN]
    kept = set(sorted(likely, key=lambda node: -weight[node])[:MOST_DRAWN])
    drawn, edges = [], []
    for node in nodes:
        if node.id not in kept:
            continue
        root = node.parent is None
        drawn.append(
            {
                "id": str(node.id),
                "label": topics if root else _step_name(node),
                "level": levels[node.id],
                "role": "topic" if root else "other",
            }
        )
        if not root:
            edges += [_tree_edge(node, side, masses[side][node.id]) for side in SIDES]
    graph_view(drawn, edges, key=f"{key}.tree", height=420, layered=True)
    if len(kept) < len(nodes):
        st.caption(t("trace.shown", shown=len(kept), all=len(nodes)))


def _only_stops(nodes: Sequence[ComparedNode], node: ComparedNode) -> bool:
    """Whether to stop is the only choice at a place, so that there is nothing to see."""
    siblings = sum(other.parent == node.parent for other in nodes)
    return node.stop and siblings == 1


def _tree_edge(node: ComparedNode, side: str, mass: float) -> dict[str, Any]:
    return {
        "source": str(node.parent),
        "target": str(node.id),
        "label": f"{mass:.2f}",
        "width": 1 + 7 * mass,
        "role": side,
        "title": f"{t(f'soft.{side}')}: {mass:.3f}",
    }


def _levels(nodes: Sequence[ComparedNode]) -> dict[int, int]:
    parents = {node.id: node.parent for node in nodes}

    def level(node: int) -> int:
        above = parents[node]
        return 0 if above is None else 1 + level(above)

    return {node: level(node) for node in parents}


def _table(nodes: Sequence[ComparedNode], choices: Choices, masses: Masses) -> list[dict[str, Any]]:
    return [
        {
            t("soft.place"): _path_name(nodes, node) + (f" → {t('soft.stop')}" * node.stop),
            t("soft.column.teacher_choice"): round(choices["teacher"][node.id], 4),
            t("soft.column.student_choice"): round(choices["student"][node.id], 4),
            t("soft.column.teacher_mass"): round(masses["teacher"][node.id], 4),
            t("soft.column.student_mass"): round(masses["student"][node.id], 4),
        }
        for node in sorted(nodes, key=lambda node: -masses["teacher"][node.id])
    ]
