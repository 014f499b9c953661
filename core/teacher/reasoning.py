"""What a scored tree says: paths, answers, and the posterior once the answers are known.

Everything here is read off the node masses of one tree, in float64, without sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.graph.knowledge_graph import Ints
from core.graph.path_tree import PathTree
from core.teacher.path_policy import PathScores
from core.teacher.question_trees import QuestionTree, TreeBatch


@dataclass(frozen=True, eq=False)
class ScoredTree:
    """A tree with the teacher's probabilities.

    Attributes:
        tree: The relation-prefix tree.
        path: `(nodes,)` float64 probability of the path that ends at each node; sums to one.
        attention: `(nodes, words)` the words that each node's prefix looks at next.
    """

    tree: PathTree
    path: np.ndarray
    attention: np.ndarray

    @property
    def mass(self) -> np.ndarray:
        """M(u): total probability of the paths through each node: `(nodes,)`, 1 at the root."""
        return node_masses(self.tree.parents, self.path)

    def answers(self) -> tuple[Ints, np.ndarray]:
        """Entities with the probability of being an answer, most probable first.

        `P(e) = sum of P(path) over paths whose frontier holds e`. Equal probabilities stand in
        entity order.
        """
        return answer_distribution(self.tree, self.path)

    def posterior(self, match: np.ndarray) -> np.ndarray:
        """P(path | question, known answers), proportional to P(path | question) * match(path).

        Args:
            match: `(nodes,)` F1 of each frontier with the known answers.

        Returns:
            `(nodes,)` summing to one; the prior itself where no path reaches any answer.
        """
        weighted = self.path * match
        total = weighted.sum()
        return weighted / total if total > 0 else self.path


def node_masses(parents: Ints, path: np.ndarray) -> np.ndarray:
    """Sum path probabilities upward: `M(u) = P(path to u) + sum of M(children)`.

    Args:
        parents: `(nodes,)`, a parent before its children, -1 at the root.
        path: `(nodes,)` probability of the path that ends at each node.
    """
    mass = path.astype(np.float64, copy=True)
    for node in range(len(parents) - 1, 0, -1):
        mass[parents[node]] += mass[node]
    return mass


def answer_distribution(tree: PathTree, path: np.ndarray) -> tuple[Ints, np.ndarray]:
    """See `ScoredTree.answers`; the root, which is no path, counts for nothing."""
    below = tree.starts[1]
    entities, where = np.unique(tree.entities[below:], return_inverse=True)
    weights = np.repeat(path[1:], np.diff(tree.starts)[1:])
    probability = np.bincount(where, weights=weights, minlength=len(entities))
    order = np.argsort(-probability, kind="stable")
    return entities[order], probability[order]


def scored_trees(
    batch: TreeBatch, scores: PathScores, trees: Sequence[QuestionTree]
) -> list[ScoredTree]:
    """Take a scored batch apart, each tree in its own node order."""
    place = np.argsort(batch.order)
    path = np.exp(scores.path.detach().cpu().numpy())[place]
    attention = scores.attention.detach().cpu().numpy()[place]
    cuts = np.cumsum([len(tree.around.tree) for tree in trees])[:-1]
    parts = zip(trees, np.split(path, cuts), np.split(attention, cuts), strict=True)
    return [ScoredTree(t.around.tree, p, a[:, : len(t.words)]) for t, p, a in parts]


def hits_at_1(batch: TreeBatch, scores: PathScores, trees: Sequence[QuestionTree]) -> list[float]:
    """Expected Hits@1 of each question, its own answers being gold; ties are shared evenly."""
    hits = []
    for tree, scored in zip(trees, scored_trees(batch, scores, trees), strict=True):
        entities, probability = scored.answers()
        top = entities[probability >= probability[0] * (1 - 1e-9)]
        hits.append(float(np.isin(top, tree.answers).mean()))
    return hits
