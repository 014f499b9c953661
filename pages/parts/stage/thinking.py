"""A teacher's reasoning as the stage draws it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from core.results.named import Named
from core.results.trace import LookedFor, Trace, TreeNode
from pages.parts.stage.record import (
    TOPIC,
    End,
    Place,
    Stage,
    arranged,
    choice_words,
    end_of,
    group,
    topic_place,
    with_rests,
)
from pages.parts.text import clipped, t_plain

SIDE: Final = "teacher"
MOST: Final = 11
"""Relations drawn, and what is missing; the most probable."""
LEAST: Final = 0.01
"""What is less probable than this is a part of everything else."""


def thinking(trace: Trace) -> Stage:
    """The stage of the reasoning about a trace's first topic."""
    nodes = {node.path: node for hop in trace.hops for node in hop.nodes}
    masses = {(): 1.0} | {path: node.mass for path, node in nodes.items()}
    every: list[TreeNode | LookedFor] = [*nodes.values(), *trace.missing]
    likely = sorted(filter(_counts, every), key=lambda one: (-_mass(one), len(_path(one))))[:MOST]
    drawn = [one for one in likely if _path(one)[:-1] in masses]
    order = {answer.id: place for place, answer in enumerate(trace.answers)}
    places = [topic_place(trace.topics[0].label, (SIDE,))]
    ends: dict[str, End] = {}
    for one in sorted(drawn, key=lambda one: len(_path(one))):
        places.append(_choice(one, masses, order))
        if isinstance(one, TreeNode) and one.stop * one.mass >= LEAST:
            at = _name(one.path)
            end = end_of(at, _best_first(one.frontier, order), one.frontier_size)
            ends[end.id] = end
            places.append(_stop(one, end))
    stand, below = arranged(with_rests(places, SIDE), list(ends.values()))
    return Stage(
        about=f"{trace.teacher}\n{trace.question}\n{trace.topics[0].id}",
        sides=(SIDE,),
        steps=len(trace.hops),
        places=stand,
        ends=below,
        words=tuple(clipped(word) if word.isprintable() else "⋯" for word in trace.words),
        attention=tuple(hop.attention for hop in trace.hops),
    )


def _path(one: TreeNode | LookedFor) -> tuple[str, ...]:
    return one.path if isinstance(one, TreeNode) else one.relations


def _mass(one: TreeNode | LookedFor) -> float:
    return one.mass if isinstance(one, TreeNode) else one.probability


def _counts(one: TreeNode | LookedFor) -> bool:
    return _mass(one) >= LEAST


def _name(path: Sequence[str]) -> str:
    return "\n".join((TOPIC, *path))


def _choice(
    one: TreeNode | LookedFor, masses: Mapping[tuple[str, ...], float], order: Mapping[str, int]
) -> Place:
    path = _path(one)
    share = _mass(one) / max(masses[path[:-1]], _mass(one))
    place = Place(
        id=_name(path),
        parent=_name(path[:-1]),
        kind="missing",
        shares={SIDE: share},
        step=len(path),
    )
    if isinstance(one, LookedFor):
        return replace(place, relation=choice_words(one.labels[-1]))
    return replace(
        place,
        kind="relation",
        relation=choice_words(one.relation.label),
        **group(_best_first(one.frontier, order), one.frontier_size),
    )


def _best_first(frontier: Sequence[Named], order: Mapping[str, int]) -> list[Named]:
    """Entities, the most probable answers first."""
    return sorted(frontier, key=lambda entity: order.get(entity.id, len(order)))


def _stop(node: TreeNode, end: End) -> Place:
    at = _name(node.path)
    return Place(
        id=f"{at}\nstop", parent=at, kind="stop", shares={SIDE: node.stop}, step=len(node.path),
        relation=t_plain("soft.stop"), end=end.id,
    )  # fmt: skip
