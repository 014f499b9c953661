"""Answers by vote: each path that was said votes for the entities it reaches.

Self-consistency (Wang et al., 2022) counts draws; here the student's own probability of a path is
known exactly, so a path weighs its mass instead of the accident of how often it was drawn:

    P(entity) >= sum over the paths said that reach it of P(path)

with equality once every path has been said.

A question with several topics is spoken to once for each. Its answers stand where paths from all of
them meet, as for the teacher: with P_i the paths said about topic i,

    P(u_1, ..., u_k) = product of P_i(u_i) / Z     where they reach a common entity, else 0
    P(entity)        = sum over the meetings at it of P(meeting)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.graph.path_tree import WalkedPath

SAID = 0.01
"""A path counts if it is at least this probable beside the best one: a search that must keep so
many paths keeps some that the student would not say."""


@dataclass(frozen=True, eq=False)
class PredictedPath:
    """A path that was said, walked through the graph, and its probability."""

    walk: WalkedPath
    probability: float

    @cached_property
    def answers(self) -> tuple[int, ...]:
        """Entities that it reaches, by number."""
        return tuple(self.walk.ends.tolist())


def worth_saying(probabilities: Sequence[float]) -> list[bool]:
    """Which paths count, by their probabilities."""
    floor = SAID * max(probabilities, default=0.0)
    return [probability >= floor for probability in probabilities]


@dataclass(frozen=True, slots=True)
class Meeting:
    """One path from each topic, and where they meet.

    Attributes:
        paths: In the order of the topics.
        probability: Of this meeting among all that were said.
        answers: Entities that all of the paths reach, by number.
    """

    paths: tuple[PredictedPath, ...]
    probability: float
    answers: tuple[int, ...]


def meet(said: Sequence[Sequence[PredictedPath]]) -> list[Meeting]:
    """All meetings of the paths said about each of several topics, most probable first."""
    met: list[tuple[tuple[PredictedPath, ...], float, set[int]]] = [
        ((path,), path.probability, {*path.answers}) for path in said[0] if path.answers
    ]
    for paths in said[1:]:
        reached = [(path, {*path.answers}) for path in paths]
        met = [
            ((*before, path), mass * path.probability, common)
            for before, mass, shared in met
            for path, answers in reached
            if (common := shared & answers)
        ]
    whole = sum(mass for _, mass, _ in met)
    found = [Meeting(paths, mass / whole, tuple(sorted(common))) for paths, mass, common in met]
    return sorted(found, key=lambda meeting: -meeting.probability)


def vote(
    said: Iterable[PredictedPath | Meeting], name: Callable[[int], str]
) -> tuple[tuple[int, float], ...]:
    """Entities with the mass of what reaches them, most probable first, then by name."""
    total: dict[int, float] = {}
    for one in said:
        for entity in one.answers:
            total[entity] = total.get(entity, 0.0) + one.probability
    return tuple(sorted(total.items(), key=lambda item: (-item[1], name(item[0]))))
