"""A question while a teacher or a student learns, as the stage draws it: a film, frame by frame.

Which places are drawn follows from the last frame and from what is to be learned; what was believed
for a while and is not any more is among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from core.frames import Film, FramePlace
from core.frames import Place as Way
from core.records import MISSING
from pages.parts.stage.record import (
    LEAST_REST,
    TOPIC,
    End,
    Kind,
    Place,
    Reel,
    Stage,
    arranged,
    choice_words,
    end_of,
    group,
    topic_place,
)
from pages.parts.text import t_plain

MOST: Final = 16
"""Choices drawn, the most probable."""
LEAST: Final = 0.01
"""What is less probable than this is a part of everything else."""
PEAK: Final = 0.2
"""What was as probable as this for a while is drawn, whatever became of it."""
MOST_FRAMES: Final = 120
"""Frames that a browser gets, evenly chosen, with the first and the last."""

Masses = Mapping[Way, float]


def learning(film: Film, marks: Sequence[tuple[int, str]] = ()) -> Stage:
    """The stage of a film.

    Args:
        film: The frames of one question.
        marks: Steps at which something was changed, ascending, and what, in words.
    """
    learner = film.first.training
    label = {(one.path, one.stop): one.label for one in film.places if one.label is not None}
    ways = _drawn(film, label)
    places, ends = [topic_place(film.first.topic.label, ())], dict[str, End]()
    for one in ways.values():
        end = end_of(_name(one.path), one.frontier, one.frontier_size) if one.stop else None
        places.append(_place(one, end))
        ends |= {end.id: end} if end else {}
    kept = np.linspace(0, len(film.steps) - 1, min(len(film.steps), MOST_FRAMES)).round().tolist()
    masses = [film.masses[int(number)] for number in kept]
    places += _rests(places, ways, [*masses, label] if label else masses)
    shares = [_shares(places, ways, one) for one in masses]
    sides = {learner: shares[-1]} | ({"teacher": _shares(places, ways, label)} if label else {})
    stand, below = arranged(
        [
            replace(place, shares={side: of[nth] for side, of in sides.items()})
            for nth, place in enumerate(places)
        ],
        list(ends.values()),
    )
    return Stage(
        about="\n".join((learner, film.first.question)),
        sides=tuple(sides),
        steps=max(place.step for place in stand),
        places=stand,
        ends=below,
        reel=Reel(
            side=learner,
            steps=tuple(film.steps[int(number)] for number in kept),
            shares=tuple(shares),
            marks=tuple(marks),
        ),
    )


def _drawn(film: Film, label: Masses) -> dict[str, FramePlace]:
    """What is drawn, by the name of its place: each after what leads to it."""

    def weight(one: FramePlace) -> float:
        way = (one.path, one.stop)
        peak = max(masses.get(way, 0.0) for masses in film.masses)
        lasts = max(film.masses[-1].get(way, 0.0), label.get(way, 0.0))
        return peak if peak >= PEAK else lasts

    known = [(weight(one), len(one.path) + one.stop, one) for one in film.places if one.path]
    likely = sorted((one for one in known if one[0] >= LEAST), key=lambda one: (-one[0], one[1]))
    names: dict[str, FramePlace] = {}
    in_order = {id(one) for *_, one in likely[:MOST]}
    for _, _, one in sorted(known, key=lambda one: one[1]):
        above = _parent(one)
        if id(one) in in_order and (above == TOPIC or above in names):
            names[_name(one.path, one.stop)] = one
    return names


def _name(path: Sequence[str], stop: bool = False) -> str:
    return "\n".join((TOPIC, *path, *(("stop",) if stop else ())))


def _parent(one: FramePlace) -> str:
    return _name(one.path if one.stop else one.path[:-1])


def _place(one: FramePlace, end: End | None) -> Place:
    kind: Kind = "stop" if one.stop else "relation"
    if not one.stop and one.path[-1].startswith(MISSING):
        kind = "missing"
    return Place(
        id=_name(one.path, one.stop),
        parent=_parent(one),
        kind=kind,
        shares={},
        step=len(one.path),
        relation=choice_words(one.relation.label) if one.relation else t_plain("soft.stop"),
        end=end.id if end else None,
        **(group(one.frontier, one.frontier_size) if kind == "relation" else {}),
    )


def _rests(
    places: Sequence[Place], ways: Mapping[str, FramePlace], frames: Sequence[Masses]
) -> list[Place]:
    """What stands for all that is not drawn at a place, where it is worth it in some frame."""

    def left(place: Place, masses: Masses) -> float:
        below = (_mass(one.id, ways, masses) for one in places if one.parent == place.id)
        return _mass(place.id, ways, masses) - sum(below)

    return [
        Place(
            id=f"{place.id}\nrest", parent=place.id, kind="rest", shares={}, step=place.step + 1,
            relation=t_plain("trace.rest"),
        )
        for place in places
        if place.kind in ("topic", "relation")
        and max(left(place, masses) for masses in frames) >= LEAST_REST
    ]  # fmt: skip


def _mass(name: str, ways: Mapping[str, FramePlace], masses: Masses) -> float:
    one = ways.get(name)
    return 1.0 if one is None else masses.get((one.path, one.stop), 0.0)


def _shares(
    places: Sequence[Place], ways: Mapping[str, FramePlace], masses: Masses
) -> tuple[float, ...]:
    """The share of each place at the one where it is chosen."""
    left = {place.id: 1.0 for place in places}
    shares = []
    for place in places:
        share = 1.0 if place.parent is None else 0.0
        if place.parent is not None and (above := _mass(place.parent, ways, masses)) > 0:
            rest = place.kind == "rest"
            share = left[place.parent] if rest else _mass(place.id, ways, masses) / above
            left[place.parent] -= share
        shares.append(round(min(max(share, 0.0), 1.0), 4))
    return tuple(shares)
