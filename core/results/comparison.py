"""A teacher's and a student's soft labels for one question, on the same tree."""

from __future__ import annotations

from dataclasses import dataclass

from core.results.named import Named, TopicMatch
from core.results.record import Record


@dataclass(frozen=True, kw_only=True)
class NodeShare(Record):
    """One side at a node: the probability of choosing it at its parent, and its mass."""

    probability: float
    mass: float


@dataclass(frozen=True, kw_only=True)
class ComparedNode(Record):
    """A node of the tree, or a way to stop at one.

    Attributes:
        parent: Id of the node before it; None at the root.
        relation: Its last relation; None at the root and where a path stops.
        stop: Whether it stands for the path that ends at its parent.
        path: Ids of its relations.
        teacher: What the teacher makes of it.
        student: What the student makes of it.
        frontier: The best known entities that the path reaches.
        frontier_size: How many it reaches; 0 where it leads to nothing that is there.
    """

    id: int
    parent: int | None
    relation: Named | None
    stop: bool
    path: tuple[str, ...]
    teacher: NodeShare
    student: NodeShare
    frontier: tuple[Named, ...] = ()
    frontier_size: int = 0


@dataclass(frozen=True, kw_only=True)
class ComparedPath(Record):
    """A path with its probability under both."""

    relations: tuple[str, ...]
    labels: tuple[str, ...]
    teacher: float
    student: float


@dataclass(frozen=True, kw_only=True)
class Comparison(Record):
    """Both sides of one question.

    Attributes:
        nodes: Those of most mass; none without its parent.
        paths: Those of most mass on either side.
        kl_path: KL of the student's paths from the teacher's, in nats.
        kl_choice: The same if the student were confined to the graph.
        off_graph: The student's mass outside the tree.
        rest: The teacher's probability of all paths that are not shown.
    """

    question: str
    language: str
    teacher: str
    student: str
    topics: tuple[TopicMatch, ...]
    candidates: tuple[TopicMatch, ...]
    nodes: tuple[ComparedNode, ...]
    paths: tuple[ComparedPath, ...]
    kl_path: float
    kl_choice: float
    off_graph: float
    rest: float
