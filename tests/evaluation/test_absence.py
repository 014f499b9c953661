"""The weight of what is missing, against a slow search and where it is known."""

import math

import numpy as np
import pytest

from core.evaluation.absence import WEIGHTS, fitted_weight


def test_the_most_likely_weight_is_found():
    draw = np.random.default_rng(0)
    missing, lacking = draw.random(60), draw.random(60) < 0.3

    def likelihood(w):
        return sum(
            math.log((w * m if no else 1 - m) / (w * m + 1 - m))
            for m, no in zip(missing.tolist(), lacking.tolist(), strict=True)
        )

    assert fitted_weight(missing, lacking) == max(WEIGHTS.tolist(), key=likelihood)


@pytest.mark.parametrize("odds", [0.02, 0.3, 4.0])
def test_odds_that_were_shifted_are_shifted_back(odds):
    """Questions lack an answer with probability p, and the student's odds are those over `odds`."""
    draw = np.random.default_rng(1)
    p = draw.random(20_000)
    said = p / odds / (p / odds + 1 - p)
    assert fitted_weight(said, draw.random(len(p)) < p) == pytest.approx(odds, rel=0.15)


def test_questions_of_one_kind_say_nothing():
    assert fitted_weight([0.2, 0.9], [True, True]) == 1
    assert fitted_weight([0.2, 0.9], [False, False]) == 1
    assert fitted_weight([], []) == 1


def test_certain_mistakes_do_not_break_it():
    assert fitted_weight([0.0, 1.0, 0.5], [True, False, False]) > 0
