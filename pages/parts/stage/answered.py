"""The paths of an answer as the stage draws them, each hop with the verdict on it.

What was most probably looked for in vain is drawn as well, and what was said before something was
supposed, on the same tree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from core.records import MISSING
from core.results.answer import Answer, AnsweredPath, JudgedHop
from pages.parts.stage.record import (
    TOPIC,
    End,
    Place,
    Stage,
    Supposing,
    arranged,
    choice_words,
    end_of,
    topic_place,
    with_rests,
)
from pages.parts.text import clipped, t_plain

MOST: Final = 8
"""Paths drawn, first the one behind the answer."""
LEAST: Final = 0.01
"""What is less probable is not drawn, but for the path behind the answer."""


@dataclass(eq=False)
class Said:
    """What is drawn of an answer.

    Attributes:
        places: By id, each after its parent; their shares come later.
        masses: Of all drawn paths through each place; 1 at the topic.
        ends: By id.
    """

    places: dict[str, Place] = field(default_factory=dict)
    masses: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    ends: dict[str, End] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer, side: str) -> Said:
        """That about its first topic; of what is missing only what a student says.

        Of a teacher's the hops before it may be told in part, and then not where it is missing.
        """
        said, topic = cls(), answer.topics[0].id
        paths = [one for one in answer.paths[:MOST] if _begins_at(topic, one.hops)]
        for nth, path in enumerate(paths):
            if path.probability >= LEAST or not nth:
                said._add_path(path)
        lacking = answer.looked_for if side == "student" else None
        if lacking and lacking.probability >= LEAST and lacking.topic.id == topic:
            hops, relation = lacking.hops, lacking.relation
            wanted = MISSING + (relation.label if relation else "")
            above = said._walk(hops, lacking.probability)
            place = Place(
                id=f"{above}\n{MISSING}{relation.id if relation else ''}",
                parent=above,
                kind="missing",
                shares={},
                step=len(hops) + 1,
                relation=choice_words(wanted),
            )
            said._put(place, lacking.probability)
        said.masses[TOPIC] = 1.0
        return said

    def share(self, place: Place) -> float:
        """The probability of choosing a place at its parent; 0 where it is not drawn."""
        above = self.masses.get(place.parent or "", 0.0)
        return min(self.masses.get(place.id, 0.0) / above, 1.0) if above else 0.0

    def _add_path(self, path: AnsweredPath) -> None:
        at = self._walk(path.hops, path.probability)
        if path.answers:
            end = end_of(at, path.answers, path.reached)
            self.ends.setdefault(end.id, end)
            stop = Place(
                id=f"{at}\nstop",
                parent=at,
                kind="stop",
                shares={},
                step=len(path.hops),
                relation=t_plain("soft.stop"),
                end=end.id,
            )
            self._put(stop, path.probability)

    def _walk(self, hops: Sequence[JudgedHop], probability: float) -> str:
        """Add the places along some hops; gives the id of the last."""
        above = TOPIC
        for step, hop in enumerate(hops, start=1):
            place = Place(
                id=f"{above}\n{hop.relation.id}",
                parent=above,
                kind="relation",
                shares={},
                step=step,
                relation=choice_words(hop.relation.label),
                entities=clipped(hop.tail.label or "?"),
                verdict=hop.verdict,
            )
            self._put(place, probability)
            above = place.id
        return above

    def _put(self, place: Place, mass: float) -> None:
        self.places.setdefault(place.id, place)
        self.masses[place.id] += mass


def answered(
    answer: Answer, side: str, was: Answer | None = None, supposing: Supposing | None = None
) -> Stage | None:
    """The stage of what was said about the first topic; None where no path can be drawn.

    Args:
        answer: Of a student or a teacher.
        side: Which of the two, `student` or `teacher`.
        was: What was said before something was supposed; both are drawn on one tree.
        supposing: What can be supposed, where something can.
    """
    told = [Said.of(one, side) for one in (answer, was) if one]
    if not any(one.places for one in told):
        return None
    sides = dict(zip((side, "before"), told, strict=False))
    places = [topic_place(answer.topics[0].label, tuple(sides))]
    found = {id: place for one in reversed(told) for id, place in one.places.items()}
    places += [
        replace(place, shares={name: one.share(place) for name, one in sides.items()})
        for place in sorted(found.values(), key=lambda place: place.id.count("\n"))
    ]
    ends = {id: end for one in reversed(told) for id, end in one.ends.items()}
    used = {place.end for place in places}
    stand, below = arranged(
        with_rests(places, tuple(sides)), [end for id, end in ends.items() if id in used]
    )
    return Stage(
        about="\n".join((answer.student, answer.question)),
        sides=tuple(sides),
        steps=max(place.step for place in stand),
        places=stand,
        ends=below,
        words=tuple(map(clipped, (was or answer).words)) if supposing else (),
        supposing=supposing,
    )


def _begins_at(topic: str, hops: Sequence[JudgedHop]) -> bool:
    """Whether hops can be drawn: from the topic on, each where the last one ended."""
    if not hops or hops[0].head.id != topic:
        return False
    return all(left.tail.id == right.head.id for left, right in pairwise(hops))
