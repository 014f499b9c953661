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
from core.records import RelationPath
from core.results.comparison import ComparedNode, Comparison, NodeShare
from pages.parts.pictures.colours import BLUE, ORANGE
from pages.parts.pictures.path_strip import path_words
from pages.parts.stage.stage import shown_temperature, stage
from pages.parts.stage.two_minds import two_minds
from pages.parts.table import table
from pages.parts.text import literal, t

SIDES = ("teacher", "student")
COLOURS = {"teacher": BLUE, "student": ORANGE}
Masses = dict[str, dict[int, float]]
Choices = Masses
"""By side, then by node id: its mass, and the probability of choosing it at its parent."""


def soft_label_view(comparison: Comparison, key: str, gold: Sequence[RelationPath] = ()) -> None:
    """Show the comparison on the stage, with what a temperature makes of it in numbers.

    Args:
        comparison: What both make of the question.
        key: Prefix of the widgets' keys.
        gold: The question's gold paths, where they are known.
    """
    st.markdown(f"**{t('soft.tree')}**", help=t("soft.tree_help"))
    stage(two_minds(comparison, gold), f"{key}.stage", in_address=True)
    temperature = shown_temperature(f"{key}.stage")
    nodes = comparison.nodes
    choices = {side: softened(nodes, side, temperature) for side in SIDES}
    masses = {side: products(nodes, choices[side]) for side in SIDES}
    _numbers(comparison, choices, masses)
    with st.expander(t("soft.table"), icon=":material/table_rows:"):
        table(_table(nodes, choices, masses))


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


def _families(nodes: Sequence[ComparedNode]) -> dict[int, list[ComparedNode]]:
    """Children by parent id."""
    families: dict[int, list[ComparedNode]] = defaultdict(list)
    for node in nodes:
        if node.parent is not None:
            families[node.parent].append(node)
    return dict(families)


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


def _path_name(nodes: Sequence[ComparedNode], node: ComparedNode) -> str:
    """The labels of the relations that lead to a node."""
    by_id = {other.id: other for other in nodes}
    labels: list[str] = []
    while node.parent is not None:
        if node.relation:
            labels.append(node.relation.label)
        node = by_id[node.parent]
    return path_words(reversed(labels)) or t("soft.root")


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
