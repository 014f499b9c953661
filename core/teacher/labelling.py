"""Labelling questions: the teacher's path distribution, cut to its best paths.

`posterior` labels know the answers: P(path | question, answers) is proportional to P(path |
question) times the F1 of the path's frontier with the known answers, so a path that the teacher
likes but that ends elsewhere loses its mass. They are the best labels there are for training
questions. `uniform` labels spread their mass evenly over the shortest paths to an answer; they
need no teacher and serve as a baseline (RoG, arXiv:2310.01061).

A question with several topics has a label for each, the distribution of that topic's paths once the
others have had their say (see `meetings`).
"""

from __future__ import annotations

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import PathLabel, keep_best, label_key
from core.teacher.reasoning import ScoredQuestion, ScoredTree


def labels_of(
    graph: KnowledgeGraph, asked: ScoredQuestion, kind: str, keep: int
) -> list[PathLabel]:
    """One question's labels, a topic each.

    Where no path reaches a known answer, the posterior is the prior, and there is no uniform label.
    """
    if kind == "uniform":
        found = [uniform(one) for one in asked.scored]
        stops = [one for one in found if one is not None]
        if len(stops) < len(found):
            return []
    else:
        stops = (asked.posterior() if kind == "posterior" else None) or asked.prior()
    if not all(one.any() for one in stops):
        return []  # the topics' paths meet nowhere
    single = len(asked.scored) == 1
    labels = []
    for tree, scored, stop in zip(asked.trees, asked.scored, stops, strict=True):
        names = ("", *(graph.relation_id(code) for code in scored.tree.relations[1:]))
        unknown = None
        if single and kind == "prior":
            unknown = np.where(scored.tree.open, scored.mass, 0.0)
        topic = graph.entity_id(scored.tree.topic)
        key = label_key(tree.question, topic)
        labels.append(keep_best(key, scored.tree.parents, names, stop, keep, unknown))
    return labels


def uniform(scored: ScoredTree) -> np.ndarray | None:
    """Equal probability for every shortest path that reaches an answer: `(nodes,)`, or None."""
    reaching = scored.match > 0
    if not reaching.any():
        return None
    depths = scored.tree.depths
    shortest = reaching & (depths == depths[reaching].min())
    shares: np.ndarray = shortest / shortest.sum()
    return shares
