"""What a tree lacks against a naive look at the triples, and its mass against a naive walk."""

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.graph.schema import followers
from core.records import MISSING, inverse
from core.teacher import path_policy
from core.teacher.absence import NONE
from core.teacher.listening import Listening
from core.teacher.path_distributions import normalised, path_losses
from core.teacher.policy_scoring import PolicyScorer, scored_trees
from core.teacher.tree_batches import batch_trees
from tests.question_trees import far_from_uniform, grown, names, question, walked

TRIPLE = st.tuples(st.sampled_from("abcdef"), st.sampled_from("rst"), st.sampled_from("abcdef"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=10)
EXACT = {"rel": 1e-10, "abs": 1e-12}


def following(triples):
    """Pairs of relation names: the one reaches somebody whom the other leaves."""
    both = [*triples, *((t, inverse(r), h) for h, r, t in triples)]
    return {(a, b) for _, a, reached in both for left, b, _ in both if reached == left}


def lacking(triples, topic, hops, directions):
    """Prefix -> relation names that could follow and do not."""
    frontiers, follows = walked(triples, topic, hops, directions), following(triples)
    known = {r for _, r, _ in triples}
    if directions == "both":
        known |= {inverse(r) for r in known}
    return {
        prefix: {
            name
            for name in known
            if (*prefix, name) not in frontiers and (not prefix or (prefix[-1], name) in follows)
        }
        for prefix in frontiers
        if len(prefix) < hops
    }


def told(graph, tree):
    """Prefix -> names of what is absent there, *none of these* as an empty text."""
    prefixes, found = names(graph, tree.tree), {}
    for node, code in zip(tree.absent.nodes, tree.absent.codes, strict=True):
        name = "" if code == NONE else graph.relation_id(code)
        assert name not in found.setdefault(prefixes[node], set())
        found[prefixes[node]].add(name)
    return found


@given(TRIPLES)
@settings(max_examples=50, deadline=None)
def test_relations_follow_each_other_as_in_the_triples(triples):
    graph = KnowledgeGraph.build("g", triples)
    first, second = followers(graph).nonzero()
    pairs = {
        (graph.relation_id(a), graph.relation_id(b)) for a, b in zip(first, second, strict=True)
    }
    assert pairs == following(triples)


@given(TRIPLES, st.integers(1, 3), st.sampled_from(["forward", "both"]))
@settings(max_examples=50, deadline=None)
def test_a_tree_lacks_what_could_follow_and_does_not(triples, hops, directions):
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    (tree,) = grown(graph, TreeShape(hops, directions), [question(0, "r?", topic, [])], True) or [0]
    by_hand = lacking(triples, topic, hops, directions)
    assert told(graph, tree) == {prefix: {"", *there} for prefix, there in by_hand.items()}


@given(TRIPLES, st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_what_is_missing_takes_the_mass_of_a_naive_walk(triples, hops):
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    (tree,) = grown(graph, TreeShape(hops), [question(0, "which r of s?", topic, [])], True)
    policy = far_from_uniform(graph, absence=True)
    batch = batch_trees([tree], policy.relation_words)
    with torch.no_grad():
        logits, scores = policy.logits(batch), policy(batch)
    prefixes = [names(graph, tree.tree)[node] for node in batch.order]
    weights = {(): {}} | {prefix: {} for prefix in prefixes}
    for node, score in zip(logits.children.tolist(), logits.choose.tolist(), strict=True):
        weights[prefixes[node][:-1]][prefixes[node]] = exp(score)
    for node, score in zip(batch.inner.tolist(), logits.stop.tolist(), strict=True):
        weights[prefixes[node]]["stop"] = exp(score)
    for at, score in zip(logits.which.tolist(), logits.absent.tolist(), strict=True):
        weights[prefixes[batch.lacking[at]]][int(batch.absent[at])] = exp(score)
    masses, total = {(): 1.0}, 0.0
    for prefix in sorted(weights, key=len):
        whole = sum(weights[prefix].values())
        for what, weight in weights[prefix].items():
            if isinstance(what, tuple):
                masses[what] = masses[prefix] * weight / whole
    scored = scored_trees(batch, scores, [tree])[0]
    in_tree = names(graph, tree.tree)
    for node, code, mine in zip(
        scored.missing.nodes, scored.missing.codes, scored.missing.probability, strict=True
    ):
        prefix = in_tree[node]
        by_hand = masses[prefix] * weights[prefix][int(code)] / sum(weights[prefix].values())
        assert mine == pytest.approx(by_hand, **EXACT)
        total += by_hand
    assert scored.missing.total == pytest.approx(total, **EXACT)
    assert scored.path.sum() + total == pytest.approx(1.0, **EXACT)


@pytest.fixture
def asked(graph):
    """One that is answered, and three that are not: at the topic, further on, and in no words."""
    return grown(
        graph,
        TreeShape(2),
        [
            question(0, "Who is the spouse of Carl Berg?", "carl", ["gina"], [("spouse",)]),
            question(1, "the parents of Gina", "gina", [], [(f"{MISSING}~child",)]),
            question(2, "how tall is Carl Berg?", "carl", [], [(MISSING,)]),
            question(
                3, "the height of Emma's friend", "emma", [], [("friend", f"{MISSING}height")]
            ),
        ],
        True,
    )


def test_what_is_sought_is_marked_where_it_is_missing(graph, asked):
    sought = [
        [
            (names(graph, tree.tree)[node], int(code))
            for node, code in zip(
                tree.absent.nodes[tree.absent.sought],
                tree.absent.codes[tree.absent.sought],
                strict=True,
            )
        ]
        for tree in asked
    ]
    assert sought == [
        [],
        [((), graph.find_relation("~child"))],
        [((), NONE)],
        [(("friend",), NONE)],  # the schema has no `height`
    ]


def test_the_loss_of_what_is_sought_is_minus_the_log_of_its_probability(graph, asked):
    policy = far_from_uniform(graph, absence=True)
    batch = batch_trees(asked, policy.relation_words)
    gold = torch.tensor([True, False, False, False])
    with torch.no_grad():
        scores = policy(batch)
    losses = path_losses(scores, batch, gold).tolist()
    scored = scored_trees(batch, scores, asked)
    for tree, one, loss in list(zip(asked, scored, losses, strict=True))[1:]:
        probability = one.missing.probability[tree.absent.sought].sum()
        assert loss == pytest.approx(-log(probability), **EXACT)
    assert losses[0] == pytest.approx(-log(scored[0].path[asked[0].gold].item()), **EXACT)


def test_drawn_alternatives_count_for_all_of_them(graph, asked, monkeypatch):
    """Their expected sum is that of all, so a policy is trained for what it is used for."""
    policy = far_from_uniform(graph, absence=True)
    batch = batch_trees(asked, policy.relation_words)
    everything = torch.randn(len(batch.absent), dtype=torch.float64).exp()
    policy.train()
    assert len(policy._absent_to_score(batch)[0]) == len(batch.absent)
    monkeypatch.setattr(path_policy, "MOST_ABSENT", 8)
    torch.manual_seed(0)
    sums = []
    for _ in range(4000):
        which, counting = policy._absent_to_score(batch)
        assert batch.sought[which].sum() == batch.sought.sum()
        sums.append(float((everything[which] * counting.exp()).sum()))
    assert np.mean(sums) == pytest.approx(float(everything.sum()), rel=0.05)
    assert np.std(sums) > 0


def test_a_policy_that_knows_nothing_of_absence_gives_all_its_mass_to_paths(graph, asked):
    policy = far_from_uniform(graph)
    batch = batch_trees(asked, policy.relation_words)
    with torch.no_grad():
        for one in scored_trees(batch, policy(batch), asked):
            assert one.missing.total == 0
            assert one.path.sum() == pytest.approx(1.0, **EXACT)


def test_trees_grown_as_needed_say_the_same_of_what_is_missing(graph):
    text, shape = "Who are the children of the parents of Dora?", TreeShape(3)
    (tree,) = grown(graph, shape, [question(0, text, "dora", [])], True)
    scorer = PolicyScorer(far_from_uniform(graph, absence=True), graph, shape)
    (whole,), (lazy,) = scorer.whole([tree]), scorer.expanded([tree], bound=1e-9)

    def by_name(scored):
        return {
            (names(graph, scored.tree)[node], int(code)): p
            for node, code, p in zip(*vars(scored.missing).values(), strict=True)
            if p > 1e-9
        }

    assert by_name(lazy) == pytest.approx(by_name(whole), rel=1e-6, abs=1e-9)


@given(TRIPLES, st.integers(1, 3))
@settings(max_examples=25, deadline=None)
def test_what_paths_sound_like_makes_one_softmax_over_the_tree(triples, hops):
    """Choices by the words alone are the softmax of the cosines over all paths and absences."""
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    (tree,) = grown(graph, TreeShape(hops), [question(0, "which r of s?", topic, [])], True)
    rng = np.random.default_rng(len(triples))
    absent = replace(tree.absent, spoken=rng.uniform(-1, 1, len(tree.absent)).astype(np.float32))
    spoken = np.concatenate([[0], rng.uniform(-1, 1, len(tree.tree) - 1)]).astype(np.float32)
    tree = replace(tree, spoken=spoken, absent=absent)
    policy = far_from_uniform(graph, absence=True)
    batch, listen = batch_trees([tree], policy.relation_words), Listening()
    with torch.no_grad():
        listen.none.fill_(-1e9)
        logits = policy.logits(batch)
        said, ended = listen(batch, logits.children, logits.which)
        choose, lost = said.split([len(logits.children), len(logits.which)])
        ended[: batch.inner_levels[1]] = -torch.inf
        heard = replace(logits, choose=choose, stop=ended, absent=lost)
        scores = normalised(batch, heard, torch.tensor(1.0))
        (scored,) = scored_trees(batch, scores, [tree])
        scale = float(listen.log_scale.double().exp())
    named = tree.absent.codes != NONE
    weights = np.concatenate([spoken[1:].astype(float), absent.spoken[named].astype(float)])
    weights = np.exp(scale * weights)
    weights /= weights.sum()
    assert scored.path[1:] == pytest.approx(weights[: len(spoken) - 1], rel=1e-9, abs=1e-12)
    missing = scored.missing.probability
    assert missing[named] == pytest.approx(weights[len(spoken) - 1 :], rel=1e-9, abs=1e-12)
    assert not missing[~named].any()
