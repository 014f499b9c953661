"""What a student says to a question: answers, and the paths behind them with a verdict per hop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.results.certificate import Certificate
from core.results.named import Fact, LikelyEntity, Named, TopicMatch
from core.results.record import Record

WORTH_SAYING = 0.01
"""From this probability on it is told that something is not there, or may not be."""


class Decision(StrEnum):
    """What is said.

    Attributes:
        ANSWERED: The best answer, which is as sure as was asked for.
        NOT_IN_GRAPH: That the graph does not say.
        UNSURE: What it may be, for a person to choose from.
    """

    ANSWERED = "answered"
    NOT_IN_GRAPH = "not_in_graph"
    UNSURE = "unsure"


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
class LookedFor(Record):
    """What a question asks for and the graph lacks.

    Attributes:
        topic: The entity that the question is about.
        hops: Those that are there, up to an entity that lacks it; none where the topic does.
        at: That entity.
        relation: What it lacks; None where it is none of the graph's relations.
        probability: Of this being what is asked for, 0 to 1.
        verified: Whether it was checked on the graph that nothing there has the relation.
    """

    topic: Named
    hops: tuple[JudgedHop, ...]
    at: Named
    relation: Named | None
    probability: float
    verified: bool


@dataclass(frozen=True, kw_only=True)
class LikelySet(Record):
    """The smallest set that holds a right answer with a stated probability.

    Attributes:
        level: That probability, measured on held-out questions.
        answers: The most probable of them, best first.
        size: How many they are in all; 0 where nothing is so probable.
        not_in_graph: Whether it is as likely that the graph does not say.
    """

    level: float
    answers: tuple[LikelyEntity, ...]
    size: int
    not_in_graph: bool


@dataclass(frozen=True, kw_only=True)
class Suggestion(Record):
    """A question that the graph itself answers, offered where one is not answered for certain.

    Attributes:
        question: In plain words.
        topic: What it is about.
        relations: The path that it asks for, from the topic on.
    """

    question: str
    topic: Named
    relations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Answer(Record):
    """The answer to one question.

    Three things are kept apart: whether the path is in the graph (`supported`), how sure it is that
    this answers the question (`decision`, `confidence`), and what was not found (`looked_for`).

    Attributes:
        topics: What it is about; none where nothing in the question is a name of the graph, which
            then does not say.
        words: Of the question; what names the topic by its label. None where it was not asked.
        candidates: What else it may be about, best first.
        answers: The most probable first; none where the graph does not say.
        paths: First the one behind the first answer, then by probability; of several topics one
            path each, one behind the other.
        supported: Whether the first path is in the graph and ends at the first answer.
        decision: What is said of these.
        heard: Whether the student listened with its teacher's text encoder; see `core.answers.ear`.
        confidence: The chance that what is decided is right, calibrated on held-out questions;
            where there were none, as the student states it.
        missing: Probability that the graph does not say, as the student states it.
        looked_for: What the student most probably looked for in vain; None if nothing.
        likely_set: None where the student was never measured on held-out questions.
        asks_nothing: Whether the question names entities and says nothing else: it is not
            answered, but asked back.
        suggestions: What can be asked instead, or may have been meant.
        graph_changes: Facts and names that were changed in its graph since the student was
            distilled: facts are read from the graph as it is, `confidence` was measured before.
        certificate: What the answer hangs on, where that was asked for.
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
    decision: Decision = Decision.ANSWERED
    heard: bool = False
    confidence: float | None = None
    missing: float = 0.0
    looked_for: LookedFor | None = None
    likely_set: LikelySet | None = None
    asks_nothing: bool = False
    suggestions: tuple[Suggestion, ...] = ()
    words: tuple[str, ...] = ()
    graph_changes: int = 0
    certificate: Certificate | None = None

    @property
    def relied_on(self) -> bool:
        """Whether it is answered, as sure as was asked for, by a path that is in the graph."""
        return self.supported and self.decision is Decision.ANSWERED

    @property
    def not_found(self) -> LookedFor | None:
        """What was looked for in vain, where that is worth telling.

        It is where it is probable itself, or one of many reasons for which no answer is given.
        """
        lacking = self.looked_for
        if lacking is None or (lacking.probability < WORTH_SAYING and not self.doubts_graph):
            return None
        return lacking

    @property
    def doubts_graph(self) -> bool:
        """Whether it is more probable that the graph does not say than that any answer is right."""
        return self.missing > max((one.probability for one in self.answers), default=0.0)
