"""How far a model's probabilities can be believed, measured on held-out questions.

What a prediction states is its best answer or, where that is more probable, that the graph does not
say. Fitted are one temperature for the probability of what is stated, and for each level the
probability from which on that share of the answers given is right, the same for what is stated not
to be in the graph, and the floor of the likely set.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.evaluation.answers import hits_at_1
from core.evaluation.calibration import fit_temperature, tempered, threshold_for
from core.evaluation.conformal import right_probability, set_floor
from core.records import Prediction, Question
from core.results.certainty import Certainty, Level

LEVELS = (0.8, 0.9, 0.95, 0.99)

AT_MOST = 1000
"""Held-out questions that are asked: the error of a measured share is then 0.01."""


def measure_certainty(
    questions: Sequence[Question], predictions: Sequence[Prediction]
) -> Certainty | None:
    """See the module's text; None where there is no question.

    Args:
        questions: Held out: the model has not learned from them.
        predictions: One for each.
    """
    if not questions:
        return None
    pairs = list(zip(questions, predictions, strict=True))
    stated = np.array([max(one.best, one.missing) for one in predictions])
    correct = np.array([is_right(question, prediction) for question, prediction in pairs])
    given = np.array([not one.refuses for one in predictions])
    right = [right_probability(question, prediction) for question, prediction in pairs]
    levels = []
    for level in LEVELS:
        point = threshold_for(stated[given], correct[given], level)
        no = threshold_for(stated[~given], correct[~given], level)
        levels.append(
            Level(
                level=level,
                threshold=point.confidence if point else None,
                refusal=no.confidence if no else None,
                answered=point.coverage * float(given.mean()) if point else 0.0,
                floor=set_floor(right, level),
            )
        )
    temperature = fit_temperature(lambda heat: (tempered(stated, heat), correct))
    return Certainty(temperature=temperature, questions=len(pairs), levels=tuple(levels))


def is_right(question: Question, prediction: Prediction) -> float:
    """Whether what is stated is right; tied answers count by their share of a uniform pick."""
    if prediction.refuses:
        return float(not question.answers)
    return hits_at_1(question, prediction)
