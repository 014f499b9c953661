"""Scoring question trees with the policy: whole trees in batches, large ones grown as needed.

A tree that is too large to be grown at once is grown *best first*: its most probable open nodes are
closed, that is, their children grown and chosen from, until the mass of all open nodes is below a
bound. Every mass on the way is the one that the whole tree would give, for a node's probability
depends on what is above it, its siblings, and what message passing sees a fixed number of hops
ahead; only that far is the tree grown beyond its open nodes. What is left open is stated as the
*rest*, so the approximation bounds its own error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import ROOT, Growth, PathTree, TreeShape
from core.teacher.absence import NOTHING_ABSENT, absent_alternatives
from core.teacher.path_distributions import PathScores
from core.teacher.path_policy import PathPolicy
from core.teacher.question_trees import QuestionTree, frontier_kinds, match_answers
from core.teacher.reasoning import NOTHING_MISSING, Missing, ScoredTree
from core.teacher.tree_batches import TreeBatch, batch_trees

TOGETHER = 256
"""Trees scored at a time, if they have no more than `NODES` nodes."""

NODES = 32_768

BOUND = 1e-3
"""A tree grown as needed leaves open at most this mass."""

LARGEST = 20_000
"""A tree grown as needed stops here whatever mass is open; the rest says how much that is."""


class PolicyScorer:
    """A trained policy as a teacher.

    Args:
        policy: The policy, which is put into evaluation mode.
        graph: What it reasons over.
        shape: The trees that it was trained on.
    """

    def __init__(self, policy: PathPolicy, graph: KnowledgeGraph, shape: TreeShape) -> None:
        self.policy, self.graph, self.shape = policy.eval(), graph, shape

    def score(
        self,
        trees: Sequence[QuestionTree],
        *,
        without_message_passing: bool = False,
        bound: float = BOUND,
    ) -> Iterator[ScoredTree]:
        """Score trees, in order; `without_message_passing` does without message passing."""
        for chosen in batches_by_size(trees):
            if chosen[0].tree.truncated:
                yield from self.expanded(
                    chosen, without_message_passing=without_message_passing, bound=bound
                )
            else:
                yield from self.whole(chosen, without_message_passing=without_message_passing)

    @torch.no_grad()
    def whole(
        self, trees: Sequence[QuestionTree], *, without_message_passing: bool = False
    ) -> list[ScoredTree]:
        """Score trees as they stand."""
        batch = batch_trees(trees, self.policy.relation_words, self.policy.temperature.device)
        return scored_trees(batch, self.policy(batch, without_message_passing), trees)

    def expanded(
        self,
        trees: Sequence[QuestionTree],
        *,
        without_message_passing: bool = False,
        bound: float = BOUND,
    ) -> list[ScoredTree]:
        """Grow each tree anew, best first, until no more than `bound` is open."""
        growths = [Growth(self.graph, tree.tree.topic, self.shape) for tree in trees]
        closed: list[set[int]] = [set() for _ in trees]
        for growth, nodes in zip(growths, closed, strict=True):
            self._close(growth, nodes, [ROOT])
        done: dict[int, ScoredTree] = {}
        while len(done) < len(trees):
            asked = [number for number in range(len(trees)) if number not in done]
            partial = [self._as_it_stands(trees[n], growths[n].tree(closed[n])) for n in asked]
            for number, scored in zip(
                asked,
                self.whole(partial, without_message_passing=without_message_passing),
                strict=True,
            ):
                wanted = to_close(scored, bound)
                if not wanted or len(scored.tree) > LARGEST:
                    done[number] = scored
                else:
                    self._close(growths[number], closed[number], wanted)
        return [done[number] for number in range(len(trees))]

    def _close(self, growth: Growth, closed: set[int], nodes: Sequence[int]) -> None:
        closed.update(nodes)
        level = list(nodes)
        for _ in range(1 + max(self.policy.rounds - 1, 0)):
            level = [child for node in level for child in growth.children(node)]

    def _as_it_stands(self, asked: QuestionTree, tree: PathTree) -> QuestionTree:
        """The same question on a tree that is still growing; gold paths are of no use there."""
        return replace(
            asked,
            tree=tree,
            kinds=frontier_kinds(self.graph, tree),
            match=match_answers(tree, asked.answers),
            gold=np.zeros(len(tree), bool),
            spoken=np.zeros(len(tree), np.float32),
            absent=absent_alternatives(self.graph, tree, self.shape)
            if self.policy.absence
            else NOTHING_ABSENT,
        )


def to_close(scored: ScoredTree, bound: float) -> list[int]:
    """The fewest open nodes that must be closed for the others to hold no more than `bound`."""
    nodes = np.flatnonzero(scored.tree.open & (scored.mass > 0))
    nodes = nodes[np.argsort(scored.mass[nodes], kind="stable")]
    left = np.cumsum(scored.mass[nodes])
    return [int(node) for node in nodes[left > bound]]


def batches_by_size(trees: Sequence[QuestionTree]) -> Iterator[list[QuestionTree]]:
    """Cut a list of trees into batches of bounded size, truncated trees apart from the others."""
    chosen: list[QuestionTree] = []
    nodes = 0
    for tree in trees:
        full = len(chosen) == TOGETHER or nodes + len(tree.tree) > NODES
        if chosen and (full or chosen[0].tree.truncated != tree.tree.truncated):
            yield chosen
            chosen, nodes = [], 0
        chosen.append(tree)
        nodes += len(tree.tree)
    if chosen:
        yield chosen


def scored_trees(
    batch: TreeBatch, scores: PathScores, trees: Sequence[QuestionTree]
) -> list[ScoredTree]:
    """Take a scored batch apart, each tree in its own node order."""
    place = np.argsort(batch.order)
    cuts = np.cumsum([len(tree.tree) for tree in trees])[:-1]
    path = np.split(np.exp(scores.path.cpu().numpy())[place], cuts)
    mass = np.split(np.exp(scores.mass.cpu().numpy())[place], cuts)
    looks = np.zeros((len(place), scores.attention.shape[1]), np.float32)
    looks[batch.inner.cpu().numpy()] = scores.attention.cpu().numpy()
    attention = np.split(looks[place], cuts)
    absent = np.zeros(sum(batch.absences))
    absent[scores.which.cpu().numpy()] = np.exp(scores.missing.cpu().numpy())
    lacking = np.split(absent, np.cumsum(batch.absences)[:-1])
    return [
        ScoredTree(t.tree, p, m, t.match, a[:, : len(t.words)], _missing(t, lost))
        for t, p, m, a, lost in zip(trees, path, mass, attention, lacking, strict=True)
    ]


def _missing(tree: QuestionTree, probability: np.ndarray) -> Missing:
    if not len(tree.absent):
        return NOTHING_MISSING
    return Missing(tree.absent.nodes, tree.absent.codes, probability)
