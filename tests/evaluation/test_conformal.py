"""Sets of likely answers hold a right one as often as they promise."""

import math

import numpy as np
import pytest

from core.evaluation.conformal import likely_answers, likely_sets, right_probability, set_floor
from core.records import Prediction, Question


def drawn(draw, count):
    """Questions with one answer in ten, or none, and a model that knows them more or less well."""
    questions, predictions = [], []
    for number in range(count):
        sharpness = draw.choice([0.5, 2.0, 6.0])
        scores = sharpness * draw.normal(size=11)
        stated = np.exp(scores) / np.exp(scores).sum()
        # What is right follows another distribution than what is stated: no calibration is needed.
        truth = np.exp(0.6 * scores) / np.exp(0.6 * scores).sum()
        right = int(draw.choice(11, p=truth))
        answers = () if right == 10 else (f"e{right}",)
        questions.append(Question(f"q{number}", "?", "en", ("t",), answers))
        ranked = sorted(((f"e{n}", float(stated[n])) for n in range(10)), key=lambda a: -a[1])
        predictions.append(Prediction(f"q{number}", tuple(ranked), (), float(stated[10])))
    return questions, predictions


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_coverage_is_what_is_promised_within_the_bounds_of_chance(level):
    """Beta-binomial: over calibration sets of n, coverage on m others has these mean and spread."""
    draw = np.random.default_rng(7)
    n, m, rounds = 300, 300, 30
    coverages = []
    for _ in range(rounds):
        held = drawn(draw, n)
        right = [right_probability(q, p) for q, p in zip(*held, strict=True)]
        found = likely_sets(*drawn(draw, m), level, set_floor(right, level))
        assert found.level == level
        coverages.append(found.coverage)
    rank = math.ceil((n + 1) * level)
    mean = rank / (n + 1)
    spread = math.sqrt(mean * (1 - mean) * (1 / m + 1 / (n + 2)) / rounds)
    assert abs(np.mean(coverages) - mean) < 4 * spread
    assert level <= mean <= level + 1 / (n + 1) + 1e-12


def test_higher_levels_have_larger_sets():
    draw = np.random.default_rng(1)
    held, others = drawn(draw, 400), drawn(draw, 400)
    right = [right_probability(q, p) for q, p in zip(*held, strict=True)]
    sizes = [likely_sets(*others, one, set_floor(right, one)).size for one in (0.5, 0.8, 0.95)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]


def test_the_floor_by_hand():
    right = [0.9, 0.1, 0.5, 0.7]
    assert set_floor(right, 0.2) == 0.9  # the first of five places
    assert set_floor(right, 0.6) == 0.5
    assert set_floor(right, 0.8) == 0.1
    assert set_floor(right, 0.81) == 0.0  # too few questions to promise so much
    assert set_floor([], 0.9) == 0.0
    assert set_floor([0.3] * 99, 0.99) == 0.3
    assert set_floor([0.3] * 98, 0.99) == 0.0


def test_what_is_right():
    prediction = Prediction("q", (("a", 0.5), ("b", 0.3)), (), 0.2)
    several = Question("q", "?", "en", ("t",), ("b", "c"))
    assert right_probability(several, prediction) == 0.3
    assert right_probability(Question("q", "?", "en", ("t",), ()), prediction) == 0.2
    assert right_probability(Question("q", "?", "en", ("t",), ("z",)), prediction) == 0.0


def test_sizes_are_held_against_the_number_of_right_answers():
    both = Question("q", "?", "en", ("t",), ("a", "b"))
    none = Question("r", "?", "en", ("t",), ())
    predictions = [
        Prediction("q", (("a", 0.6), ("b", 0.6), ("c", 0.3)), (), 0.1),
        Prediction("r", (("a", 0.3),), (), 0.7),
    ]
    found = likely_sets([both, none], predictions, 0.9, 0.3)
    assert (found.coverage, found.size) == (1.0, (3 / 2 + 2 / 1) / 2)
    found = likely_sets([both, none], predictions, 0.9, 0.65)
    assert (found.coverage, found.size) == (0.5, (0 / 2 + 1 / 1) / 2)


def test_what_cannot_be_said_is_in_no_set():
    """A floor of zero keeps all that is said; what is not said is not thereby in the set."""
    missed = Question("q", "?", "en", ("t",), ("z",))
    found = likely_sets([missed], [Prediction("q", (("a", 0.6),), ())], 0.99, 0.0)
    assert (found.coverage, found.size) == (0.0, 1.0)
    assert likely_answers((("a", 0.6), ("b", 0.0)), 0.0) == (("a", 0.6),)
