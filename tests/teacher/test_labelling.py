"""Labels of each kind, by hand, on the family."""

import numpy as np
import pytest
import torch

from core.graph.path_tree import TreeShape
from core.records import MISSING, Question, looked_for
from core.teacher.absence import NONE
from core.teacher.labelling import labels_of, spelled_out, uniform
from core.teacher.path_policy import PathPolicy
from core.teacher.policy_scoring import PolicyScorer
from core.teacher.reasoning import Missing, score_questions
from tests.question_trees import far_from_uniform, grown, names, question

SHAPE = TreeShape(2)


@pytest.fixture
def scorer(graph):
    torch.manual_seed(0)
    return PolicyScorer(PathPolicy(graph, 16, 1), graph, SHAPE)


def ask(graph, scorer, *questions):
    return list(score_questions(scorer, grown(graph, SHAPE, questions)))


@pytest.fixture
def asked(graph, scorer):
    return ask(
        graph,
        scorer,
        question(0, "Who is with Carl?", "carl", ["gina"]),
        question(1, "Where are the parents from?", "dora", ["norway"]),
        question(2, "Where is Zed?", "dora", ["zed"]),
    )


def one_label(graph, asked, kind, keep=8):
    (made,) = labels_of(graph, asked, kind, keep)
    return made


def stops(made):
    return {made.path(node): p for node, p in enumerate(made.stops.tolist()) if p > 0}


def test_uniform_spreads_over_the_shortest_paths_to_any_answer(graph, asked):
    made = one_label(graph, asked[0], "uniform")
    assert stops(made) == {("spouse",): 0.5, ("friend",): 0.5}  # though longer paths lead there too
    assert asked[0].trees[0].match[asked[0].trees[0].tree.depths == 2].any()
    assert stops(one_label(graph, asked[1], "uniform")) == {("~child", "nationality"): 1.0}
    assert uniform(asked[2].scored[0]) is None
    assert labels_of(graph, asked[2], "uniform", 8) == []


def test_posterior_weighs_by_match_and_prior_does_not(graph, asked):
    for question_asked in asked[:2]:
        (one,), (tree,) = question_asked.scored, question_asked.trees
        prefixes = names(graph, one.tree)
        weighted = one.path * tree.match
        prior, posterior = (
            one_label(graph, question_asked, kind, 999) for kind in ("prior", "posterior")
        )
        wanted = {p: w for p, w in zip(prefixes, one.path.tolist(), strict=True) if w > 0}
        assert stops(prior) == wanted
        wanted = zip(prefixes, (weighted / weighted.sum()).tolist(), strict=True)
        assert stops(posterior) == pytest.approx({p: w for p, w in wanted if w > 0}, rel=1e-12)
        assert prior.question == posterior.question == tree.question.id
    # Where nothing reaches an answer the posterior is the prior.
    told = one_label(graph, asked[2], "posterior", 999)
    assert stops(told) == stops(one_label(graph, asked[2], "prior", 999))


BOTH = Question("both", "Who is a child of Ann Berg and Carl Berg's parent?", "en",
                ("bob", "dora"), ("carl",))  # fmt: skip


def test_each_topic_has_a_label_of_its_paths_as_far_as_they_meet(graph, scorer):
    """Children of Bob who share a parent with Dora: only meetings at Carl are right."""
    (both,) = ask(graph, scorer, BOTH)
    for kind in ("prior", "posterior", "uniform"):
        made = labels_of(graph, both, kind, 999)
        assert [label.question for label in made] == ["both @ bob", "both @ dora"]
        for label in made:
            assert label.stops.sum() == pytest.approx(1.0, rel=1e-9) and label.rest == 0
    children, siblings = (stops(one) for one in labels_of(graph, both, "posterior", 999))
    him = [(name, "child") for name in ("spouse", "~spouse", "friend", "~friend")]
    assert children.keys() == {("child",), *him}  # Bob befriends himself
    assert siblings.keys() == {("~child", "child")}
    uniform_one, uniform_other = (stops(one) for one in labels_of(graph, both, "uniform", 8))
    assert uniform_one == {("child",): 1.0}
    assert uniform_other == {("~child", "child"): 1.0}


def test_topics_that_cannot_meet_have_no_label(graph, scorer):
    shape, apart = TreeShape(1, "forward"), Question("q", "?", "en", ("emma", "dora"), ("carl",))
    (never,) = score_questions(scorer, grown(graph, shape, [apart]))
    assert not len(never.meetings[0])
    assert [labels_of(graph, never, kind, 8) for kind in ("prior", "posterior", "uniform")] == [
        []
    ] * 3


def test_what_was_not_grown_is_rest_of_the_prior_and_no_part_of_the_posterior(graph, scorer):
    tree = grown(graph, SHAPE, [question(0, "Who is with Carl?", "carl", ["gina"])])[0]
    partial = scorer.expanded([tree], bound=0.5)[0]
    assert 0 < partial.rest <= 0.5
    (asked,) = score_questions(_Given(partial), [tree])
    prior = one_label(graph, asked, "prior", 999)
    assert prior.rest == pytest.approx(partial.rest, rel=1e-9)
    assert prior.stops.sum() + prior.rest == pytest.approx(1.0, rel=1e-9)
    assert one_label(graph, asked, "posterior", 999).stops.sum() == pytest.approx(1.0, rel=1e-9)


def test_what_the_graph_lacks_stands_in_labels_as_a_last_step(graph):
    shape, scorer = TreeShape(2), PolicyScorer(far_from_uniform(graph, absence=True), graph, SHAPE)
    asked = [
        question(0, "Who is with Carl?", "carl", ["gina"]),
        question(1, "the parents of Gina", "gina", [], [(f"{MISSING}~child",)]),
        question(2, "how tall is Carl?", "carl", [], [(MISSING,), ("friend", f"{MISSING}spouse")]),
    ]
    told, parents, tall = score_questions(scorer, grown(graph, shape, asked, True))
    (one,) = told.scored
    prior = one_label(graph, told, "prior", 9999)
    lost = {path: p for path, p in stops(prior).items() if looked_for(path) is not None}
    assert sum(lost.values()) == pytest.approx(one.missing.total, rel=1e-9)
    assert prior.stops.sum() == pytest.approx(1.0, rel=1e-9)
    at_topic = one.missing.nodes == 0
    named = sum(p for path, p in lost.items() if len(path) == 1)
    assert named == pytest.approx(one.missing.probability[at_topic].sum(), rel=1e-9)
    assert all(looked_for(path) is None for path in stops(one_label(graph, told, "posterior")))
    for kind in ("posterior", "uniform"):
        assert stops(one_label(graph, parents, kind)) == {(f"{MISSING}~child",): 1.0}
    both = stops(one_label(graph, tall, "posterior"))
    assert both.keys() == {(MISSING,), ("friend", f"{MISSING}spouse")}
    assert sum(both.values()) == pytest.approx(1.0, rel=1e-9)
    before = stops(one_label(graph, tall, "prior", 9999))
    first, second = both
    assert both[first] / both[second] == pytest.approx(before[first] / before[second], rel=1e-9)


def test_what_is_hardly_probable_is_told_as_none_of_these():
    nodes, codes = np.array([0, 0, 0, 2, 2]), np.array([3, 5, NONE, 1, NONE])
    told = spelled_out(Missing(nodes, codes, np.array([0.4, 0.0004, 0.1, 0.0002, 0.0])))
    assert told.nodes.tolist() == [0, 0, 2] and told.codes.tolist() == [3, NONE, NONE]
    assert told.probability.tolist() == pytest.approx([0.4, 0.1004, 0.0002], rel=1e-12)


class _Given:
    """A scorer that was told the result."""

    def __init__(self, *scored):
        self.scored = scored

    def score(self, trees):
        return iter(self.scored)
