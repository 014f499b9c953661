"""What the stage draws: a question's tree with the probability of every choice in it.

Where something stands depends on the tree alone, so nothing jumps when probabilities change: hops
are columns, and a place stands in the middle of what follows it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final, Literal

from core.results.named import Named
from pages.parts.pictures.path_strip import relation_words
from pages.parts.text import clipped, t_plain

Kind = Literal["topic", "relation", "stop", "missing", "rest"]
Shares = Mapping[str, float]
"""By side, `teacher` or `student`: a probability."""

TOPIC: Final = "topic"
LEAST_REST: Final = 0.03
"""What is left at a place and less than this is not drawn: its band only grows thinner."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A choice in the tree, and where it leads.

    Attributes:
        id: Of its own.
        parent: Id of the place where it is chosen; None for the topic.
        kind: `relation` leads to entities, `stop` to an end, `missing` and `rest` to nothing drawn.
        shares: Of choosing it at its parent, 0 to 1.
        step: The hop from which on it is drawn.
        relation: What the choice is called.
        entities: The first of those that it leads to, by name.
        more: How many there are besides.
        end: Id of the end that a `stop` leads to.
        verdict: Of the hop, where it was checked; see `core.verify.checking.HopStatus`.
        gold: The share of the gold paths that go through it, 0 to 1.
        folded: Id of the `rest` that stands for it, where it is not drawn itself.
        column: 0 for the topic.
        row: From 0 downward; fractions are between.
    """

    id: str
    parent: str | None
    kind: Kind
    shares: Shares
    step: int
    relation: str = ""
    entities: str = ""
    more: int = 0
    end: str | None = None
    verdict: str | None = None
    gold: float = 0.0
    folded: str | None = None
    column: int = 0
    row: float = 0.0


@dataclass(frozen=True, kw_only=True)
class End:
    """Where paths end: all entities that they reach, which are one answer together."""

    id: str
    entities: str
    more: int = 0
    row: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a reader supposes: a step by the id of its place, a word by its place, and so on.

    Attributes:
        kind: `step`, `word`, or what the page besides knows.
        id: Of its own among its kind.
        name: As the list of changes says it.
    """

    kind: str
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Supposing:
    """What a reader may take away, every relation drawn and some of the words, and what is changed.

    Attributes:
        changes: In the order in which they were made.
        words: For each word of the question its id; empty where it has to stay.
    """

    changes: tuple[Change, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reel:
    """What changes of a question while somebody learns.

    Attributes:
        side: Who learns.
        steps: Of the frames, ascending.
        shares: By frame the share of every place, in their order; the last is what is drawn first.
        marks: Steps at which something was changed, ascending, and what, in words.
    """

    side: str
    steps: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]
    marks: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One question.

    Attributes:
        about: Tells this question from another one in the same place.
        sides: Whose shares there are, first the one that is drawn solid.
        steps: How many hops there are to step through.
        places: A place comes after its parent.
        ends: From the top.
        words: Of the question.
        attention: By hop, how much each word counts.
        parting: Id of the first place on the best path of the first side where the other side would
            rather go on otherwise; None if there is none.
        soft: Whether all that may follow a place is there, so that its choices can be softened.
        supposing: What can be taken away, and what is; None where nothing can.
        reel: Frames of a training, which are stepped through in place of hops; None where there
            are none.
    """

    about: str
    sides: tuple[str, ...]
    steps: int
    places: tuple[Place, ...]
    ends: tuple[End, ...]
    words: tuple[str, ...] = ()
    attention: tuple[tuple[float, ...], ...] = ()
    parting: str | None = None
    soft: bool = False
    supposing: Supposing | None = None
    reel: Reel | None = None


def place_id(path: Sequence[str]) -> str:
    """The id of the place that a relation path leads to."""
    return "\n".join((TOPIC, *path))


def topic_place(label: str, sides: Sequence[str]) -> Place:
    """The place where every path begins."""
    return Place(
        id=TOPIC, parent=None, kind="topic", shares=dict.fromkeys(sides, 1.0), step=0,
        entities=clipped(label),
    )  # fmt: skip


def group(entities: Sequence[Named], size: int) -> dict[str, Any]:
    """A group by its first entity and how many more there are, as fields of a place or an end."""
    first = clipped(entities[0].label) if entities else ""
    return {"entities": first, "more": max(0, size - 1)}


def end_of(place: str, entities: Sequence[Named], size: int) -> End:
    """Where the path to a place ends. Paths share an end only where all that both reach is known.

    Args:
        place: Id of the place.
        entities: What it reaches, as far as that is known; the first one names the end.
        size: How much it reaches.
    """
    whole = entities and len(entities) == size
    known = "\n".join(sorted(one.id for one in entities)) if whole else place
    return End(id=f"end\n{known}", **group(entities, size))


def choice_words(label: str) -> str:
    """A relation, as a choice is called."""
    return clipped(relation_words(label))


def families(places: Sequence[Place]) -> dict[str, list[Place]]:
    """What is drawn, by the place where it is chosen, in the order given."""
    found: dict[str, list[Place]] = defaultdict(list)
    for place in places:
        if place.parent is not None and place.folded is None:
            found[place.parent].append(place)
    return found


def with_rests(places: Sequence[Place], sides: Sequence[str]) -> list[Place]:
    """The places, the most probable of each hop first, with what is left where it is worth it.

    The order is that of the last side, so that it stays where another one changes beside it.
    """
    masses: dict[str, dict[str, float]] = {}
    depths: dict[str, int] = {}
    given: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(sides, 0.0))
    for place in places:
        above = masses.get(place.parent or "", dict.fromkeys(sides, 1.0))
        masses[place.id] = {side: place.shares[side] * above[side] for side in sides}
        depths[place.id] = depths[place.parent] + 1 if place.parent else 0
        if place.parent:
            for side in sides:
                given[place.parent][side] += place.shares[side]
    found = sorted(
        places,
        key=lambda one: (depths[one.id], [-masses[one.id][side] for side in reversed(sides)]),
    )
    for place in places:
        left = {side: max(0.0, 1.0 - given[place.id][side]) for side in sides}
        if place.kind in ("topic", "relation") and any(
            left[side] * masses[place.id][side] >= LEAST_REST for side in sides
        ):
            found.append(
                Place(
                    id=f"{place.id}\nrest",
                    parent=place.id,
                    kind="rest",
                    shares=left,
                    step=place.step + 1,
                    relation=t_plain("trace.rest"),
                )  # fmt: skip
            )
    return found


def arranged(
    places: Sequence[Place], ends: Sequence[End]
) -> tuple[tuple[Place, ...], tuple[End, ...]]:
    """Places and ends where they stand.

    Args:
        places: First the topic; siblings in the order from the top.
        ends: In any order.

    Returns:
        The places, in their order, and the ends, from the top.
    """
    below, free = families(places), count()
    columns, rows = {TOPIC: 0}, dict[str, float]()

    def settle(place: str) -> float:
        columns.update({child.id: columns[place] + 1 for child in below.get(place, ())})
        under = [settle(child.id) for child in below.get(place, ())]
        rows[place] = (under[0] + under[-1]) / 2 if under else float(next(free))
        return rows[place]

    settle(TOPIC)
    stand = tuple(
        place if place.folded else replace(place, column=columns[place.id], row=rows[place.id])
        for place in places
    )
    return stand, tuple(_spread(stand, ends))


def _spread(places: Sequence[Place], ends: Sequence[End]) -> Iterator[End]:
    """Each end beside the middle of what leads to it, at least a row below the one above."""

    def middle(end: End) -> float:
        rows = [place.row for place in places if place.end == end.id and not place.folded]
        return sum(rows) / len(rows) if rows else 0.0

    above = -1.0
    for end in sorted(ends, key=middle):
        above = max(middle(end), above + 1)
        yield replace(end, row=above)
