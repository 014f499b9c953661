"""The paths of an answer as the stage draws them, each hop with the verdict on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from core.results.answer import Answer, AnsweredPath
from pages.parts.stage.record import (
    TOPIC,
    End,
    Place,
    Stage,
    arranged,
    choice_words,
    end_of,
    topic_place,
    with_rests,
)
from pages.parts.text import clipped, t_plain

MOST: Final = 8
"""Paths drawn, first the one behind the answer."""


def answered(answer: Answer, side: str) -> Stage | None:
    """The stage of what was said about the first topic; None where no path can be drawn.

    Args:
        answer: Of a student or a teacher.
        side: Which of the two, `student` or `teacher`.
    """
    topic = answer.topics[0]
    paths = [path for path in answer.paths if _begins_at(topic.id, path)][:MOST]
    if not paths:
        return None
    masses: dict[str, float] = defaultdict(float)
    for path in paths:
        for name in (TOPIC, *_names(path)):
            masses[name] += path.probability
    masses[TOPIC] = 1.0
    places = {TOPIC: topic_place(topic.label, (side,))}
    ends: dict[str, End] = {}
    for path in paths:
        for place in _places(path, masses, side):
            places.setdefault(place.id, place)
        if path.answers:
            end = end_of(_names(path)[-1], path.answers, path.reached)
            ends[end.id] = end
    stand, below = arranged(with_rests(list(places.values()), (side,)), list(ends.values()))
    return Stage(
        about="\n".join((answer.student, answer.question)),
        sides=(side,),
        steps=max(place.step for place in stand),
        places=stand,
        ends=below,
    )


def _begins_at(topic: str, path: AnsweredPath) -> bool:
    """Whether a path can be drawn: from the topic on, each hop where the last one ended."""
    if not path.hops or path.hops[0].head.id != topic:
        return False
    return all(left.tail.id == right.head.id for left, right in pairwise(path.hops))


def _names(path: AnsweredPath) -> list[str]:
    """The ids of the places along a path."""
    hops = [hop.relation.id for hop in path.hops]
    return ["\n".join((TOPIC, *hops[: nth + 1])) for nth in range(len(hops))]


def _places(path: AnsweredPath, masses: dict[str, float], side: str) -> Iterator[Place]:
    """The places along a path, and that it ends behind the last where that is in the graph."""
    above = TOPIC
    for step, (name, hop) in enumerate(zip(_names(path), path.hops, strict=True), start=1):
        yield Place(
            id=name,
            parent=above,
            kind="relation",
            shares={side: min(masses[name] / masses[above], 1.0)},
            step=step,
            relation=choice_words(hop.relation.label),
            entities=clipped(hop.tail.label or "?"),
            verdict=hop.verdict,
        )
        above = name
    if not path.answers:
        return
    yield Place(
        id=f"{above}\nstop",
        parent=above,
        kind="stop",
        shares={side: min(path.probability / masses[above], 1.0)},
        step=len(path.hops),
        relation=t_plain("soft.stop"),
        end=end_of(above, path.answers, path.reached).id,
    )
