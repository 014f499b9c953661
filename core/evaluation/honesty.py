"""Whether a model knows what the graph does not say, on questions with and without an answer.

With p the probability of the best answer (0 where there is none), over n questions of which some
are answerable (they have answers) and the others not:

    unanswerable answered    share of the unanswerable to which an answer is given
    answerable refused       share of the answerable to which none is given
    wrong and sure           share of all whose best answer is wrong and has p > 1/2
    AUROC                    P(p of an answerable question answered rightly > p of an unanswerable
                             one) + 1/2 P(they are equal), over all such pairs

Where answers are tied for the best, a question counts by the share of them that is right.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from core.evaluation.answers import hits_at_1
from core.records import Prediction, Question
from core.results.answer import Decision
from core.results.evaluation import Decisions, Honesty


def honesty(
    questions: Sequence[Question], predictions: Sequence[Prediction], answered: Sequence[bool]
) -> Honesty:
    """See the module's text.

    Args:
        questions: At least one.
        predictions: One for each.
        answered: Whether an answer is given to each.
    """
    answerable = np.array([bool(question.answers) for question in questions])
    given = np.array(answered, bool)
    sure = np.array([prediction.best for prediction in predictions])
    right = np.array([hits_at_1(q, p) for q, p in zip(questions, predictions, strict=True)])
    none = int((~answerable).sum())
    return Honesty(
        unanswerable=none,
        unanswerable_answered=float(given[~answerable].mean()) if none else None,
        answerable_refused=float((~given[answerable]).mean()) if answerable.any() else None,
        wrong_and_sure=float(((sure > 0.5) * (1 - right)).mean()),
        auroc=auroc(sure[answerable], sure[~answerable], right[answerable]),
    )


def decisions(
    questions: Sequence[Question], predictions: Sequence[Prediction], decided: Sequence[Decision]
) -> Decisions:
    """How often each thing is said, and how often an answer that is given is right.

    Args:
        questions: At least one.
        predictions: One for each.
        decided: What is said to each.
    """
    right = [hits_at_1(q, p) for q, p in zip(questions, predictions, strict=True)]
    given = [r for r, one in zip(right, decided, strict=True) if one is Decision.ANSWERED]
    said = {one: list(decided).count(one) / len(decided) for one in Decision}
    return Decisions(
        answered=said[Decision.ANSWERED],
        unsure=said[Decision.UNSURE],
        refused=said[Decision.NOT_IN_GRAPH],
        precision=sum(given) / len(given) if given else None,
    )


def auroc(high: ArrayLike, low: ArrayLike, weights: ArrayLike) -> float | None:
    """How often a value of one kind is above one of another; equal ones count half.

    Args:
        high: `(m,)` values that should be above.
        low: `(n,)` values that should be below.
        weights: `(m,)` how much each of the first counts.

    Returns:
        0 to 1; None where one side has nothing that counts.
    """
    above, below, weight = (np.asarray(values, float) for values in (high, low, weights))
    if not len(below) or not weight.sum() > 0:
        return None
    below = np.sort(below)
    beaten = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    return float((weight * beaten).sum() / (2 * len(below) * weight.sum()))
