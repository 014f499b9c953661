"""A claimed path, judged hop by hop on a graph, whoever claims it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.results.answer import JudgedHop
from core.results.named import Named
from core.results.record import Record


class Reached(StrEnum):
    """What becomes of the answer that a claim ends in.

    Attributes:
        REACHED: The path leads there.
        NOT_REACHED: It leads elsewhere, or nowhere.
        NOT_IN_GRAPH: The graph has no such entity.
    """

    REACHED = "reached"
    NOT_REACHED = "not_reached"
    NOT_IN_GRAPH = "not_in_graph"


@dataclass(frozen=True, kw_only=True)
class JudgedClaim(Record):
    """What a graph says to a path that somebody claims.

    Attributes:
        topic: Where the claim begins; without an id where the graph has no such entity.
        path: Ids of its relations; what is none of the graph's stays as it was claimed.
        hops: Each claimed hop with its verdict, along one example as far as the graph follows it.
        supported: Whether the graph holds every hop, and the claimed answer is among what they
            reach; of a last hop that claims that something is lacking, that it is.
        share: Verified hops over claimed hops, 0 to 1.
        ends: The best known entities that the whole path reaches.
        reached: How many it reaches.
        answer: What the claim ends in, if it names anything; without an id where the graph has no
            such entity.
        answer_reached: What becomes of it; None where the claim names none.
    """

    topic: Named
    path: tuple[str, ...]
    hops: tuple[JudgedHop, ...]
    supported: bool
    share: float
    ends: tuple[Named, ...]
    reached: int
    answer: Named | None = None
    answer_reached: Reached | None = None
