"""The policy's distributions against a naive walk, its independence of the batch, its losses."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.teacher.path_distributions import path_loss
from core.teacher.policy_scoring import scored_trees
from core.teacher.tree_batches import batch_trees
from tests.family_graph import TRIPLES as FAMILY
from tests.question_trees import far_from_uniform, grown, multiplied, names, question, walked

TRIPLE = st.tuples(st.sampled_from("abcdef"), st.sampled_from("rst"), st.sampled_from("abcdef"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=10)
EXACT = {"rel": 1e-10, "abs": 1e-12}


def close(mine, theirs):
    torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-11)


def raw_scores(policy, batch):
    """What the policy scores before it normalises, node by node; 0 where nothing is scored."""
    logits = policy.logits(batch)
    choose, stop = torch.zeros(2, len(batch.parent), dtype=torch.float64)
    choose[logits.children], stop[batch.inner] = logits.choose, logits.stop
    return choose, stop


def check_against_naive(graph, triples, tree, policy, hops, directions):
    batch = batch_trees([tree], policy.relation_words)
    with torch.no_grad():
        scores, (choose, stop) = policy(batch), raw_scores(policy, batch)
    prefixes = [names(graph, tree.tree)[node] for node in batch.order]
    frontiers = walked(triples, tree.question.topics[0], hops, directions)
    assert set(prefixes) == set(frontiers)
    masses, paths = multiplied(
        frontiers,
        dict(zip(prefixes, choose.tolist(), strict=True)),
        dict(zip(prefixes, stop.tolist(), strict=True)),
    )
    mine = dict(zip(prefixes, scores.mass.exp().tolist(), strict=True))
    assert mine == pytest.approx(masses, **EXACT)
    mine = dict(zip(prefixes, scores.path.exp().tolist(), strict=True))
    assert mine.pop(()) == 0.0
    assert mine == pytest.approx(paths, **EXACT)
    assert sum(mine.values()) == pytest.approx(1.0, **EXACT)

    scored = scored_trees(batch, scores, [tree])[0]
    in_tree = dict(zip(names(graph, scored.tree), scored.mass.tolist(), strict=True))
    assert in_tree == pytest.approx(masses, **EXACT)
    answers = {
        entity: sum(p for prefix, p in paths.items() if entity in frontiers[prefix])
        for prefix in paths
        for entity in frontiers[prefix]
    }
    entities, probabilities = scored.answers()
    found = {graph.entity_id(e): p for e, p in zip(entities, probabilities.tolist(), strict=True)}
    assert found == pytest.approx(answers, **EXACT)
    assert all(np.diff(probabilities) <= 0)

    gold = set(tree.question.answers)
    match = {
        prefix: 2 * len(gold & frontiers[prefix]) / (len(gold) + len(frontiers[prefix]))
        for prefix in paths
    }
    in_tree = dict(zip(names(graph, scored.tree), tree.match.tolist(), strict=True))
    assert in_tree == pytest.approx({(): 0.0, **match}, **EXACT)
    evidence = sum(paths[prefix] * match[prefix] for prefix in paths)
    posterior = scored.posterior()
    if evidence == 0:
        assert posterior is scored.path
    else:
        by_hand = {prefix: paths[prefix] * match[prefix] / evidence for prefix in paths}
        in_tree = dict(zip(names(graph, scored.tree), posterior.tolist(), strict=True))
        assert in_tree == pytest.approx({(): 0.0, **by_hand}, **EXACT)


@settings(max_examples=25, deadline=None)
@given(TRIPLES, st.integers(1, 3), st.sampled_from(["forward", "both"]), st.integers(0, 2))
def test_distributions_are_those_of_a_naive_walk_on_random_graphs(
    triples, hops, directions, rounds
):
    graph, (topic, _, answer) = KnowledgeGraph.build("g", triples), triples[0]
    shape = TreeShape(hops, directions)
    tree = grown(graph, shape, [question(0, "which r of s?", topic, [answer, triples[-1][0]])])[0]
    check_against_naive(graph, triples, tree, far_from_uniform(graph, rounds), hops, directions)


@pytest.fixture
def trees(graph):
    """Different topics, lengths, languages and answers; one cannot be answered."""
    asked = [
        question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"], [("spouse",)]),
        question(1, "艾玛的朋友的朋友是谁", "emma", ["gina"], [("friend", "friend")]),
        question(2, "nationality of Dora's mother?", "dora", ["norway"]),
        question(3, "?", "bob", ["bob"], [("friend",), ("spouse", "spouse")]),
        question(4, "Who are the children of the parents of Dora?", "dora", ["dora", "carl"]),
        question(5, "the other Ann, her grandchildren's friends", "ann2", ["zed"]),
    ]
    return grown(graph, TreeShape(2), asked)


def test_distributions_are_those_of_a_naive_walk_on_the_family(graph, trees):
    for tree in trees:
        check_against_naive(graph, FAMILY, tree, far_from_uniform(graph), 2, "both")


@pytest.mark.parametrize("rounds", [0, 2])
def test_scores_do_not_depend_on_what_else_is_in_the_batch(graph, trees, rounds):
    policy = far_from_uniform(graph, rounds)
    with torch.no_grad():
        alone = [scored_trees(b := _batch(policy, [t]), policy(b), [t])[0] for t in trees]
        for order in ([0, 1, 2, 3, 4, 5], [5, 3, 1, 4, 2, 0], [2, 4, 2]):
            chosen = [trees[i] for i in order]
            batch = _batch(policy, chosen)
            together = scored_trees(batch, policy(batch), chosen)
            for number, scored in zip(order, together, strict=True):
                assert scored.path == pytest.approx(alone[number].path, **EXACT)
                assert scored.attention == pytest.approx(alone[number].attention, abs=1e-6)
                choosing = np.isin(np.arange(len(scored.tree)), scored.tree.parents)
                assert scored.attention.sum(1) == pytest.approx(choosing.astype(float), abs=1e-6)
    # The same topic, asked otherwise, is scored otherwise; so the above is no constant.
    assert np.abs(alone[2].path - alone[4].path).max() > 1e-3


def test_padding_spells_nothing(graph):
    """Short questions are padded with the batch's first word, here a relation's name."""
    asked = [question(0, "spouse", "carl", []), question(1, "the only child of whom", "carl", [])]
    trees, policy = grown(graph, TreeShape(2), asked), far_from_uniform(graph)
    batch = _batch(policy, trees)
    assert batch.words[0] == "child"
    with torch.no_grad():
        together = scored_trees(batch, policy(batch), trees)
    for alone, scored in zip(per_tree(policy, trees), together, strict=True):
        assert scored.path == pytest.approx(alone, **EXACT)


def test_message_passing_sees_what_lies_ahead(graph):
    """Another edge behind a frontier changes the scores only where messages pass."""
    asked = question(0, "Who is it?", "dora", ["peru"])
    one, other = (
        KnowledgeGraph.build("g", [*FAMILY, (head, "friend", "zed")]) for head in ("peru", "gina")
    )
    for rounds in (0, 2):
        paths = []
        for each in (one, other):
            policy, chosen = far_from_uniform(each, rounds), grown(each, TreeShape(1), [asked])
            with torch.no_grad():
                paths.append(policy(_batch(policy, chosen)).path.exp())
        assert (float((paths[0] - paths[1]).abs().max()) > 1e-6) == (rounds > 0)


def _batch(policy, trees):
    return batch_trees(trees, policy.relation_words)


def per_tree(policy, trees):
    """Path probabilities of each tree, computed alone."""
    with torch.no_grad():
        return [scored_trees(b := _batch(policy, [t]), policy(b), [t])[0].path for t in trees]


def test_gold_loss_is_cross_entropy_with_the_gold_paths_that_reach_the_answers(graph, trees):
    policy = far_from_uniform(graph)
    asked = [
        question(6, "?", "bob", ["bob"], [("friend",), ("nationality",)]),  # the second is wrong
        question(7, "?", "bob", ["peru"], [("friend",), ("child",)]),  # both are wrong
        question(8, "?", "bob", [], [("friend",), ("child",)]),  # nobody knows
        question(9, "?", "bob", ["carl"], [("child",), ("spouse", "child")]),  # both are half right
    ]
    chosen = [trees[0], trees[1], trees[3], *grown(graph, TreeShape(2), asked)]
    batch = _batch(policy, chosen)
    by_hand = []
    for path, tree in zip(per_tree(policy, chosen), chosen, strict=True):
        nodes = np.flatnonzero(tree.gold)
        weights = tree.match[nodes] if tree.match[nodes].any() else np.ones(len(nodes))
        by_hand.append(-(weights * np.log(path[nodes])).sum() / weights.sum())
    counts = [(int(tree.gold.sum()), int((tree.match[tree.gold] > 0).sum())) for tree in chosen]
    assert counts == [(1, 1), (1, 1), (2, 2), (2, 1), (2, 0), (2, 0), (2, 2)]
    loss = path_loss(policy(batch), batch, torch.tensor([True] * len(chosen)))
    assert loss.item() == pytest.approx(np.mean(by_hand), **EXACT)


def test_answers_loss_is_minus_log_of_the_expected_f1(graph, trees):
    policy, chosen = far_from_uniform(graph), trees[:5]
    batch = _batch(policy, chosen)
    expected = [
        -math.log(sum(p * f for p, f in zip(path.tolist(), tree.match.tolist(), strict=True)))
        for path, tree in zip(per_tree(policy, chosen), chosen, strict=True)
    ]
    loss = path_loss(policy(batch), batch, torch.zeros(5, dtype=torch.bool))
    assert loss.item() == pytest.approx(np.mean(expected), **EXACT)
    mixed = torch.tensor([True, False, False, False, False])
    gold = float(per_tree(policy, chosen[:1])[0][chosen[0].gold].sum())
    both = path_loss(policy(batch), batch, mixed).item()
    assert both == pytest.approx(np.mean([-math.log(gold), *expected[1:]]), **EXACT)


@pytest.mark.parametrize("use_gold", [True, False])
def test_gradients_are_those_of_finite_differences(graph, trees, use_gold):
    policy, chosen = far_from_uniform(graph), [trees[0], trees[1], trees[3]]
    batch = _batch(policy, chosen)
    gold = torch.tensor([use_gold] * 3)
    parameters = list(policy.parameters())

    def policy_loss():
        return path_loss(policy(batch), batch, gold)

    gradients = torch.autograd.grad(policy_loss(), parameters)
    draw = torch.Generator().manual_seed(5)
    for _ in range(3):
        direction = [torch.randn(p.shape, generator=draw, dtype=p.dtype) for p in parameters]
        slope = sum(float((g * d).sum()) for g, d in zip(gradients, direction, strict=True))
        loss, step = along(parameters, direction, policy_loss), 1e-6  # farther lie kinks
        near, far = loss(step) - loss(-step), loss(2 * step) - loss(-2 * step)
        loss(0.0)
        assert abs(slope) > 1e-2
        assert slope == pytest.approx((8 * near - far) / 12 / step, rel=1e-7)


def along(parameters, direction, loss):
    """The loss as a function of how far the parameters have moved."""
    start = [p.detach().clone() for p in parameters]

    @torch.no_grad()
    def at(step):
        for p, s, d in zip(parameters, start, direction, strict=True):
            p.copy_(s + step * d)
        return loss().item()

    return at
