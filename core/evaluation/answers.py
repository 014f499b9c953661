"""How right the answers are, one question at a time.

Answers are compared by entity id. Probabilities within 1e-9 of each other (relative) are tied.
"""

from __future__ import annotations

from core.records import Prediction, Question

TIE = 1e-9


def top_answers(prediction: Prediction) -> frozenset[str]:
    """The answers tied for the highest probability; empty if there are none."""
    if not prediction.answers:
        return frozenset()
    best = max(probability for _, probability in prediction.answers)
    return frozenset(entity for entity, p in prediction.answers if p >= best * (1 - TIE))


def predicted_answers(prediction: Prediction) -> frozenset[str]:
    """The answers that a prediction stands for: those at least as probable as not.

    A distribution over paths gives some mass to nearly everything within reach, so taking whatever
    is listed would make every question a hit. The probability is that of *being an answer*, hence
    0.5 is the threshold that asks no tuning; where nothing gets there, the tied top is the answer.
    """
    likely = frozenset(entity for entity, probability in prediction.answers if probability >= 0.5)
    return likely or top_answers(prediction)


def hits_at_1(question: Question, prediction: Prediction) -> float:
    """Chance that the top answer is right when ties are broken by a uniform pick: [0, 1]."""
    top = top_answers(prediction)
    return len(top.intersection(question.answers)) / len(top) if top else 0.0


def hit(question: Question, prediction: Prediction) -> float:
    """1 if any predicted answer is right, else 0."""
    return float(not predicted_answers(prediction).isdisjoint(question.answers))


def f1(question: Question, prediction: Prediction) -> float:
    """Harmonic mean of precision and recall of the predicted answers; 0 if either set is empty.

    2 |P and G| / (|P| + |G|). Averaged over questions it is macro-F1.
    """
    predicted, gold = predicted_answers(prediction), frozenset(question.answers)
    together = len(predicted) + len(gold)
    return 2 * len(predicted & gold) / together if together else 0.0
