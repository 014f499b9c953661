"""Several teachers as one: P(path) = sum of w_i P_i(path), weights summing to one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from core.teacher.calibration import tempered
from core.teacher.question_trees import QuestionTree
from core.teacher.reasoning import NOTHING_MISSING, Missing, ScoredTree, Scorer


class MixtureScorer:
    """A weighted mean of teachers over the same trees.

    Attention is the mean of the teachers' own, weighted alike. Trees that are too large to be grown
    at once are scored as they were grown for the question, by every teacher, so that all of them
    speak about the same paths.

    Args:
        scorers: The teachers.
        weights: One each, not all 0; scaled to sum to one.
        temperature: Of the mixture: its probabilities to the power `1 / temperature`.
    """

    def __init__(
        self, scorers: Sequence[Scorer], weights: Sequence[float], temperature: float = 1.0
    ) -> None:
        self.scorers = tuple(scorers)
        self.temperature = temperature
        self.weights = np.array(weights, float) / np.sum(weights)

    def score(self, trees: Sequence[QuestionTree]) -> Iterator[ScoredTree]:
        """Score trees, in order."""
        asked = [_as_grown(tree) for tree in trees]
        for scored in zip(*(scorer.score(asked) for scorer in self.scorers), strict=True):
            mixed = ScoredTree(
                tree=scored[0].tree,
                path=self._mean([one.path for one in scored]),
                mass=self._mean([one.mass for one in scored]),
                match=scored[0].match,
                attention=self._mean([one.attention for one in scored]),
                missing=self._missing([one.missing for one in scored]),
            )
            yield mixed if self.temperature == 1.0 else tempered(mixed, self.temperature)

    def _missing(self, each: Sequence[Missing]) -> Missing:
        """What the teachers that know of absence say; all speak about the same alternatives."""
        first = next((one for one in each if len(one)), NOTHING_MISSING)
        said = [one.probability if len(one) else np.zeros(len(first)) for one in each]
        return replace(first, probability=self._mean(said))

    def _mean(self, values: Sequence[np.ndarray]) -> np.ndarray:
        return np.asarray(np.tensordot(self.weights, np.stack(values), axes=1))


def _as_grown(asked: QuestionTree) -> QuestionTree:
    return (
        replace(asked, tree=replace(asked.tree, truncated=False)) if asked.tree.truncated else asked
    )
