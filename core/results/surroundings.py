"""What a graph holds about one entity."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, Named
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Counted(Named):
    """A relation or an entity, and how many facts there are of it."""

    facts: int


@dataclass(frozen=True, kw_only=True)
class Surroundings(Record):
    """The facts about an entity.

    Attributes:
        entity: The entity.
        relations: All that leave it, forward before backward (`~`).
        facts: The first of its facts, or of those along the one relation that was asked for.
        total: How many of these there are.
    """

    entity: Named
    relations: tuple[Counted, ...]
    facts: tuple[Fact, ...]
    total: int
