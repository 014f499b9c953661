"""Choices in a tree: how a temperature softens them, and how far two sides are apart."""

import math

import numpy as np
import pytest

from core.labels.choices import choice_divergence, entropy, kl_divergence, soften


@pytest.mark.parametrize("temperature", [0.05, 0.5, 1.0, 3.0, 20.0])
def test_softening_keeps_order_and_sums_to_one(temperature):
    soft = soften([0.58, 0.31, 0.11, 0.0], temperature)
    assert soft.sum() == pytest.approx(1)
    assert list(np.argsort(-soft, kind="stable")) == [0, 1, 2, 3]
    assert soft[3] == 0
    assert soft[0] / soft[1] == pytest.approx((0.58 / 0.31) ** (1 / temperature))


def test_at_one_nothing_changes_and_nothing_stays_nothing():
    assert soften([0.7, 0.3], 1.0) == pytest.approx([0.7, 0.3])
    assert list(soften([0.0, 0.0], 2.0)) == [0, 0]


def test_entropy_of_certainty_and_of_a_coin():
    assert entropy([1.0, 0.0]) == 0
    assert entropy([0.5, 0.5]) == pytest.approx(1)


def test_the_kl_of_two_coins_by_hand():
    p, q = np.array([0.8, 0.2]), np.array([0.5, 0.5])
    by_hand = 0.8 * math.log(0.8 / 0.5) + 0.2 * math.log(0.2 / 0.5)
    assert kl_divergence(p, q) == pytest.approx(by_hand)
    assert kl_divergence(p, p) == 0
    assert 100 < kl_divergence(p, np.array([1.0, 0.0])) < math.inf
    places = [(1.0, p, q / 2), (0.5, p, p), (0.5, p, q), (0.3, p, np.zeros(2))]
    assert choice_divergence(places) == pytest.approx(1.5 * by_hand)
