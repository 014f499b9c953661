"""Labels of each kind, by hand, on the family."""

import numpy as np
import pytest
import torch

import core.teacher.labelling as labelling
from core.graph.path_tree import TreeShape
from core.teacher.labelling import label, score_trees, uniform
from core.teacher.path_policy import PathPolicy
from tests.family_graph import family
from tests.question_trees import grown, names, question


@pytest.fixture
def graph(tmp_path):
    return family(tmp_path)


@pytest.fixture
def trees(graph):
    asked = [
        question(0, "Who is with Carl?", "carl", ["gina"]),
        question(1, "Where are the parents from?", "dora", ["norway"]),
        question(2, "Where is Zed?", "dora", ["zed"]),
    ]
    return grown(graph, TreeShape(2), asked)


@pytest.fixture
def scored(graph, trees):
    torch.manual_seed(0)
    return list(score_trees(PathPolicy(graph, 16, 1), trees))


def stops(made):
    return {made.path(node): p for node, p in enumerate(made.stops.tolist()) if p > 0}


def test_uniform_spreads_over_the_shortest_paths_to_any_answer(graph, trees, scored):
    made = label(graph, trees[0], scored[0], "uniform", 8)
    assert stops(made) == {("spouse",): 0.5, ("friend",): 0.5}  # though longer paths lead there too
    assert trees[0].match[trees[0].around.tree.depths == 2].any()
    assert stops(label(graph, trees[1], scored[1], "uniform", 8)) == {
        ("~child", "nationality"): 1.0
    }
    assert uniform(trees[2]) is None
    assert label(graph, trees[2], scored[2], "uniform", 8) is None


def test_posterior_weighs_by_match_and_prior_does_not(graph, trees, scored):
    for tree, one in zip(trees[:2], scored[:2], strict=True):
        prefixes = names(graph, one.tree)
        weighted = one.path * tree.match
        prior, posterior = (label(graph, tree, one, kind, 999) for kind in ("prior", "posterior"))
        wanted = {p: w for p, w in zip(prefixes, one.path.tolist(), strict=True) if w > 0}
        assert stops(prior) == wanted
        wanted = zip(prefixes, (weighted / weighted.sum()).tolist(), strict=True)
        assert stops(posterior) == pytest.approx({p: w for p, w in wanted if w > 0}, rel=1e-12)
        assert prior.question == tree.question.id
    # Where nothing reaches an answer the posterior is the prior.
    one = label(graph, trees[2], scored[2], "posterior", 999)
    assert stops(one) == stops(label(graph, trees[2], scored[2], "prior", 999))


def test_scoring_in_batches_keeps_the_order(graph, trees, monkeypatch):
    torch.manual_seed(0)
    policy = PathPolicy(graph, 16, 1).double()
    together = list(score_trees(policy, trees))
    monkeypatch.setattr(labelling, "BATCH", 2)
    for one, other, tree in zip(together, score_trees(policy, trees), trees, strict=True):
        assert one.tree is other.tree is tree.around.tree
        np.testing.assert_allclose(one.path, other.path, rtol=1e-10)
    assert not policy.training
