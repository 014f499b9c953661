"""Fitting a policy: what it learns, which epoch is kept, and when it refuses."""

import pytest
import torch

from core.errors import FormatError, RunStopped
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.report import Silent
from core.settings import TeacherTraining
from core.teacher.path_policy import path_losses
from core.teacher.question_trees import batch_trees
from core.teacher.reasoning import hits_at_1
from core.teacher.training import fit, pick_device
from tests.family_graph import family
from tests.question_trees import grown, question


class Listening(Silent):
    def __init__(self):
        self.curves = []

    def metrics(self, step, values):
        self.curves.append((step, dict(values)))


def tiny(**changes):
    wanted = {"width": 16, "message_passing": 1, "batch_size": 2, "device": "cpu", **changes}
    return TeacherTraining(name="t", graph="family", questions="q", **wanted)


@pytest.fixture
def graph(tmp_path):
    return family(tmp_path)


@pytest.fixture
def lessons(graph):
    asked = [
        question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"], [("spouse",)]),
        question(1, "What is the nationality of Carl Berg?", "carl", ["norway"]),
        question(2, "children of Carl Berg", "carl", ["emma", "finn"], [("child",)]),
        question(3, "nationality of the parents of Dora Berg-Lund", "dora", ["norway", "peru"]),
    ]
    return grown(graph, TreeShape(2), asked)


def test_a_policy_learns_its_lessons_and_reports_every_epoch(graph, lessons):
    report = Listening()
    policy, fitted = fit(graph, lessons, [], tiny(epochs=25, learning_rate=0.01), report)
    batch = batch_trees(lessons, policy.relation_words)
    assert not policy.training
    assert fitted.dev_hits_at_1 == 1.0 == sum(hits_at_1(batch, policy(batch), lessons)) / 4
    assert [step for step, _ in report.curves] == list(range(1, fitted.epochs + 1))
    assert set(report.curves[0][1]) == {"teacher/loss", "teacher/dev_hits_at_1"}
    losses = [values["teacher/loss"] for _, values in report.curves]
    assert losses[-1] < losses[0] / 2
    assert fitted.best_epoch <= fitted.epochs


def test_the_same_seed_gives_the_same_policy(graph, lessons):
    policies = [fit(graph, lessons, [], tiny(epochs=2, seed=s), Silent())[0] for s in (1, 1, 2)]
    weights = [policy.score.weight for policy in policies]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_patience_ends_a_training_that_gets_no_better(graph, lessons):
    report = Listening()
    # A step this small changes nothing in float32, so no epoch beats the first.
    settings = tiny(epochs=9, patience=2, learning_rate=1e-30)
    _, fitted = fit(graph, lessons, [], settings, report)
    assert (fitted.best_epoch, fitted.epochs) == (1, 3)


@pytest.mark.parametrize("supervision", ["answers", "paths", "both"])
def test_nothing_to_learn_is_said(graph, supervision):
    useless = grown(graph, TreeShape(1), [question(0, "Where is Zed?", "carl", ["zed"])])
    with pytest.raises(FormatError, match="None of the 1 training questions can teach from") as e:
        fit(graph, useless, [], tiny(supervision=supervision), Silent())
    assert f"{supervision!r}: no path from their topics reaches their answers" in str(e.value)


def test_supervision_chooses_the_lessons(graph):
    asked = [
        question(0, "spouse?", "carl", ["zed"], [("spouse",)]),  # gold only
        question(1, "who?", "carl", ["gina"]),  # answers only
    ]
    gold_only, answers_only = grown(graph, TreeShape(1), asked)
    with pytest.raises(FormatError, match="'answers'"):
        fit(graph, [gold_only], [], tiny(epochs=1, supervision="answers"), Silent())
    with pytest.raises(FormatError, match="'paths'"):
        fit(graph, [answers_only], [], tiny(epochs=1, supervision="paths"), Silent())
    for trees, supervision in (
        ([gold_only], "paths"),
        ([answers_only], "answers"),
        ([gold_only, answers_only], "both"),
    ):
        report = Listening()
        fit(graph, trees, [], tiny(epochs=1, supervision=supervision), report)
        assert report.curves[0][1]["teacher/loss"] < 30  # finite: every lesson can be learned


def test_likelihood_breaks_ties_even_beside_a_question_that_nothing_answers():
    graph = KnowledgeGraph.build("g", [("a", "r", "b"), ("b", "s", "c"), ("d", "r", "e")])
    asked = [question(0, "a", "a", ["b"]), question(1, "a", "a", ["d"])]
    good, hopeless = grown(graph, TreeShape(2, "forward"), asked)
    settings = tiny(epochs=6, learning_rate=1e-3)
    _, fitted = fit(graph, [good], [good, hopeless], settings, Silent())
    assert fitted.best_epoch == 6  # Hits@1 stays the same while the answer gains on

    policy, _ = fit(graph, [good], [], tiny(epochs=1), Silent())
    batch = batch_trees([good, hopeless], policy.relation_words)
    losses = path_losses(policy(batch), batch, torch.zeros(2, dtype=torch.bool))
    assert losses[0] < 30 and losses[1] == torch.inf


def test_tied_answers_share_their_hit(graph):
    tree = grown(graph, TreeShape(1), [question(0, "who?", "carl", ["emma", "gina"])])[0]
    batch = batch_trees([tree], fit(graph, [tree], [], tiny(epochs=1), Silent())[0].relation_words)

    class Sure:
        """All mass on the children, emma and finn, of which one is an answer."""

        attention = torch.ones(len(batch.parent), 1)
        path = torch.full((len(batch.parent),), -torch.inf)

    Sure.path[batch.relation.tolist().index(graph.relation("child"))] = 0.0
    assert hits_at_1(batch, Sure, [tree]) == [0.5]


def test_a_stop_is_heard_between_steps(graph, lessons):
    class Stopping(Silent):
        def check_stop(self):
            raise RunStopped("Stopped.")

    with pytest.raises(RunStopped):
        fit(graph, lessons, [], tiny(), Stopping())


def test_a_device_is_picked():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
