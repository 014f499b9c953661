"""What a student says to a question: answers, and the paths behind them with a verdict per hop."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Fact, LikelyEntity, Named, TopicMatch
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class JudgedHop(Fact):
    """A hop of a claimed path.

    Attributes:
        verdict: A value of `core.verify.checking.HopStatus`.
        nearest: The fact that the graph has instead, if the hop is not in it.
    """

    verdict: str
    nearest: Fact | None


@dataclass(frozen=True, kw_only=True)
class AnsweredPath(Record):
    """A path that the student says.

    Attributes:
        relations: Ids, from the topic on; what is no relation of the graph stays text.
        probability: 0 to 1.
        answers: The most probable entities that it reaches.
        reached: How many it reaches in all.
        supported: Whether the graph holds every hop.
        hops: From entity to entity, as far as the graph follows it.
    """

    relations: tuple[str, ...]
    probability: float
    answers: tuple[Named, ...]
    reached: int
    supported: bool
    hops: tuple[JudgedHop, ...]


@dataclass(frozen=True, kw_only=True)
class Answer(Record):
    """The answer to one question.

    Attributes:
        topics: What it is about.
        candidates: What else it may be about, best first.
        answers: The most probable first.
        paths: First the one behind the first answer, then by probability; of several topics one
            path each, one behind the other.
        supported: Whether the first path is in the graph and ends at the first answer.
    """

    question: str
    language: str
    student: str
    decoding: str
    seconds: float
    topics: tuple[TopicMatch, ...]
    candidates: tuple[TopicMatch, ...]
    answers: tuple[LikelyEntity, ...]
    paths: tuple[AnsweredPath, ...]
    supported: bool
