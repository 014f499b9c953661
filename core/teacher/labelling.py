"""Labelling questions: the teacher's path distribution, cut to its best paths.

`posterior` labels know the answers: P(path | question, answers) is proportional to P(path |
question) times the F1 of the path's frontier with the known answers, so a path that the teacher
likes but that ends elsewhere loses its mass. They are the best labels there are for training
questions. `uniform` labels spread their mass evenly over the shortest paths to an answer; they
need no teacher and serve as a baseline (RoG, arXiv:2310.01061).

What the graph may not have stands in a label beside the paths, as a last step that is looked for
(`core.records.MISSING`). Of a question that it is known not to answer, the posterior is all there.

A question with several topics has a label for each, the distribution of that topic's paths once the
others have had their say (see `meetings`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.path_labels import PathLabel, keep_best, label_key
from core.records import MISSING
from core.teacher.absence import NONE
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import NOTHING_MISSING, Missing, ScoredQuestion, ScoredTree

SPELLED_OUT = 1e-3
"""What is missing less probably than this is told as *none of these* at its place."""


def labels_of(
    graph: KnowledgeGraph, asked: ScoredQuestion, kind: str, keep: int
) -> list[PathLabel]:
    """One question's labels, a topic each.

    Where no path reaches a known answer, the posterior is the prior, and there is no uniform label.
    """
    if kind == "uniform" and asked.trees[0].question.answerable:
        found = [uniform(one) for one in asked.scored]
        stops = [one for one in found if one is not None]
        if len(stops) < len(found):
            return []
    else:
        stops = (asked.posterior() if kind == "posterior" else None) or asked.prior()
    lost = any(tree.absent.sought.any() for tree in asked.trees)
    if not lost and not all(one.any() for one in stops):
        return []  # the topics' paths meet nowhere
    single = len(asked.scored) == 1
    labels = []
    for tree, scored, stop in zip(asked.trees, asked.scored, stops, strict=True):
        names = ["", *(graph.relation_id(code) for code in scored.tree.relations[1:])]
        parents, unknown = scored.tree.parents, np.zeros(len(stop))
        missing = NOTHING_MISSING
        if tree.absent.sought.any() and kind != "prior":
            missing = sought(tree, scored)
            stop = np.zeros(len(stop))
        elif single and kind == "prior":
            missing = spelled_out(scored.missing)
            unknown = np.where(scored.tree.open, scored.mass, 0.0)
        told = missing.probability > 0
        names += [
            MISSING + (graph.relation_id(code) if code != NONE else "")
            for code in missing.codes[told].tolist()
        ]
        parents = np.concatenate([parents, missing.nodes[told]])
        stop = np.concatenate([stop, missing.probability[told]])
        unknown = np.concatenate([unknown, np.zeros(told.sum())])
        key = label_key(tree.question, graph.entity_id(scored.tree.topic))
        below = unknown if unknown.any() else None
        labels.append(keep_best(key, parents, tuple(names), stop, keep, below))
    return labels


def spelled_out(missing: Missing) -> Missing:
    """The same with what is hardly probable told as *none of these* where it is missing.

    A label would else name most relations of the schema at each node.
    """
    none = missing.codes == NONE
    small = ~none & (missing.probability < SPELLED_OUT)
    at = missing.nodes[small]
    folded = np.bincount(
        at, weights=missing.probability[small], minlength=1 + int(missing.nodes.max(initial=0))
    )
    probability = np.where(none, missing.probability + folded[missing.nodes], missing.probability)
    return Missing(missing.nodes[~small], missing.codes[~small], probability[~small])


def sought(tree: QuestionTree, scored: ScoredTree) -> Missing:
    """What a question is known to look for in vain, as probable as the teacher finds each.

    All alike where the teacher finds none of it possible.
    """
    wanted = {
        (*tree.tree.prefix(int(node)), int(code))
        for node, code in zip(
            tree.absent.nodes[tree.absent.sought],
            tree.absent.codes[tree.absent.sought],
            strict=True,
        )
    }
    missing = scored.missing
    meant = np.array(
        [
            (*scored.tree.prefix(int(node)), int(code)) in wanted
            for node, code in zip(missing.nodes, missing.codes, strict=True)
        ],
        bool,
    )
    weights = np.where(meant, missing.probability, 0.0)
    if not weights.any():
        weights = meant.astype(float)
    return replace(missing, probability=weights / max(weights.sum(), 1e-300))


def uniform(scored: ScoredTree) -> np.ndarray | None:
    """Equal probability for every shortest path that reaches an answer: `(nodes,)`, or None."""
    reaching = scored.match > 0
    if not reaching.any():
        return None
    depths = scored.tree.depths
    shortest = reaching & (depths == depths[reaching].min())
    shares: np.ndarray = shortest / shortest.sum()
    return shares
