"""Whether a stated confidence can be believed, and how to make it so.

A model is calibrated where, of the answers that it gives with confidence 0.8, eight in ten are
right. What is measured, over n questions with confidence p and correctness c (0 or 1, or the share
of tied answers that are right):

    bin b          questions with p in (b / B, (b + 1) / B]
    ECE            sum_b  n_b / n * |mean of c in b - mean of p in b|          Guo et al. 2017
    coverage(t)    share of questions with p >= t
    precision(t)   mean of c among them; 1 - precision is the risk of the risk-coverage curve

And how it is mended, by one temperature T fitted on held-out questions so that confidence and
correctness agree as probabilities:

    loss(T) = mean of  -c' log p_T - (1 - c') log(1 - p_T),  c' = (1 - 2 e) c + e,  e = 1 / (n + 2)

with p_T = sigmoid(logit(p) / T) where only the stated confidences are known (`tempered`).
A model that errs nowhere would be told to be certain; e, as if one more question had gone wrong and
one right (Platt 1999), keeps it modest, and vanishes as questions are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.messages import Message
from core.results.evaluation import ReliabilityBin

Floats = NDArray[np.floating[Any]]

COLDEST, HOTTEST = 0.25, 8.0
"""Temperatures beyond these are not looked for."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What answering only from some confidence upward gives.

    Attributes:
        confidence: The lowest confidence that is answered.
        coverage: Share of the questions answered.
        precision: Share of the answers that are right.
    """

    confidence: float
    coverage: float
    precision: float


def reliability(
    confidences: ArrayLike, correct: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Bins of equal width, those without a question left out.

    Args:
        confidences: `(n,)` in 0..1.
        correct: `(n,)` in 0..1.
        bins: How many the range is cut into.

    Raises:
        ValueError: If the two differ in length or leave 0..1.
    """
    p, c = _checked(confidences, correct)
    edges = np.linspace(0, 1, bins + 1)
    where = np.maximum(np.searchsorted(edges, p, side="left") - 1, 0)
    return tuple(
        ReliabilityBin(
            low=float(edges[b]),
            high=float(edges[b + 1]),
            count=int(np.sum(where == b)),
            confidence=float(p[where == b].mean()),
            accuracy=float(c[where == b].mean()),
        )
        for b in np.unique(where)
    )


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Mean distance between confidence and accuracy, bins weighed by their questions: 0..1.

    0 where there is no question.
    """
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.accuracy - one.confidence) for one in bins) / max(total, 1)


def risk_coverage(confidences: ArrayLike, correct: ArrayLike) -> tuple[OperatingPoint, ...]:
    """Every threshold that makes a difference, the most confident first; coverage grows to 1.

    Questions of equal confidence are answered all or none.

    Raises:
        ValueError: As `reliability`.
    """
    p, c = _checked(confidences, correct)
    order = np.argsort(-p, kind="stable")
    p, c = p[order], c[order]
    last = np.flatnonzero(np.append(p[1:] != p[:-1], True)) if len(p) else np.array([], int)
    right = np.cumsum(c)
    return tuple(
        OperatingPoint(float(p[i]), float((i + 1) / len(p)), float(right[i] / (i + 1)))
        for i in last
    )


def threshold_for(
    confidences: ArrayLike, correct: ArrayLike, precision: float
) -> OperatingPoint | None:
    """The threshold that answers most questions at a wanted precision, or None if none does.

    Args:
        confidences: `(n,)` in 0..1.
        correct: `(n,)` in 0..1.
        precision: Share of the answers that must be right.

    Raises:
        ValueError: As `reliability`.
    """
    points = risk_coverage(confidences, correct)
    reached = [point for point in points if point.precision >= precision - 1e-12]
    return reached[-1] if reached else None


def confidence_loss(confidences: ArrayLike, correct: ArrayLike) -> float:
    """See the module's text; 0 where there is no question."""
    p, c = _checked(confidences, correct)
    if not len(p):
        return 0.0
    doubt = 1 / (len(p) + 2)
    p, c = np.clip(p, 1e-9, 1 - 1e-9), (1 - 2 * doubt) * c + doubt
    return float(np.mean(-c * np.log(p) - (1 - c) * np.log(1 - p)))


def tempered(confidences: ArrayLike, temperature: float) -> Floats:
    """Confidences drawn towards a half by T > 1, away from it by T < 1: sigmoid(logit(p) / T).

    Args:
        confidences: In 0..1.
        temperature: T, above 0.
    """
    p = np.clip(np.asarray(confidences, float), 0, 1)
    yes, no = p ** (1 / temperature), (1 - p) ** (1 / temperature)
    return np.asarray(yes / (yes + no))


def fit_temperature(at: Callable[[float], tuple[ArrayLike, ArrayLike]]) -> float:
    """The temperature at which stated confidences are most believable.

    Args:
        at: The confidences and correctness of held-out questions at a temperature.

    Returns:
        Between `COLDEST` and `HOTTEST`, to a hundredth of itself; 1 where there is no question.
    """
    if not len(np.asarray(at(1.0)[0])):
        return 1.0
    low, high = np.log(COLDEST), np.log(HOTTEST)
    losses: dict[float, float] = {}

    def loss(place: float) -> float:
        if place not in losses:
            losses[place] = confidence_loss(*at(float(np.exp(place))))
        return losses[place]

    golden = (np.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    while high - low > 0.02:
        if loss(left) <= loss(right):
            high, right = right, left
            left = high - golden * (high - low)
        else:
            low, left = left, right
            right = low + golden * (high - low)
    return float(np.exp(min(losses, key=losses.__getitem__)))


def _checked(confidences: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    p, c = np.asarray(confidences, float), np.asarray(correct, float)
    if p.shape != c.shape:
        raise ValueError(
            Message(
                "{confidences} confidences, but the correctness of {answers} answers.",
                confidences=len(p),
                answers=len(c),
            )
        )
    for name, values in (("confidence", p), ("correctness", c)):
        if len(outside := values[~((values >= 0) & (values <= 1 + 1e-6))]):
            raise ValueError(
                Message(
                    "A {name} of {value:g} is not between 0 and 1.", name=name, value=outside[0]
                )
            )
    return np.minimum(p, 1.0), np.minimum(c, 1.0)
