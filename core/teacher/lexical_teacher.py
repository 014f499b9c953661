"""The plain lexical teacher as a scorer: no training, no weights; see `lexical_matching`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.graph.knowledge_graph import KnowledgeGraph
from core.labels.masses import node_masses
from core.teacher.lexical_matching import path_distribution, path_scores, spelled_relations
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import ScoredTree


class LexicalScorer:
    """Scores paths by how well their labels are spelled in the question.

    Args:
        graph: Whose relations it reads.
        temperature: Of the softmax over paths; above 0.
    """

    def __init__(self, graph: KnowledgeGraph, temperature: float) -> None:
        self.temperature = temperature
        self._spelled = spelled_relations(graph)

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order."""
        for asked in trees:
            scores = path_scores(self._spelled, asked.tree, asked.words)
            yield from_paths(asked, path_distribution(scores, self.temperature))


def from_paths(asked: QuestionTree, path: np.ndarray) -> ScoredTree:
    """A scored tree from path probabilities alone, by a teacher that shows no attention."""
    mass = node_masses(asked.tree.parents, path)
    nothing = np.zeros((len(asked.tree), len(asked.words)))
    return ScoredTree(asked.tree, path, mass, asked.match, nothing)
