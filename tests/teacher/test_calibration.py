"""A temperature makes confidence believable, and stays with the policy."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import core.teacher.calibration as calibration
from core.evaluation.calibration import (
    COLDEST,
    confidence_loss,
    expected_calibration_error,
    reliability,
    threshold_for,
)
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.records import Question
from core.teacher.calibration import calibrate, calibrate_paths, tempered
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.reasoning import score_questions
from tests.family_graph import family
from tests.question_trees import far_from_uniform, grown, question

TOPICS = tuple(f"topic{n}" for n in range(6))
STARS = [
    (topic, relation, f"{topic} {relation}")
    for topic in TOPICS
    for relation in ("child", "friend", "home", "spouse")
]
"""Every path has an answer of its own, so no temperature changes which answer is best."""

SHAPE = TreeShape(1, "forward")


@pytest.fixture
def graph():
    return KnowledgeGraph.build("stars", STARS)


@pytest.fixture
def policy(graph):
    return far_from_uniform(graph, 1)


@pytest.fixture
def dev(graph):
    texts = ("Who is it?", "the child", "whose home", "a friend", "and where", "spouse of whom?")
    asked = [question(n, text, topic, [f"{topic} home"])
             for n, (text, topic) in enumerate(zip(texts, TOPICS, strict=True))]  # fmt: skip
    return grown(graph, SHAPE, asked)


def told(policy, graph, trees):
    """Confidences and hits as the policy stands."""
    asked = score_questions(PolicyScorer(policy, graph, SHAPE), trees)
    return [np.array(column) for column in zip(*(one.confidence() for one in asked), strict=True)]


def renamed(trees, answers):
    """The same questions again and again, under other names and with other answers."""
    return [
        replace(tree, question=replace(tree.question, id=f"again{n}"), answers=found)
        for n, (tree, found) in enumerate(zip(trees, answers, strict=True))
    ]


def answered_at(policy, graph, trees, temperature, times=50):
    """Questions answered as often by each path as it is probable at a temperature."""
    policy.temperature.fill_(temperature)
    asked, answers = [], []
    for tree, scored in zip(trees, PolicyScorer(policy, graph, SHAPE).score(trees), strict=True):
        bounds = np.cumsum(scored.path)
        nodes = np.searchsorted(bounds, (np.arange(times) + 0.5) / times * bounds[-1])
        asked += [tree] * times
        answers += [scored.tree.frontier(int(node)) for node in nodes]
    policy.temperature.fill_(1.0)
    return renamed(asked, answers)


@pytest.mark.parametrize("temperature", [0.6, 2.0])
def test_the_temperature_that_gave_the_answers_is_found(graph, policy, dev, temperature):
    trees = answered_at(policy, graph, dev, temperature)
    before = told(policy, graph, trees)
    found = calibrate(policy, trees, 0.9)
    assert found.temperature == pytest.approx(temperature, rel=0.2)
    assert policy.temperature.item() == found.temperature
    after = told(policy, graph, trees)
    assert confidence_loss(*after) < confidence_loss(*before)
    assert found.questions == len(trees) == 300
    # What is stated is what the policy says from now on.
    assert found.reliability == pytest.approx(reliability(*after))
    assert found.ece == pytest.approx(expected_calibration_error(reliability(*after)))
    assert found.ece_before == pytest.approx(expected_calibration_error(reliability(*before)))
    assert found.ece < found.ece_before
    assert found.ece < 0.05
    point = threshold_for(*after, 0.9)
    wanted = (point.confidence, point.coverage) if point else (None, 0.0)
    assert (found.threshold, found.coverage) == wanted


def on_the_family(folder):
    """A policy and the deeper tree of a question, scored."""
    graph = family(folder)
    policy = far_from_uniform(graph, 1)
    trees = grown(graph, TreeShape(2), [question(0, "Who is it?", "bob", ["gina"])])
    return policy, lambda: PolicyScorer(policy, graph, TreeShape(2)).whole(trees)[0]


def test_choices_are_divided_by_the_temperature(tmp_path):
    """At every node the odds of two siblings are those without it, to the power 1 / T."""
    policy, scored = on_the_family(tmp_path)
    cold = scored()
    policy.temperature.fill_(2.0)
    warm = scored()
    tree = cold.tree
    for node in range(len(tree)):
        below = tree.children(node)
        if len(below):
            cold_odds, warm_odds = (
                np.append(one.mass[below], [one.path[node]] if node else []) for one in (cold, warm)
            )
            wanted = np.sqrt(cold_odds) / np.sqrt(cold_odds).sum() * warm.mass[node]
            np.testing.assert_allclose(warm_odds, wanted, rtol=1e-10)
    assert warm.path.sum() == pytest.approx(1.0, rel=1e-12)


def test_who_never_errs_is_made_surer_and_no_surer_than_its_questions_allow(graph, policy, dev):
    best = [one.answers()[0][:1] for one in PolicyScorer(policy, graph, SHAPE).score(dev)]
    sure = renamed(dev * 20, best * 20)
    found = calibrate(policy, sure, 1.0)
    assert COLDEST <= found.temperature < 1
    confidence, hits = told(policy, graph, sure)
    assert hits.tolist() == [1.0] * 120 and confidence.mean() < 1
    assert found.coverage == 1.0 and found.threshold == confidence.min()


def test_a_precision_out_of_reach_has_no_threshold(graph, policy, dev):
    never = [replace(tree, answers=np.array([graph.entity("topic0")])) for tree in dev]
    found = calibrate(policy, never, 0.5)
    assert (found.threshold, found.coverage) == (None, 0.0)
    assert found.temperature > 7  # as doubtful as may be


def test_questions_without_answers_do_not_judge(graph, policy, dev):
    silent = replace(dev[0], answers=np.zeros(0, np.int64))
    assert calibrate(policy, [silent, *dev[1:]], 0.9).questions == 5
    untouched = calibrate(far_from_uniform(graph, 1), [silent], 0.9)
    assert (untouched.temperature, untouched.questions, untouched.threshold) == (1.0, 0, None)


def test_questions_about_several_topics_judge_as_one_and_are_never_halved(
    graph, policy, dev, monkeypatch
):
    both = Question("both", "Who?", "en", ("topic0", "topic1"), ("topic0 home",))
    trees = [*grown(graph, SHAPE, [both]), *dev]
    assert calibrate(policy, trees, 0.9).questions == 7
    monkeypatch.setattr(calibration, "AT_MOST", 1)
    asked = []
    monkeypatch.setattr(
        calibration, "confidences", lambda trees, _: asked.append(trees) or ([], [])
    )
    calibrate(policy, trees, 0.9)
    assert [tree.question.id for tree in asked[0]] == ["both", "both"]


def test_tempered_paths_by_hand(tmp_path):
    scored = on_the_family(tmp_path)[1]()
    for temperature in (0.5, 1.0, 3.0):
        one = tempered(scored, temperature)
        powers = scored.path ** (1 / temperature)
        np.testing.assert_allclose(one.path, powers / powers.sum(), rtol=1e-10)
        assert one.mass[0] == pytest.approx(1.0)
        for node in range(len(one.tree)):
            below = one.mass[one.tree.children(node)].sum()
            assert one.mass[node] == pytest.approx(one.path[node] + below)
        assert one.path[0] == 0.0


def test_the_paths_of_any_scorer_can_be_calibrated(graph, policy, dev):
    """Drawn from its own paths, answers make it believable as it is; sharpened, it is too sure."""
    trees = answered_at(policy, graph, dev, 1.0)
    scorer = PolicyScorer(policy, graph, SHAPE)
    assert calibrate_paths(scorer, trees, 0.9).temperature == pytest.approx(1.0, rel=0.2)

    class Sharpened:
        def score(self, asked):
            return (tempered(one, 0.5) for one in scorer.score(asked))

    found = calibrate_paths(Sharpened(), trees, 0.9)
    assert found.temperature == pytest.approx(2.0, rel=0.2)
    assert found.ece < found.ece_before
    judged = calibrate_paths(Sharpened(), trees, 0.9, temperature=1.0)
    assert (judged.temperature, judged.ece) == (1.0, found.ece_before)
    assert torch.equal(policy.temperature, torch.tensor(1.0, dtype=torch.float64))
