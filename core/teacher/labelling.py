"""Labelling questions: the teacher's path distribution, cut to its best paths.

`posterior` labels know the answers: P(path | question, answers) is proportional to P(path |
question) times the F1 of the path's frontier with the known answers, so a path that the teacher
likes but that ends elsewhere loses its mass. They are the best labels there are for training
questions. `uniform` labels spread their mass evenly over the shortest paths to an answer; they
need no teacher and serve as a baseline (RoG, arXiv:2310.01061).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import PathLabel, keep_best
from core.teacher.path_policy import PathPolicy
from core.teacher.question_trees import QuestionTree, batch_trees
from core.teacher.reasoning import ScoredTree, scored_trees

BATCH = 256


@torch.no_grad()
def score_trees(policy: PathPolicy, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
    """Score question trees in batches, in order."""
    device = next(policy.parameters()).device
    policy.eval()
    for begin in range(0, len(trees), BATCH):
        chosen = trees[begin : begin + BATCH]
        batch = batch_trees(chosen, policy.relation_words, device)
        yield from scored_trees(batch, policy(batch), chosen)


def label(
    graph: KnowledgeGraph, tree: QuestionTree, scored: ScoredTree, kind: str, keep: int
) -> PathLabel | None:
    """One question's label, or None where no path reaches an answer and the kind needs one."""
    if kind == "uniform":
        stops = uniform(tree)
    elif kind == "posterior":
        stops = scored.posterior(tree.match)
    else:
        stops = scored.path
    if stops is None:
        return None
    names = ("", *(graph.relation_id(code) for code in scored.tree.relations[1:]))
    return keep_best(tree.question.id, scored.tree.parents, names, stops, keep)


def uniform(tree: QuestionTree) -> np.ndarray | None:
    """Equal probability for every shortest path that reaches an answer: `(nodes,)`, or None."""
    reaching = tree.match > 0
    if not reaching.any():
        return None
    depths = tree.around.tree.depths
    shortest = reaching & (depths == depths[reaching].min())
    return shortest / shortest.sum()
