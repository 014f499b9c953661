import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.calibration import (
    COLDEST,
    HOTTEST,
    OperatingPoint,
    ReliabilityBin,
    expected_calibration_error,
    fit_temperature,
    reliability,
    risk_coverage,
    tempered,
    threshold_for,
)

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


def test_tempering_by_hand():
    assert np.exp(tempered(np.log([0.8, 0.2]), 0.5)) == pytest.approx([16 / 17, 1 / 17])
    assert np.exp(tempered(np.log([0.8, 0.2]), 1.0)) == pytest.approx([0.8, 0.2])
    assert np.exp(tempered(np.array([5.0, -np.inf]), 3.0)) == pytest.approx([1, 0])


def questions_at(temperature, count=20_000):
    """Three candidates each, the right one drawn at a temperature: what a fit must find."""
    random = np.random.default_rng(0)
    logs = random.normal(0, 2, (count, 3))
    chance = np.exp([tempered(one, temperature) for one in logs])
    drawn = (random.random((count, 1)) > np.cumsum(chance, 1)).sum(1)
    return list(logs), list(np.eye(3)[drawn])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_answers_is_found(temperature):
    assert fit_temperature(*questions_at(temperature)) == pytest.approx(temperature, rel=0.04)


def test_the_fit_of_two_candidates_in_closed_form():
    # 6 of 8 right at odds of 9: with e = 1/10, hit at 0.75 * 0.9 + 0.25 * 0.1 = 0.7 is best.
    logs = [np.log([0.9, 0.1])] * 8
    correct = [np.array([1.0, 0.0])] * 6 + [np.array([0.0, 1.0])] * 2
    wanted = np.log(9) / np.log(0.7 / 0.3)
    assert fit_temperature(logs, correct) == pytest.approx(wanted, rel=1e-3)


def test_a_model_that_never_erred_is_sure_only_as_its_questions_allow():
    def confidence(count):
        logs, right = np.log([0.6, 0.4]), np.array([1.0, 0.0])
        return np.exp(tempered(logs, fit_temperature([logs] * count, [right] * count)))[0]

    # (n + 1) / (n + 2): the rule of succession
    assert confidence(2) == pytest.approx(3 / 4, abs=1e-3)
    assert confidence(98) == pytest.approx(99 / 100, abs=1e-3)


def test_questions_that_say_nothing_about_temperature_do_not_count():
    logs, correct = questions_at(3.0, 200)
    sure, none = np.ones(3), np.zeros(3)
    beside = fit_temperature([*logs, logs[0], logs[1]], [*correct, sure, none])
    assert beside == fit_temperature(logs, correct)
    assert fit_temperature([logs[0], logs[1]], [sure, none]) == 1.0
    assert fit_temperature([np.array([0.0, -np.inf])], [np.array([0.0, 1.0])]) == 1.0
    assert fit_temperature([], []) == 1.0


def test_a_temperature_stays_within_its_bounds():
    logs = [np.array([5.0, 0.0])] * 4
    always_wrong = [np.array([0.0, 1.0])] * 4
    assert fit_temperature(logs, always_wrong) == pytest.approx(HOTTEST, rel=1e-3)
    barely = [np.array([0.001, 0.0])] * 4
    assert fit_temperature(barely, [np.array([1.0, 0.0])] * 4) == pytest.approx(COLDEST, rel=1e-3)


def test_shares_of_correctness_weigh_in():
    # With e = 1/10, hit = p + 0.2 (1 - p) = 0.9 is best, so p = 7/8.
    found = fit_temperature([np.log([0.9, 0.1])] * 8, [np.array([1.0, 0.2])] * 8)
    assert found == pytest.approx(np.log(9) / np.log(7), rel=1e-3)


def test_candidates_and_correctness_must_be_as_many():
    with pytest.raises(ValueError, match="2 candidates, but the correctness of 3"):
        fit_temperature([np.zeros(2)], [np.zeros(3)])
