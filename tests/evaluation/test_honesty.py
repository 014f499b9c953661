"""Knowing what the graph does not say, against counting one question at a time."""

import numpy as np
import pytest

from core.evaluation.answers import hits_at_1
from core.evaluation.honesty import auroc, decisions, honesty
from core.records import Prediction, Question
from core.results.answer import Decision
from core.results.evaluation import Decisions


def asked(number, *answers):
    return Question(f"q{number}", "?", "en", ("t",), answers)


def said(number, *answers, missing=0.0):
    return Prediction(f"q{number}", answers, (), missing)


def slow_auroc(high, low, weights):
    pairs = zip(high, weights, strict=True)
    total = sum(w * ((h > value) + (h == value) / 2) for h, w in pairs for value in low)
    return total / (sum(weights) * len(low))


@pytest.mark.parametrize("seed", range(20))
def test_auroc_is_that_of_all_pairs(seed):
    draw = np.random.default_rng(seed)
    high = draw.integers(0, 5, size=draw.integers(1, 30)) / 4  # with ties
    low = draw.integers(0, 5, size=draw.integers(1, 30)) / 4
    weights = draw.random(len(high)).round(1) + 0.01
    assert auroc(high, low, weights) == pytest.approx(slow_auroc(high, low, weights))


def test_auroc_of_nothing():
    assert auroc([], [0.1], []) is None
    assert auroc([0.5], [], [1]) is None
    assert auroc([0.5], [0.1], [0]) is None
    assert auroc([0.5, 0.9], [0.1, 0.5], [1, 1]) == 0.875


@pytest.mark.parametrize("seed", range(10))
def test_shares_are_counted(seed):
    draw = np.random.default_rng(seed)
    questions, predictions = [], []
    for number in range(40):
        questions.append(asked(number, *(["a"] if draw.random() < 0.6 else [])))
        chances = draw.dirichlet(np.ones(3) / 2).tolist()
        names = draw.permutation(["a", "b", "c"])[: draw.integers(0, 4)].tolist()
        predictions.append(said(number, *zip(names, chances, strict=False)))
    answered = (draw.random(40) < 0.7).tolist()
    found = honesty(questions, predictions, answered)
    without = [n for n in range(40) if not questions[n].answers]
    others = [n for n in range(40) if questions[n].answers]
    assert found.unanswerable == len(without)
    assert found.unanswerable_answered == pytest.approx(np.mean([answered[n] for n in without]))
    assert found.answerable_refused == pytest.approx(np.mean([not answered[n] for n in others]))
    wrong = 0.0
    for question, prediction in zip(questions, predictions, strict=True):
        best = max((p for _, p in prediction.answers), default=0.0)
        wrong += (best > 0.5) * (1 - hits_at_1(question, prediction))
    assert found.wrong_and_sure == pytest.approx(wrong / 40)
    high = [predictions[n].best for n in others]
    right = [hits_at_1(questions[n], predictions[n]) for n in others]
    low = [predictions[n].best for n in without]
    assert found.auroc == pytest.approx(slow_auroc(high, low, right))


def test_without_questions_of_a_kind_nothing_is_said_of_it():
    found = honesty([asked(0, "a")], [said(0, ("a", 0.9))], [True])
    assert (found.unanswerable, found.unanswerable_answered, found.auroc) == (0, None, None)
    assert (found.answerable_refused, found.wrong_and_sure) == (0.0, 0.0)
    found = honesty([asked(0)], [said(0, ("a", 0.9))], [True])
    assert (found.unanswerable, found.unanswerable_answered) == (1, 1.0)
    assert (found.answerable_refused, found.wrong_and_sure, found.auroc) == (None, 1.0, None)


def test_what_is_said_is_counted():
    questions = [asked(0, "a"), asked(1, "a"), asked(2), asked(3, "a")]
    predictions = [said(0, ("a", 0.9)), said(1, ("b", 0.9)), said(2), said(3, ("a", 0.4))]
    answered, no, unsure = Decision.ANSWERED, Decision.NOT_IN_GRAPH, Decision.UNSURE
    found = decisions(questions, predictions, [answered, answered, no, unsure])
    assert found == Decisions(answered=0.5, unsure=0.25, refused=0.25, precision=0.5)
    assert decisions(questions[2:3], predictions[2:3], [no]).precision is None
