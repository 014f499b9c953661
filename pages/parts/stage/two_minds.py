"""A teacher and a student on one tree, as the stage draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.graph.path_tree import ROOT
from core.records import MISSING, RelationPath
from core.results.comparison import ComparedNode, Comparison
from pages.parts.stage.record import (
    LEAST_REST,
    TOPIC,
    End,
    Kind,
    Place,
    Stage,
    arranged,
    choice_words,
    end_of,
    group,
)
from pages.parts.text import clipped, t_plain

SIDES: Final = ("teacher", "student")
MOST: Final = 18
"""Choices drawn, the most probable on either side."""
LEAST: Final = 0.01
"""What is less probable than this on both sides is a part of everything else."""


def two_minds(comparison: Comparison, gold: Sequence[RelationPath] = ()) -> Stage:
    """The stage of both sides.

    Args:
        comparison: What the recipe `compare_labels` returns.
        gold: The question's gold paths, where they are known.
    """
    nodes = sorted(comparison.nodes, key=lambda node: (_depth(node), -_mass(node)))
    known = {node.id for node in nodes}
    nodes = [node for node in nodes if node.parent is None or node.parent in known]
    likely = [node for node in nodes if _mass(node) >= LEAST]
    drawn = {node.id for node in sorted(likely, key=lambda node: -_mass(node))[:MOST]}
    ends: dict[str, End] = {}
    places = []
    for node in nodes:
        places.append(_place(comparison, node, gold, node.id in drawn))
        if node.stop and node.id in drawn:
            end = _end(node)
            ends[end.id] = end
    places += _rests(places)
    stand, below = arranged(places, list(ends.values()))
    return Stage(
        about="\n".join((comparison.student, comparison.question)),
        sides=SIDES,
        steps=max((place.step for place in places if not place.folded), default=0),
        places=stand,
        ends=below,
        parting=parting(places),
        soft=True,
    )


def parting(places: Sequence[Place]) -> str | None:
    """The first place on the teacher's best path where the student would rather go on otherwise."""
    below: dict[str | None, list[Place]] = {}
    for place in places:
        if place.kind != "rest":
            below.setdefault(place.parent, []).append(place)
    at = TOPIC
    while ways := below.get(at):
        first, other = (max(ways, key=lambda way: way.shares[side]) for side in SIDES)
        if other.shares["student"] > first.shares["student"]:
            return at
        at = first.id
    return None


def _name(node: int) -> str:
    return TOPIC if node == ROOT else f"{node}"


def _parent(node: ComparedNode) -> str | None:
    return None if node.parent is None else _name(node.parent)


def _depth(node: ComparedNode) -> int:
    return len(node.path) + node.stop


def _mass(node: ComparedNode) -> float:
    return max(node.teacher.mass, node.student.mass)


def _place(
    comparison: Comparison, node: ComparedNode, gold: Sequence[RelationPath], drawn: bool
) -> Place:
    """A node as it is drawn, or folded into what stands for everything else."""
    topic, above = node.parent is None, _parent(node)
    through = sum(_goes_through(node, path) for path in gold)
    fields: dict[str, Any] = {}
    if topic:
        fields["entities"] = clipped(", ".join(one.label for one in comparison.topics))
    elif node.stop:
        fields["end"] = _end(node).id
    else:
        fields = group(node.frontier, node.frontier_size)
    words = t_plain("soft.stop") if node.relation is None else choice_words(node.relation.label)
    return Place(
        id=_name(node.id),
        parent=above,
        kind=_kind(node),
        shares={"teacher": node.teacher.probability, "student": node.student.probability},
        step=len(node.path),
        relation="" if topic else words,
        gold=through / len(gold) if gold else 0.0,
        folded=None if drawn or topic else f"{above}\nrest",
        **fields,
    )


def _kind(node: ComparedNode) -> Kind:
    if node.parent is None:
        return "topic"
    if node.stop:
        return "stop"
    return "missing" if node.path[-1].startswith(MISSING) else "relation"


def _end(stop: ComparedNode) -> End:
    return end_of(str(_parent(stop)), stop.frontier, stop.frontier_size)


def _goes_through(node: ComparedNode, path: RelationPath) -> bool:
    """Whether a gold path goes through a node, or ends where it says to stop."""
    return path == node.path if node.stop else path[: len(node.path)] == node.path


def _rests(places: Sequence[Place]) -> list[Place]:
    """What stands for the choices that are not drawn, where it is worth it."""
    masses: dict[str | None, dict[str, float]] = {None: dict.fromkeys(SIDES, 1.0)}
    folded: dict[str, dict[str, float]] = {}
    for place in places:
        above = masses[place.parent]
        masses[place.id] = {side: place.shares[side] * above[side] for side in SIDES}
        if place.folded:
            share = folded.setdefault(place.folded, dict.fromkeys(SIDES, 0.0))
            folded[place.folded] = {side: share[side] + place.shares[side] for side in SIDES}
    return [
        Place(
            id=f"{at.id}\nrest", parent=at.id, kind="rest", shares=shares, step=at.step + 1,
            relation=t_plain("trace.rest"),
        )
        for at in places
        if not at.folded and (shares := folded.get(f"{at.id}\nrest"))
        if max(shares[side] * masses[at.id][side] for side in SIDES) >= LEAST_REST
    ]  # fmt: skip
