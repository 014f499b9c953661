import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.calibration import (
    COLDEST,
    HOTTEST,
    OperatingPoint,
    confidence_loss,
    expected_calibration_error,
    fit_temperature,
    reliability,
    risk_coverage,
    threshold_for,
)
from core.results.evaluation import ReliabilityBin

SHARE = st.floats(0, 1)
ANSWERS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.5, 0.55, 0.9, 1.0]) | SHARE, SHARE))


def columns(answers):
    return [p for p, _ in answers], [c for _, c in answers]


def test_reliability_by_hand():
    # Bin ends belong to the bin below; 0 belongs to the first.
    found = reliability([0.0, 0.25, 0.3, 0.5, 1.0], [0, 1, 0, 1, 0.5], bins=4)
    assert found == (
        ReliabilityBin(0.0, 0.25, 2, 0.125, 0.5),
        ReliabilityBin(0.25, 0.5, 2, 0.4, 0.5),
        ReliabilityBin(0.75, 1.0, 1, 1.0, 0.5),
    )
    assert expected_calibration_error(found) == pytest.approx((2 * 0.375 + 2 * 0.1 + 0.5) / 5)


def test_nothing_asked_is_no_error():
    assert reliability([], []) == ()
    assert expected_calibration_error(()) == 0.0
    assert risk_coverage([], []) == ()
    assert threshold_for([], [], 0.9) is None


@given(ANSWERS, st.integers(1, 20))
def test_bins_hold_every_question_once_and_their_own_confidence(answers, bins):
    found = reliability(*columns(answers), bins)
    assert sum(one.count for one in found) == len(answers)
    assert all(one.low - 1e-9 <= one.confidence <= one.high + 1e-9 for one in found)
    assert all(one.count > 0 for one in found)
    assert 0 <= expected_calibration_error(found) <= 1 + 1e-9


@given(st.lists(SHARE, min_size=1))
def test_who_says_exactly_how_often_they_are_right_makes_no_error(confidences):
    assert expected_calibration_error(reliability(confidences, confidences)) == pytest.approx(0)


@given(st.lists(st.sampled_from([0.0, 1.0]), min_size=1))
def test_one_bin_is_the_distance_of_the_means(correct):
    bins = reliability([0.7] * len(correct), correct, bins=1)
    assert expected_calibration_error(bins) == pytest.approx(abs(np.mean(correct) - 0.7))


def test_risk_coverage_by_hand():
    points = risk_coverage([0.2, 0.9, 0.9, 0.6], [1, 1, 0, 1])
    assert points == (
        OperatingPoint(0.9, 0.5, 0.5),  # the tie is answered all or none
        OperatingPoint(0.6, 0.75, pytest.approx(2 / 3)),
        OperatingPoint(0.2, 1.0, 0.75),
    )


def test_a_threshold_answers_as_much_as_the_precision_allows():
    confidences, correct = [0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0]
    assert threshold_for(confidences, correct, 1.0) == OperatingPoint(0.9, 0.2, 1.0)
    assert threshold_for(confidences, correct, 0.75) == OperatingPoint(0.6, 0.8, 0.75)
    assert threshold_for(confidences, correct, 0.6) == OperatingPoint(0.5, 1.0, 0.6)
    assert threshold_for([0.9, 0.1], [0, 1], 0.9) is None


@given(ANSWERS, SHARE)
def test_a_threshold_holds_and_no_lower_one_does(answers, wanted):
    confidences, correct = (np.array(column) for column in columns(answers))
    found = threshold_for(confidences, correct, wanted)

    def precision(threshold):
        return correct[confidences >= threshold].mean()

    if found is not None:
        answered = confidences >= found.confidence
        assert precision(found.confidence) == pytest.approx(found.precision)
        assert found.precision >= wanted - 1e-9
        assert found.coverage == pytest.approx(answered.mean())
    lower = confidences if found is None else confidences[confidences < found.confidence]
    assert all(precision(threshold) < wanted + 1e-9 for threshold in lower)


@pytest.mark.parametrize(
    ("confidences", "correct", "message"),
    [
        ([0.5], [1, 0], "1 confidences, but the correctness of 2 answers"),
        ([1.5], [1], "confidence of 1.5 is not between 0 and 1"),
        ([float("nan")], [1], "confidence of nan"),
        ([0.5], [-1], "correctness of -1"),
    ],
)
def test_what_is_no_probability_is_refused(confidences, correct, message):
    with pytest.raises(ValueError, match=message):
        reliability(confidences, correct)


def test_a_confidence_of_one_may_be_a_rounding_above():
    assert reliability([1 + 1e-7], [1])[0].confidence == 1.0


def test_the_loss_by_hand():
    # Two questions: e = 1 / 4, so a hit counts as 3/4 and a miss as 1/4.
    right, wrong = np.log(0.8), np.log(0.2)
    by_hand = -(0.75 * right + 0.25 * wrong + 0.25 * right + 0.75 * wrong) / 2
    assert confidence_loss([0.8, 0.8], [1, 0]) == pytest.approx(by_hand)
    assert confidence_loss([], []) == 0.0
    assert np.isfinite(confidence_loss([0.0, 1.0], [1, 0]))


def tempered(odds, temperature):
    """The confidence in the first of two candidates, from its odds."""
    return 1 / (1 + np.exp(-np.log(odds) / temperature))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_answers_is_found(temperature):
    """The best of three candidates is right as often as it says at one temperature only."""
    random = np.random.default_rng(0)
    scores = random.normal(0, 2, (20_000, 3))

    def confidences(heat):
        chance = np.exp((scores - scores.max(1, keepdims=True)) / heat)
        return (chance / chance.sum(1, keepdims=True)).max(1)

    right = random.random(len(scores)) < confidences(temperature)
    found = fit_temperature(lambda heat: (confidences(heat), right))
    assert found == pytest.approx(temperature, rel=0.04)


def test_the_fit_of_two_candidates_in_closed_form():
    # 6 of 8 right at odds of 9: with e = 1/10, confidence 0.75 * 0.9 + 0.25 * 0.1 = 0.7 is best.
    hits = [1] * 6 + [0] * 2
    found = fit_temperature(lambda heat: ([tempered(9, heat)] * 8, hits))
    assert found == pytest.approx(np.log(9) / np.log(0.7 / 0.3), rel=0.01)


@pytest.mark.parametrize("count", [2, 98])
def test_a_model_that_never_erred_is_sure_only_as_its_questions_allow(count):
    found = fit_temperature(lambda heat: ([tempered(1.5, heat)] * count, [1] * count))
    if count == 2:  # the rule of succession: (n + 1) / (n + 2)
        assert tempered(1.5, found) == pytest.approx(3 / 4, abs=2e-3)
    else:  # out of reach at these odds
        assert found == pytest.approx(COLDEST, rel=0.02)


def test_answers_may_change_with_the_temperature():
    """Which answer is best is asked anew at each temperature."""

    def at(heat):
        cold = heat < 2
        return [0.9 if cold else 0.6] * 50, [0.0 if cold else 0.6] * 50

    assert fit_temperature(at) > 2


def test_shares_of_correctness_weigh_in():
    # With e = 1/10, confidence 0.6 * 0.8 + 0.1 = 0.58 is best.
    found = fit_temperature(lambda heat: ([tempered(9, heat)] * 8, [0.6] * 8))
    assert found == pytest.approx(np.log(9) / np.log(0.58 / 0.42), rel=0.01)


def test_a_temperature_stays_within_its_bounds():
    always_wrong = fit_temperature(lambda heat: ([tempered(9, heat)] * 100, [0] * 100))
    assert always_wrong == pytest.approx(HOTTEST, rel=0.02) and always_wrong <= HOTTEST
    always_right = fit_temperature(lambda heat: ([tempered(1.01, heat)] * 100, [1] * 100))
    assert always_right == pytest.approx(COLDEST, rel=0.02) and always_right >= COLDEST


def test_no_questions_leave_the_temperature_as_it_is():
    assert fit_temperature(lambda heat: ([], [])) == 1.0
