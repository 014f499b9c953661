"""The interval around a share."""

import pytest
from scipy.stats import binomtest

from core.evaluation.share_interval import share_interval


@pytest.mark.parametrize(("right", "count"), [(0, 5), (3, 7), (90, 100), (20, 20)])
def test_it_is_scipys(right, count):
    wanted = binomtest(right, count).proportion_ci(method="wilson")
    assert share_interval(right / count, count) == pytest.approx((wanted.low, wanted.high))


def test_of_no_question_nothing_is_known():
    assert share_interval(0.0, 0) == (0.0, 1.0)
