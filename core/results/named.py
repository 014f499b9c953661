"""Entities, relations and facts as a reader sees them: an id, and a label in one language."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class Named(Record):
    """An entity or a relation by id, with its label."""

    id: str
    label: str

    def in_a_line(self) -> str:
        """Its label."""
        return self.label


NOBODY = Named(id="", label="")
"""Where a claim leads that has left the graph."""


@dataclass(frozen=True, kw_only=True)
class LikelyEntity(Named):
    """An entity with the probability of being an answer, 0 to 1."""

    probability: float


@dataclass(frozen=True, kw_only=True)
class TopicMatch(Named):
    """An entity that a question is about.

    Attributes:
        match: `given`, or `exact`, `alias`, `spelling` or `vector` as in
            `core.graph.linking.Mention`, or `common_word`: a guess, for it may not be meant as a
            name at all.
        score: Of the match, 0 to 1.
    """

    match: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Fact(Record):
    """An edge of the graph, as it is walked: a relation walked backward has a `~` in front."""

    head: Named
    relation: Named
    tail: Named

    def in_a_line(self) -> str:
        """The fact as an arrow."""
        return f"{self.head.label} -{self.relation.label}-> {self.tail.label or '?'}"
