"""How a teacher reasons about a question, hop by hop, cut to what can be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from core.results.answer import Decision
from core.results.certificate import Certificate
from core.results.named import Fact, LikelyEntity, Named, TopicMatch
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class TreeNode(Record):
    """A relation path of the topic's tree; probabilities are 0 to 1.

    Attributes:
        id: Number of the node in the tree.
        parent: Number of the node before it; the root, which is not shown, is 0.
        path: Ids of its relations.
        relation: The last of them.
        mass: Of all paths through the node.
        probability: Of choosing it at its parent.
        stop: Of ending here, once here.
        missing: That the graph lacks here what is looked for, once here.
        frontier: The best known entities that the path reaches.
        frontier_size: How many it reaches.
    """

    id: int
    parent: int
    path: tuple[str, ...]
    relation: Named
    mass: float
    probability: float
    stop: float
    missing: float = 0.0
    frontier: tuple[Named, ...]
    frontier_size: int

    def in_a_line(self) -> str:
        """Its relation and mass."""
        return f"{self.relation.label} {self.mass:.2f}"


@dataclass(frozen=True, kw_only=True)
class TreeHop(Record):
    """One hop: how much each word of the question counts, summing to one, and the choices."""

    hop: int
    attention: tuple[float, ...]
    nodes: tuple[TreeNode, ...]


@dataclass(frozen=True, kw_only=True)
class WalkedEdge(Record):
    """An edge to draw, with the mass of the nodes that it leads to, and its hop from 1 on."""

    source: Named
    relation: Named
    target: Named
    hop: int
    probability: float


@dataclass(frozen=True, kw_only=True)
class TracedPath(Record):
    """One of the best paths.

    Attributes:
        relations: Ids.
        labels: The same for a reader.
        probability: 0 to 1.
        answers: The most probable entities that it reaches.
        reached: How many it reaches.
        chains: Facts along it, one chain to each of its best answers.
    """

    relations: tuple[str, ...]
    labels: tuple[str, ...]
    probability: float
    answers: tuple[Named, ...]
    reached: int
    chains: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, kw_only=True)
class LookedFor(Record):
    """A path that ends in what the graph lacks; see `core.records.MISSING`."""

    relations: tuple[str, ...]
    labels: tuple[str, ...]
    probability: float


@dataclass(frozen=True, kw_only=True)
class FirstDifference(Record):
    """Where the two best paths part.

    Attributes:
        shared: Labels of the relations that both begin with.
        next: The label with which each goes on; None for one that has ended there.
        probabilities: Of both paths.
    """

    shared: tuple[str, ...]
    next: tuple[str | None, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class MovedNode(Record):
    """A node of the tree with its mass without and with message passing."""

    node: int
    labels: tuple[str, ...]
    without: float
    with_: Annotated[float, Field(alias="with")]


@dataclass(frozen=True, kw_only=True)
class MetPaths(Record):
    """One path from each topic, by labels, and the entities where they meet."""

    probability: float
    paths: tuple[tuple[str, ...], ...]
    answers: tuple[Named, ...]
    reached: int


@dataclass(frozen=True, kw_only=True)
class TopicTrace(Record):
    """The reasoning about one topic.

    Attributes:
        words: Of the question; what names the topic by its label.
        hops: The tree, hop by hop.
        edges: To draw, most probable first.
        paths: The best ones.
        parting: Where the two best paths part; None if there is one.
        message_passing: The nodes that it moved most; None where there is nothing to compare.
        missing: What the graph may lack, most probable first.
        unsaid: The probability that it does not say: of all that may be missing.
        rest: The probability of all paths that are not among the best.
    """

    words: tuple[str, ...]
    hops: tuple[TreeHop, ...]
    edges: tuple[WalkedEdge, ...]
    paths: tuple[TracedPath, ...]
    parting: FirstDifference | None
    message_passing: tuple[MovedNode, ...] | None
    missing: tuple[LookedFor, ...] = ()
    unsaid: float = 0.0
    rest: float


@dataclass(frozen=True, kw_only=True)
class Trace(TopicTrace):
    """A question's whole reasoning: that about its first topic, and what belongs to the question.

    Attributes:
        candidates: What else the question may be about.
        answers: The most probable first.
        beside: The reasoning about the other topics.
        meetings: Where the paths of all topics meet, most probable first.
        decision: What is said of all this.
        confidence: The chance that what is decided is right, calibrated on held-out questions;
            where there were none, as the teacher states it.
        certificate: What the first answer hangs on, where that was asked for.
    """

    question: str
    language: str
    teacher: str
    seconds: float
    topics: tuple[TopicMatch, ...]
    candidates: tuple[TopicMatch, ...]
    answers: tuple[LikelyEntity, ...]
    beside: tuple[TopicTrace, ...]
    meetings: tuple[MetPaths, ...]
    decision: Decision = Decision.ANSWERED
    confidence: float | None = None
    certificate: Certificate | None = None
