"""What is odd in a graph: entities and relations that may be one, values where one was expected."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, Named
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class PossibleDuplicate(Record):
    """Two entities that may be one.

    Attributes:
        keep: The better connected one.
        gone: The other.
        certainty: 0 to 1, from names and surroundings; see `core.graph.duplicates`.
        alike: Share of letters that their nearest names have in common.
        shared: Facts that both have, the first ones; of the one that is kept.
        kinds_differ: Whether they are of different kinds: not to be merged.
    """

    keep: Named
    gone: Named
    certainty: float
    alike: float
    shared: tuple[Fact, ...]
    kinds_differ: bool


@dataclass(frozen=True, kw_only=True)
class PossibleRelation(Record):
    """Two relations that may be one.

    Attributes:
        keep: The one with more facts.
        gone: The other; `~` before it where it says the same the other way round.
        alike: Share of letters that their names have in common.
        shared: Facts that both say.
        either: Facts that either says.
    """

    keep: Named
    gone: Named
    alike: float
    shared: int
    either: int


@dataclass(frozen=True, kw_only=True)
class ClashingValues(Record):
    """An entity with several values of a relation that has one nearly everywhere."""

    entity: Named
    relation: Named
    values: tuple[Named, ...]


@dataclass(frozen=True, kw_only=True)
class GraphCheck(Record):
    """What was found.

    Attributes:
        name: The graph.
        hash: Of the version that was checked.
        duplicates: The surest first.
        relations: Relations that may be one.
        clashes: Entities with several values.
        cut: Whether there was more than is told: more than `core.recipes.check_graph.TOLD` of a
            kind, or more pairs of names alike than are compared.
    """

    name: str
    hash: str
    duplicates: tuple[PossibleDuplicate, ...]
    relations: tuple[PossibleRelation, ...]
    clashes: tuple[ClashingValues, ...]
    cut: bool
