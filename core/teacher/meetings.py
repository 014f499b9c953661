"""Several topics at once: an answer stands where the frontiers of their trees meet.

A *meeting* is one path from each topic, with frontiers that share an entity ("a player who plays
Forward at Tigres": both constraints meet). With P_i the path distribution on the tree of topic i,

    P(u_1, ..., u_k)  = product of P_i(u_i) / Z      where the frontiers meet, else 0
    Z                 = sum of the products over all meetings
    P(e is an answer) = sum of P(meeting) over the meetings whose common entities hold e

are exact. With one topic, Z = 1 and this is the path distribution itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints
from core.graph.path_tree import PathTree

NEGLIGIBLE = 1e-9
"""A path less probable than this meets nothing; what it could add to Z is below this share."""


@dataclass(frozen=True, eq=False)
class Meetings:
    """All meetings of some nodes.

    Attributes:
        nodes: `(meetings, topics)` one node of each topic's tree.
        common: The entities where they meet: sorted, never empty.
    """

    nodes: Ints
    common: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.nodes)


def meet(trees: Sequence[PathTree], candidates: Sequence[Ints]) -> Meetings:
    """Combine one candidate node of each tree wherever their frontiers share an entity.

    Args:
        trees: One per topic.
        candidates: `(n_i,)` nodes of each tree, the root not among them.
    """
    meetings: list[tuple[tuple[int, ...], Ints]] = [
        ((node,), trees[0].frontier(node)) for node in candidates[0].tolist()
    ]
    for tree, nodes in zip(trees[1:], candidates[1:], strict=True):
        frontiers = [(node, tree.frontier(node)) for node in nodes.tolist()]
        meetings = [
            ((*before, node), common)
            for before, shared in meetings
            for node, frontier in frontiers
            if len(common := np.intersect1d(shared, frontier, assume_unique=True))
        ]
    nodes = np.array([nodes for nodes, _ in meetings], np.int64).reshape(-1, len(trees))
    return Meetings(nodes, tuple(common for _, common in meetings))


def meeting_match(meetings: Meetings, answers: Ints) -> np.ndarray:
    """F1 of the common entities of each meeting with the known answers: `(meetings,)`."""
    return np.array(
        [
            2.0 * np.isin(common, answers).sum() / (len(common) + max(len(answers), 1))
            for common in meetings.common
        ]
    )


def best_meetings(trees: Sequence[PathTree], answers: Ints) -> list[np.ndarray]:
    """For each node of each tree, the F1 of the best meeting that it can be part of.

    Only nodes whose frontier holds an answer can be part of a meeting that does.

    Returns:
        One `(nodes,)` array per tree; 0 at the roots.
    """
    holding = []
    for tree in trees:
        held = np.add.reduceat(np.isin(tree.entities, answers), tree.starts[:-1], dtype=np.int64)
        held[0] = 0
        holding.append(np.flatnonzero(held))
    meetings = meet(trees, holding)
    match = meeting_match(meetings, answers)
    best = []
    for nth, tree in enumerate(trees):
        at = np.zeros(len(tree))
        np.maximum.at(at, meetings.nodes[:, nth], match)
        best.append(at)
    return best


def meeting_distribution(
    trees: Sequence[PathTree], paths: Sequence[np.ndarray]
) -> tuple[Meetings, np.ndarray]:
    """Where the topics' paths meet, and how probable each meeting is.

    Args:
        trees: One per topic.
        paths: `(nodes,)` path probabilities of each tree.

    Returns:
        The meetings and their probabilities, which sum to one; both empty where nothing meets.
    """
    candidates = [np.flatnonzero(path > NEGLIGIBLE) for path in paths]
    meetings = meet(trees, candidates)
    product = np.ones(len(meetings))
    for nth, path in enumerate(paths):
        product *= path[meetings.nodes[:, nth]]
    return meetings, product / product.sum() if len(product) else product


def marginals(
    trees: Sequence[PathTree], meetings: Meetings, probability: np.ndarray
) -> list[np.ndarray]:
    """Each topic's path distribution once the others have had their say: `(nodes,)` per tree."""
    return [
        np.bincount(meetings.nodes[:, nth], weights=probability, minlength=len(tree))
        for nth, tree in enumerate(trees)
    ]


def meeting_answers(meetings: Meetings, probability: np.ndarray) -> tuple[Ints, np.ndarray]:
    """Entities with the probability of being an answer, most probable first."""
    if not len(meetings):
        return np.zeros(0, np.int32), np.zeros(0)
    entities, where = np.unique(np.concatenate(meetings.common), return_inverse=True)
    weights = np.repeat(probability, [len(common) for common in meetings.common])
    total = np.bincount(where, weights=weights, minlength=len(entities))
    order = np.argsort(-total, kind="stable")
    return entities[order], total[order]
