"""Choices among what may follow a place of a tree: softened by a temperature, and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, NDArray[Any], NDArray[Any]]
"""The mass that reaches a place, and what each of two sides gives its ways on, `(ways,)` each."""


def soften(probabilities: Sequence[float], temperature: float) -> NDArray[Any]:
    """p^(1/T) renormalised; through logarithms, so that a small T cannot underflow.

    Args:
        probabilities: Not negative; all zero stays all zero.
        temperature: T, above 0.
    """
    raw = np.asarray(probabilities, float)
    if not np.any(raw > 0):
        return np.zeros_like(raw)
    with np.errstate(divide="ignore"):
        logits = np.log(raw) / temperature
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def kl_divergence(p: NDArray[Any], q: NDArray[Any]) -> float:
    """KL(p || q) in nats; never below 0, whatever is lost in rounding.

    A zero of `q` where `p` has mass counts as the smallest number there is, so the sum is finite.
    """
    seen = p > 0
    tiny = np.finfo(np.float64).tiny
    return max(0.0, float(np.sum(p[seen] * (np.log(p[seen]) - np.log(np.maximum(q[seen], tiny))))))


def choice_divergence(places: Iterable[Place]) -> float:
    """The KL of two sides' choices in nats, each place counting by the mass that reaches it.

    Choices are renormalised first: what a side gives to nothing that is there does not count. A
    place where either gives nothing to anything is left out.
    """
    total = 0.0
    for mass, p, q in places:
        if p.sum() > 0 and q.sum() > 0:
            total += mass * kl_divergence(p / p.sum(), q / q.sum())
    return total


def entropy(probabilities: Sequence[float]) -> float:
    """Entropy in bits; zeros count for nothing."""
    values = np.asarray(probabilities, float)
    values = values[values > 0]
    return float(-np.sum(values * np.log2(values))) + 0.0
