"""A teacher's reasoning as the stage draws it, and what it was before something was taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.records import RelationPath
from core.results.named import Named
from core.results.trace import LookedFor, Trace, TreeNode
from pages.parts.stage.record import (
    End,
    Place,
    Stage,
    Supposing,
    arranged,
    choice_words,
    end_of,
    group,
    place_id,
    topic_place,
    with_rests,
)
from pages.parts.text import clipped, t_plain

SIDES: Final = ("teacher", "before")
MOST: Final = 11
"""Relations drawn of a reasoning, and what is missing; the most probable."""
LEAST: Final = 0.01
"""What is less probable than this is a part of everything else."""


@dataclass(frozen=True, eq=False)
class Thought:
    """A reasoning by path.

    Attributes:
        ways: Each relation chosen, and what is looked for in vain.
        masses: Of all paths through each of them; 1 at the start.
    """

    ways: Mapping[RelationPath, TreeNode | LookedFor]
    masses: Mapping[RelationPath, float]

    @classmethod
    def of(cls, trace: Trace) -> Thought:
        """That about a trace's first topic."""
        nodes = {node.path: node for hop in trace.hops for node in hop.nodes}
        missing = {
            one.relations: one for one in trace.missing if one.relations[:-1] in {(), *nodes}
        }
        ways: dict[RelationPath, TreeNode | LookedFor] = {**nodes, **missing}
        masses = {path: node.mass for path, node in nodes.items()}
        masses |= {path: one.probability for path, one in missing.items()}
        return cls(ways, {(): 1.0} | masses)

    def likely(self) -> list[RelationPath]:
        """What is drawn of it."""
        worth = [path for path in self.ways if self.masses[path] >= LEAST]
        return sorted(worth, key=lambda path: (-self.masses[path], len(path)))[:MOST]

    def share(self, path: RelationPath) -> float:
        """The probability of going on to a path from where it is chosen; 0 if it is not there."""
        mass = self.masses.get(path, 0.0)
        return mass / max(self.masses.get(path[:-1], 0.0), mass) if mass else 0.0

    def stop(self, path: RelationPath) -> float:
        """The probability of ending there, once there."""
        way = self.ways.get(path)
        return way.stop if isinstance(way, TreeNode) else 0.0


def thinking(trace: Trace, was: Trace | None = None, supposing: Supposing | None = None) -> Stage:
    """The stage of the reasoning about a trace's first topic.

    Args:
        trace: The reasoning.
        was: The same before something was taken away; both are drawn on one tree.
        supposing: What can be taken away, where something can.
    """
    told = [trace] if was is None else [trace, was]
    thoughts = dict(zip(SIDES, map(Thought.of, told), strict=False))
    ways = {path: way for one in reversed(thoughts.values()) for path, way in one.ways.items()}
    drawn = dict.fromkeys(path for one in thoughts.values() for path in one.likely())
    answers = [answer.id for one in told for answer in one.answers]
    order = {answer: place for place, answer in reversed([*enumerate(answers)])}
    places = [topic_place(trace.topics[0].label, tuple(thoughts))]
    ends: dict[str, End] = {}
    for path in sorted(drawn, key=len):
        places.append(_choice(ways[path], path, thoughts, order))
        if any(one.stop(path) * one.masses.get(path, 0.0) >= LEAST for one in thoughts.values()):
            stop, end = _stop(ways[path], path, thoughts, order)
            ends[end.id] = end
            places.append(stop)
    stand, below = arranged(with_rests(places, tuple(thoughts)), list(ends.values()))
    words = (was or trace).words
    return Stage(
        about=f"{trace.teacher}\n{trace.question}\n{trace.topics[0].id}",
        sides=tuple(thoughts),
        steps=max(len(one.hops) for one in told),
        places=stand,
        ends=below,
        words=tuple(clipped(word) if word.isprintable() else "⋯" for word in words),
        attention=tuple(_over(words, trace.words, hop.attention) for hop in trace.hops),
        supposing=supposing,
    )


def _over(
    words: Sequence[str], left: Sequence[str], attention: Sequence[float]
) -> tuple[float, ...]:
    """The attention to words of which some are left; 0 for the others."""
    weights = iter(zip(left, attention, strict=False))
    word, weight = next(weights, ("", 0.0))
    found = []
    for one in words:
        found.append(weight if one == word else 0.0)
        if one == word:
            word, weight = next(weights, ("", 0.0))
    return tuple(found)


def _choice(
    way: TreeNode | LookedFor,
    path: RelationPath,
    thoughts: Mapping[str, Thought],
    order: Mapping[str, int],
) -> Place:
    place = Place(
        id=place_id(path),
        parent=place_id(path[:-1]),
        kind="missing",
        shares={side: one.share(path) for side, one in thoughts.items()},
        step=len(path),
    )
    if isinstance(way, LookedFor):
        return replace(place, relation=choice_words(way.labels[-1]))
    return replace(
        place,
        kind="relation",
        relation=choice_words(way.relation.label),
        **group(_best_first(way.frontier, order), way.frontier_size),
    )


def _best_first(frontier: Iterable[Named], order: Mapping[str, int]) -> list[Named]:
    """Entities, the most probable answers first."""
    return sorted(frontier, key=lambda entity: order.get(entity.id, len(order)))


def _stop(
    way: TreeNode | LookedFor,
    path: RelationPath,
    thoughts: Mapping[str, Thought],
    order: Mapping[str, int],
) -> tuple[Place, End]:
    """That a path ends where a relation leads, and where that is."""
    assert isinstance(way, TreeNode)
    at = place_id(path)
    end = end_of(at, _best_first(way.frontier, order), way.frontier_size)
    stop = Place(
        id=f"{at}\nstop",
        parent=at,
        kind="stop",
        shares={side: one.stop(path) for side, one in thoughts.items()},
        step=len(path),
        relation=t_plain("soft.stop"),
        end=end.id,
    )
    return stop, end
