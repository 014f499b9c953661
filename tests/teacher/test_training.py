"""Fitting a policy: what it learns, which step is kept, and when it refuses."""

import math
from itertools import pairwise

import pytest
import torch

import core.teacher.training as training
from core.errors import FormatError, RunStopped
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.records import Question
from core.report import Silent
from core.settings import TeacherSettings
from core.teacher.path_distributions import path_losses
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.reasoning import score_questions
from core.teacher.training import fit, pick_device
from core.teacher.tree_batches import batch_trees
from tests.question_trees import grown, question

CURVES = {"teacher/loss", "teacher/dev_hits_at_1", "teacher/dev_explained"}


class Listening(Silent):
    def __init__(self):
        self.curves = []

    def metrics(self, step, values):
        self.curves.append((step, dict(values)))


def tiny(**changes):
    wanted = {"width": 16, "message_passing": 1, "batch_size": 2, "device": "cpu", **changes}
    return TeacherSettings(name="t", graph="family", questions="q", **wanted)


def fitted_to(graph, train, dev, settings, report=None):
    """A fresh policy and how its training went."""
    torch.manual_seed(settings.seed)
    policy = PathPolicy(graph, settings.width, settings.message_passing)
    return policy, fit(policy, train, dev, settings, report or Silent())


@pytest.fixture
def training_trees(graph):
    asked = [
        question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"], [("spouse",)]),
        question(1, "What is the nationality of Carl Berg?", "carl", ["norway"]),
        question(2, "children of Carl Berg", "carl", ["emma", "finn"], [("child",)]),
        question(3, "nationality of the parents of Dora Berg-Lund", "dora", ["norway", "peru"]),
    ]
    return grown(graph, TreeShape(2), asked)


@pytest.fixture
def look_often(monkeypatch):
    """A look at the dev questions every two steps."""
    monkeypatch.setattr(training, "EVAL_EVERY", 2)


def hits(policy, graph, trees):
    asked = score_questions(PolicyScorer(policy, graph, TreeShape(2)), trees)
    return [one.confidence()[1] for one in asked]


def test_a_policy_learns_its_lessons_and_reports_every_look(graph, training_trees, look_often):
    report = Listening()
    settings = tiny(epochs=24, learning_rate=0.02, patience=60)
    policy, fitted = fitted_to(graph, training_trees, [], settings, report)
    assert not policy.training
    assert fitted.dev_hits_at_1 == 1.0
    assert hits(policy, graph, training_trees) == [1.0] * 4
    assert [step for step, _ in report.curves] == list(range(2, fitted.steps + 1, 2))
    assert fitted.epochs == fitted.steps / 2  # two batches of two
    assert fitted.steps <= 48
    assert all(set(values) == CURVES for _, values in report.curves)
    losses = [values["teacher/loss"] for _, values in report.curves]
    assert losses[-1] < losses[0] / 2
    assert 0 < fitted.best_step <= fitted.steps


def test_what_is_kept_is_the_running_mean_at_the_best_look(graph, training_trees, look_often):
    """What the kept policy makes of the dev questions is what was reported at that step."""
    report, dev = Listening(), training_trees[2:]
    policy, fitted = fitted_to(graph, training_trees[:2], dev, tiny(epochs=8), report)
    explained = {step: values["teacher/dev_explained"] for step, values in report.curves}
    assert len(explained) == 4
    batch = batch_trees(dev, policy.relation_words)
    known = torch.tensor([True, False])  # dev question 2 has a gold path, 3 only answers
    with torch.no_grad():
        mine = torch.exp(-path_losses(policy(batch), batch, known)).mean().item()
    assert mine == pytest.approx(explained[fitted.best_step], rel=1e-6)
    assert max(explained.values()) <= explained[fitted.best_step] + training.MIN_GAIN


def test_several_topics_are_judged_by_where_their_paths_meet(graph, look_often):
    """Carl's children are Emma and Finn, of whom Finn alone is Emma's friend."""
    both = Question(
        "q", "children of Carl, friends of Emma", "en", ("carl", "emma"), ("finn",),
        (("child",), ("friend",)),
    )  # fmt: skip
    training_trees = grown(graph, TreeShape(1), [both])
    settings = tiny(epochs=40, learning_rate=0.02, patience=60)
    policy, fitted = fitted_to(graph, training_trees, [], settings)
    assert hits(policy, graph, training_trees) == [1.0]
    assert fitted.dev_hits_at_1 == 1.0  # each tree by itself leaves a choice of two


def test_without_a_last_look_the_end_is_judged(graph, training_trees):
    """Fewer steps than from one look to the next: the last step is looked at."""
    report = Listening()
    _, fitted = fitted_to(graph, training_trees, [], tiny(epochs=3), report)
    assert [step for step, _ in report.curves] == [6] == [fitted.steps] == [fitted.best_step]


def test_the_same_seed_gives_the_same_policy(graph, training_trees):
    policies = [fitted_to(graph, training_trees, [], tiny(epochs=2, seed=s))[0] for s in (1, 1, 2)]
    weights = [policy.score.weight for policy in policies]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_patience_ends_a_training_that_gets_no_better(graph, training_trees, look_often):
    # A step this small changes nothing in float32, so no look beats the first.
    settings = tiny(epochs=50, patience=3, learning_rate=1e-30)
    _, fitted = fitted_to(graph, training_trees, [], settings)
    assert (fitted.best_step, fitted.steps) == (2, 8)


@pytest.mark.parametrize("supervision", ["answers", "paths", "both"])
def test_nothing_to_learn_is_said(graph, supervision):
    useless = grown(graph, TreeShape(1), [question(0, "Where is Zed?", "carl", ["zed"])])
    with pytest.raises(FormatError, match="None of the 1 training questions can teach from") as e:
        fitted_to(graph, useless, [], tiny(supervision=supervision))
    assert f"{supervision!r}: no path from their topics reaches their answers" in str(e.value)


def test_supervision_chooses_the_lessons(graph):
    asked = [
        question(0, "spouse?", "carl", ["zed"], [("spouse",)]),  # gold only
        question(1, "who?", "carl", ["gina"]),  # answers only
    ]
    gold_only, answers_only = grown(graph, TreeShape(1), asked)
    with pytest.raises(FormatError, match="'answers'"):
        fitted_to(graph, [gold_only], [], tiny(epochs=1, supervision="answers"))
    with pytest.raises(FormatError, match="'paths'"):
        fitted_to(graph, [answers_only], [], tiny(epochs=1, supervision="paths"))
    for trees, supervision in (
        ([gold_only], "paths"),
        ([answers_only], "answers"),
        ([gold_only, answers_only], "both"),
    ):
        report = Listening()
        fitted_to(graph, trees, [], tiny(epochs=1, supervision=supervision), report)
        assert report.curves[0][1]["teacher/loss"] < 30  # finite: every lesson can be learned


def test_answers_alone_teach_though_gold_paths_are_known(graph):
    """Gold paths that lead elsewhere are not looked at where only answers teach."""
    asked = question(0, "Who is it?", "carl", ["gina"], [("nationality",)])
    (tree,) = grown(graph, TreeShape(1), [asked])
    for supervision, wanted in (("answers", 1.0), ("paths", 0.0)):
        settings = tiny(epochs=30, learning_rate=0.02, supervision=supervision)
        policy, _ = fitted_to(graph, [tree], [], settings)
        assert hits(policy, graph, [tree]) == [wanted]


def test_likelihood_breaks_ties_even_beside_a_question_that_nothing_answers(look_often):
    graph = KnowledgeGraph.build("g", [("a", "r", "b"), ("b", "s", "c"), ("d", "r", "e")])
    asked = [question(0, "a", "a", ["b"]), question(1, "a", "a", ["d"])]
    good, hopeless = grown(graph, TreeShape(2, "forward"), asked)
    report = Listening()
    settings = tiny(epochs=12, learning_rate=1e-2, patience=12)
    policy, fitted = fitted_to(graph, [good], [good, hopeless], settings, report)
    told = [(v["teacher/dev_hits_at_1"], v["teacher/dev_explained"]) for _, v in report.curves]
    # Hits@1 moves at most once while the answer gains, toward half for the mean of two.
    assert [found for found, _ in told] == sorted(found for found, _ in told)
    assert len({found for found, _ in told}) < len(told) / 2
    assert all(old[1] < new[1] < 0.5 for old, new in pairwise(told))
    assert fitted.best_step == 12
    batch = batch_trees([good, hopeless], policy.relation_words)
    losses = path_losses(policy(batch), batch, torch.zeros(2, dtype=torch.bool))
    assert losses[0] < 30 and losses[1] == math.inf


def test_a_stop_is_heard_between_steps(graph, training_trees):
    class Stopping(Silent):
        def check_stop(self):
            raise RunStopped("Stopped.")

    with pytest.raises(RunStopped):
        fitted_to(graph, training_trees, [], tiny(), Stopping())


def test_a_device_is_picked():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
