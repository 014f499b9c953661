"""Plans: how hyperparameters move, what a hand changes, and courses taken again."""

import json
import math

import pytest

from core.distill.schedules import Hyperparameters, Schedule, schedule_from_record, schedule_of
from core.errors import FormatError
from core.settings import DistillSettings

BEGIN = Hyperparameters(alpha=0.2, temperature=1.0, validity=1.0, beta=0.5, learning_rate=0.1)


def schedule(steps=41, **more):
    return Schedule(steps, BEGIN, **{"ends": {}, **more})


def course(made, key):
    return [getattr(made.at(step), key) for step in range(1, made.steps + 1)]


def test_without_ends_only_the_learning_rate_moves():
    made = schedule()
    for key in ("alpha", "temperature", "validity", "beta"):
        assert set(course(made, key)) == {getattr(BEGIN, key)}
    assert len(set(course(made, "learning_rate"))) > 30


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_knobs_move_from_begin_to_end(shape):
    made = schedule(ends={"alpha": 1.0, "temperature": 5.0}, shape=shape)
    alpha, hot = course(made, "alpha"), course(made, "temperature")
    assert (alpha[0], alpha[20], alpha[-1]) == pytest.approx((0.2, 0.6, 1.0))
    assert (hot[0], hot[20], hot[-1]) == pytest.approx((1.0, 3.0, 5.0))
    assert alpha == sorted(alpha)
    quarter = 0.25 if shape == "linear" else (1 - math.cos(math.pi / 4)) / 2
    assert hot[10] == pytest.approx(1 + 4 * quarter)


@pytest.mark.parametrize("rate", ["constant", "linear", "cosine"])
def test_the_learning_rate_warms_up_and_falls(rate):
    rates = course(schedule(101, rate=rate), "learning_rate")
    warm = 5
    assert rates[:warm] == pytest.approx([0.1 * k / (warm + 1) for k in range(1, warm + 1)])
    assert rates[warm] == pytest.approx(0.1)
    assert min(rates) > 0
    after = rates[warm:]
    assert after == sorted(after, reverse=True)
    middle = {"constant": 0.1, "linear": 0.05, "cosine": 0.05}[rate]
    assert after[48] == pytest.approx(middle, abs=1e-12)
    assert after[-1] == pytest.approx(0.1) if rate == "constant" else after[-1] < 0.002


def test_a_change_holds_from_its_step_on_and_ends_the_schedule():
    made = schedule(ends={"alpha": 1.0}).change(11, "alpha", 0.3).change(31, "alpha", 0.9)
    alpha = course(made, "alpha")
    assert alpha[:10] == course(schedule(ends={"alpha": 1.0}), "alpha")[:10]
    assert set(alpha[10:30]) == {0.3} and set(alpha[30:]) == {0.9}


def test_a_changed_learning_rate_keeps_its_shape():
    before, after = schedule(), schedule().change(11, "learning_rate", 0.05)
    for one, other in zip(
        course(before, "learning_rate")[10:], course(after, "learning_rate")[10:], strict=True
    ):
        assert other == pytest.approx(one / 2)
    assert (after.value("learning_rate", 10), after.value("learning_rate", 11)) == (0.1, 0.05)


@pytest.mark.parametrize("steps", [1, 2])
def test_the_shortest_runs_have_a_plan(steps):
    made = schedule(steps, ends={"alpha": 1.0})
    assert made.at(1).alpha == 0.2 and made.at(1).learning_rate > 0
    assert made.at(steps).alpha == (0.2 if steps == 1 else 1.0)


def test_a_record_is_json_and_gives_the_same_course():
    made = schedule(ends={"beta": 0.0}, shape="cosine").change(7, "temperature", 2.0)
    again = schedule_from_record(json.loads(json.dumps(made.as_record())))
    assert again == made


def test_a_course_stretches_to_other_lengths():
    made = schedule(41, ends={"alpha": 1.0}).change(11, "temperature", 2.0)
    longer = made.over(81)
    assert longer.at(20).temperature == 1.0 and longer.at(21).temperature == 2.0
    assert longer.at(81).alpha == 1.0
    assert made.over(41) == made


@pytest.mark.parametrize("record", [None, [], {}, {"begin": {}, "changes": []}])
def test_what_is_no_record_is_said(record):
    with pytest.raises(FormatError, match="recorded schedule cannot be read"):
        schedule_from_record(record)


def test_settings_make_the_plan():
    made = schedule_of(
        DistillSettings(name="s", teacher="t", alpha=0.9, alpha_end=0.1, schedule="cosine"), 50
    )
    assert (made.begin.alpha, dict(made.ends), made.shape) == (0.9, {"alpha": 0.1}, "cosine")
    assert (made.rate, made.changes) == ("cosine", ())
