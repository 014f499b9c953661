"""Sets of answers that hold a right one with a stated probability: split conformal prediction.

With P(e) the probability of e being an answer, and "the graph does not say" one of the things that
may be said, the score of a held-out question is

    s = 1 - P(right)      right: the most probable of its answers, or that the graph does not say

Of n such scores and for a level L, q is the k-th smallest, k = ceil((n + 1) L), and

    set = all that may be said with 1 - P <= q, that is with P >= floor = 1 - q

If questions asked later are like those held out (exchangeable), then

    L <= P(a right one is in the set) <= L + 1 / (n + 1)        above only where no scores are equal

(Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005; Angelopoulos and Bates,
"A Gentle Introduction to Conformal Prediction", arXiv:2107.07511). This score gives the smallest
sets on average (Sadinle, Lei and Wasserman, "Least Ambiguous Set-Valued Classifiers", 2019). A set
may be empty: a model that is right more often than asked leaves out what it is least sure of.
Where k > n there are too few questions for the level: the floor is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TypeVar

import numpy as np

from core.records import Prediction, Question
from core.results.evaluation import LikelySets

Entity = TypeVar("Entity", int, str)


def right_probability(question: Question, prediction: Prediction) -> float:
    """The probability that a prediction gives to what is right: its most probable right answer.

    Of a question without answers, the probability that the graph does not say.
    """
    if not question.answers:
        return prediction.missing
    right = {*question.answers}
    return max((chance for entity, chance in prediction.answers if entity in right), default=0.0)


def set_floor(right: Sequence[float], level: float) -> float:
    """The lowest probability in a likely set.

    Args:
        right: `(n,)` the `right_probability` of each held-out question.
        level: L, in 0..1.
    """
    rank = ceil((len(right) + 1) * level - 1e-9)
    if rank < 1:
        return 1.0
    return float(np.sort(right)[-rank]) if rank <= len(right) else 0.0


def likely_answers(
    answers: Sequence[tuple[Entity, float]], floor: float
) -> tuple[tuple[Entity, float], ...]:
    """The answers in the likely set, most probable first."""
    return tuple((entity, chance) for entity, chance in answers if chance >= floor and chance > 0)


def likely_sets(
    questions: Sequence[Question], predictions: Sequence[Prediction], level: float, floor: float
) -> LikelySets:
    """How often the likely set holds a right answer, and how large it is.

    Args:
        questions: At least one; none of them held out for the floor.
        predictions: One for each.
        level: Of the sets.
        floor: See `set_floor`.
    """
    held, sizes = [], []
    for question, prediction in zip(questions, predictions, strict=True):
        right = right_probability(question, prediction)
        held.append(right >= floor and right > 0)
        size = len(likely_answers((*prediction.answers, ("", prediction.missing)), floor))
        sizes.append(size / max(len(question.answers), 1))
    return LikelySets(level=level, coverage=float(np.mean(held)), size=float(np.mean(sizes)))
