"""How far probabilities can be believed, and what is said of them at question time."""

import numpy as np
import pytest

from core.answers.decision import believed, decide
from core.evaluation.calibration import tempered
from core.evaluation.certainty import LEVELS, is_right, measure_certainty
from core.evaluation.conformal import right_probability, set_floor
from core.records import Prediction, Question
from core.results.answer import Decision
from core.results.certainty import Certainty, Level


def drawn(count, seed=0, heat=0.5):
    """Predictions that are surer than they may be: right with p^heat / (p^heat + (1 - p)^heat)."""
    draw = np.random.default_rng(seed)
    questions, predictions = [], []
    for number in range(count):
        chance = draw.uniform(0.55, 0.999)
        right = draw.random() < tempered(chance, 1 / heat)
        refuses = draw.random() < 0.3
        answers = () if refuses == right else ("a",)
        questions.append(Question(f"q{number}", "?", "en", ("t",), answers))
        best, missing = (1 - chance, chance) if refuses else (chance, 1 - chance)
        predictions.append(Prediction(f"q{number}", (("a", best),), (), missing))
    return questions, predictions


def test_a_model_that_is_too_sure_is_believed_less():
    found = measure_certainty(*drawn(4000))
    assert found.questions == 4000
    assert found.temperature == pytest.approx(2, rel=0.2)
    assert believed(0.9, found) == pytest.approx(0.75, abs=0.03)
    assert believed(0.5, found) == 0.5
    assert believed(0.9, None) == 0.9


def test_thresholds_give_the_precision_that_is_asked_for():
    questions, predictions = drawn(4000)
    found = measure_certainty(questions, predictions)
    assert [one.level for one in found.levels] == [*LEVELS]
    right = [right_probability(q, p) for q, p in zip(questions, predictions, strict=True)]
    for level in found.levels:
        assert level.floor == set_floor(right, level.level)
        if level.threshold is None:
            continue
        given = [
            is_right(q, p)
            for q, p in zip(questions, predictions, strict=True)
            if not p.refuses and p.best >= level.threshold
        ]
        assert np.mean(given) >= level.level
        refused = [
            is_right(q, p)
            for q, p in zip(questions, predictions, strict=True)
            if p.refuses and level.refusal is not None and p.missing >= level.refusal
        ]
        assert level.refusal is None or np.mean(refused) >= level.level
        assert level.answered == pytest.approx(len(given) / len(questions))
    assert found.levels[0].threshold is not None


def test_nothing_held_out_is_nothing_measured():
    assert measure_certainty([], []) is None


def test_a_no_is_right_where_there_is_no_answer():
    none, some = Question("q", "?", "en", ("t",), ()), Question("q", "?", "en", ("t",), ("a",))
    no, yes = Prediction("q", (("a", 0.4),), (), 0.6), Prediction("q", (("a", 0.6),), (), 0.4)
    assert [is_right(q, p) for q in (none, some) for p in (no, yes)] == [1, 0, 0, 1]


MEASURED = Certainty(
    temperature=1.0,
    questions=100,
    levels=(
        Level(level=0.9, threshold=0.3, refusal=0.2, answered=0.9, floor=0.2),
        Level(level=0.95, threshold=0.8, refusal=0.6, answered=0.5, floor=0.1),
        Level(level=0.99, threshold=None, refusal=None, answered=0.0, floor=0.0),
    ),
)


@pytest.mark.parametrize(
    ("best", "missing", "precision", "wanted"),
    [
        (0.85, 0.1, 0.95, Decision.ANSWERED),
        (0.75, 0.1, 0.95, Decision.UNSURE),
        (0.75, 0.1, 0.91, Decision.UNSURE),  # the next level above is the one that counts
        (0.75, 0.1, 0.9, Decision.ANSWERED),
        (0.75, 0.1, 0.5, Decision.ANSWERED),
        (0.45, 0.1, 0.9, Decision.UNSURE),  # above the threshold, but not even probable
        (0.99, 0.0, 0.99, Decision.UNSURE),  # never so precise on held-out questions
        (0.99, 0.0, 1.0, Decision.UNSURE),
        (0.1, 0.6, 0.95, Decision.NOT_IN_GRAPH),
        (0.1, 0.55, 0.95, Decision.UNSURE),
        (0.1, 0.55, 0.9, Decision.NOT_IN_GRAPH),
        (0.0, 0.99, 0.99, Decision.UNSURE),
        (0.3, 0.4, 0.95, Decision.UNSURE),
        (0.0, 0.0, 0.95, Decision.UNSURE),
    ],
)
def test_what_is_said(best, missing, precision, wanted):
    assert decide(best, missing, MEASURED, precision) is wanted


def test_a_model_that_was_never_measured_answers_what_it_finds_probable():
    assert decide(0.5, 0.1, None, 0.99) is Decision.ANSWERED
    assert decide(0.49, 0.1, None, 0.5) is Decision.UNSURE
    assert decide(0.2, 0.7, None, 0.5) is Decision.NOT_IN_GRAPH


def test_a_record_is_read_back():
    assert Certainty.from_record(MEASURED.as_record()) == MEASURED
