"""Answers by vote: each path that was said votes for the entities it reaches.

Self-consistency (Wang et al., 2022) counts draws; here the student's own probability of a path is
known exactly, so a path weighs its mass instead of the accident of how often it was drawn:

    P(entity) >= sum over the paths said that reach it of P(path)

with equality once every path has been said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.records import ScoredPath

SAID = 0.01
"""A path counts if it is at least this probable beside the best one: a search that must keep so
many paths keeps some that the student would not say."""


def worth_saying(probabilities: Sequence[float]) -> list[bool]:
    """Which paths count, by their probabilities."""
    floor = SAID * max(probabilities, default=0.0)
    return [probability >= floor for probability in probabilities]


def vote(paths: Iterable[ScoredPath]) -> tuple[tuple[str, float], ...]:
    """Entities with the mass of the paths that reach them, most probable first, then by name."""
    total: dict[str, float] = {}
    for path in paths:
        for entity in path.answers:
            total[entity] = total.get(entity, 0.0) + path.probability
    return tuple(sorted(total.items(), key=lambda item: (-item[1], item[0])))
