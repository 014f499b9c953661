"""Whether a stated confidence can be believed, and how to make it so.

A model is calibrated where, of the answers that it gives with confidence 0.8, eight in ten are
right. What is measured, over n questions with confidence p and correctness c (0 or 1, or the share
of tied answers that are right):

    bin b          questions with p in (b / B, (b + 1) / B]
    ECE            sum_b  n_b / n * |mean of c in b - mean of p in b|          Guo et al. 2017
    coverage(t)    share of questions with p >= t
    precision(t)   mean of c among them; 1 - precision is the risk of the risk-coverage curve

And how it is mended, by one temperature T fitted on held-out questions. P_T(i) is proportional to
P(i)^(1/T) over a question's candidates; w_i in 0..1 says how right candidate i is:

    loss(T) = mean of  -(1 - e) log sum_i w_i P_T(i)  -  e log sum_i (1 - w_i) P_T(i)

With e = 0 this is the negative log likelihood, which no T > 0 minimises where the model errs
nowhere. So e = 1 / (n + 2), as if one more question had gone wrong and one right (Platt 1999); it
vanishes as questions are added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating[Any]]

COLDEST, HOTTEST = 0.02, 50.0
"""Temperatures beyond these are not looked for."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Questions of like confidence: one bar of a reliability plot.

    Attributes:
        low: Confidences above this (the first bin holds 0 as well) ...
        high: ... up to and including this.
        count: Questions in the bin; at least one.
        confidence: Their mean confidence.
        accuracy: Their mean correctness.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


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


def tempered(log_probabilities: Floats, temperature: float) -> Floats:
    """The log-probabilities of one question's candidates at a temperature: normalised."""
    scaled = np.asarray(log_probabilities, float) / temperature
    return np.asarray(scaled - np.logaddexp.reduce(scaled))


def fit_temperature(log_probabilities: Sequence[Floats], correct: Sequence[Floats]) -> float:
    """The temperature at which held-out questions are best explained.

    Questions whose candidates are all right or all wrong say nothing about it and are left out; it
    is 1 where no other are left.

    Args:
        log_probabilities: Per question, `(candidates,)`; need not be normalised.
        correct: Per question, `(candidates,)` in 0..1: how right each candidate is.

    Returns:
        Between `COLDEST` and `HOTTEST`, to three digits or better.

    Raises:
        ValueError: If a question's two arrays differ in length.
    """
    told = [
        (np.asarray(logs, float), np.asarray(w, float))
        for logs, w in zip(log_probabilities, correct, strict=True)
        if _possible(logs, w) and _possible(logs, 1.0 - np.asarray(w, float))
    ]
    if not told:
        return 1.0
    logs = np.concatenate([one for one, _ in told])
    with np.errstate(divide="ignore"):
        right = np.log(np.concatenate([w for _, w in told]))
        wrong = np.log1p(-np.concatenate([w for _, w in told]))
    starts = np.cumsum([0, *(len(one) for one, _ in told)])[:-1]
    doubt = 1 / (len(told) + 2)

    def loss(temperature: float) -> float:
        scaled = logs / temperature
        hit, miss = (np.logaddexp.reduceat(scaled + w, starts) for w in (right, wrong))
        return float(np.mean(np.logaddexp(hit, miss) - (1 - doubt) * hit - doubt * miss))

    return _lowest(loss)


def _possible(log_probabilities: ArrayLike, weights: ArrayLike) -> bool:
    """Whether some candidate has both a probability and a weight."""
    logs, w = np.asarray(log_probabilities, float), np.asarray(weights, float)
    if logs.shape != w.shape:
        raise ValueError(f"{len(logs)} candidates, but the correctness of {len(w)}.")
    return bool(np.any(w[logs > -np.inf] > 0))


def _lowest(loss: Callable[[float], float]) -> float:
    """Where a loss is lowest: by a grid over log T, each time finer around the best."""
    low, high = np.log(COLDEST), np.log(HOTTEST)
    while high - low > 1e-4:
        grid = np.linspace(low, high, 33)
        best = int(np.argmin([loss(float(np.exp(x))) for x in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 32)]
    return float(np.exp((low + high) / 2))


def _checked(confidences: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    p, c = np.asarray(confidences, float), np.asarray(correct, float)
    if p.shape != c.shape:
        raise ValueError(f"{len(p)} confidences, but the correctness of {len(c)} answers.")
    for name, values in (("confidence", p), ("correctness", c)):
        if len(outside := values[~((values >= 0) & (values <= 1 + 1e-6))]):
            raise ValueError(f"A {name} of {outside[0]:g} is not between 0 and 1.")
    return np.minimum(p, 1.0), np.minimum(c, 1.0)
