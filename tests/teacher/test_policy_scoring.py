"""Trees grown as needed against the same trees grown whole, on random graphs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core.teacher.policy_scoring as policy_scoring
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import PathTree, TreeShape
from core.teacher.policy_scoring import PolicyScorer, batches_by_size, to_close
from core.teacher.reasoning import ScoredTree
from tests.family_graph import TRIPLES as FAMILY
from tests.question_trees import far_from_uniform, grown, names, question

# Few names, so that cycles, parallel edges, self-loops and repeated triples are the rule.
TRIPLE = st.tuples(st.sampled_from("abcde"), st.sampled_from("rst"), st.sampled_from("abcde"))
TRIPLES = st.lists(TRIPLE, min_size=1, max_size=10)
EXACT = {"rel": 1e-10, "abs": 1e-12}


def ready(triples, hops, directions, rounds):
    """A scorer on random weights, and a question's tree grown whole."""
    graph, (topic, _, answer) = KnowledgeGraph.build("g", triples), triples[0]
    shape = TreeShape(hops, directions)
    asked = question(0, "which r of s?", topic, [answer, triples[-1][0]])
    return PolicyScorer(far_from_uniform(graph, rounds), graph, shape), grown(graph, shape, [asked])


def by_prefix(scorer, scored, values):
    return dict(zip(names(scorer.graph, scored.tree), values.tolist(), strict=True))


@settings(max_examples=20, deadline=None)
@given(TRIPLES, st.integers(1, 3), st.sampled_from(["forward", "both"]), st.integers(0, 3))
def test_growing_until_nothing_is_open_gives_the_whole_tree(triples, hops, directions, rounds):
    scorer, trees = ready(triples, hops, directions, rounds)
    (whole,), (lazy,) = scorer.whole(trees), scorer.expanded(trees, bound=0.0)
    assert lazy.rest == 0.0 == whole.rest
    for of in ("path", "mass", "match"):
        wanted = by_prefix(scorer, whole, getattr(whole, of))
        assert by_prefix(scorer, lazy, getattr(lazy, of)) == pytest.approx(wanted, **EXACT)
    answers = [
        dict(zip(*map(np.ndarray.tolist, one.answers()), strict=True)) for one in (whole, lazy)
    ]
    assert answers[1] == pytest.approx(answers[0], **EXACT)


@settings(max_examples=20, deadline=None)
@given(TRIPLES, st.integers(2, 4), st.integers(0, 3), st.floats(0.01, 0.9))
def test_what_is_left_open_is_bounded_and_all_else_is_as_in_the_whole_tree(
    triples, hops, rounds, bound
):
    scorer, trees = ready(triples, hops, "both", rounds)
    (whole,), (lazy,) = scorer.whole(trees), scorer.expanded(trees, bound=bound)
    assert lazy.rest <= bound
    assert lazy.path.sum() + lazy.rest == pytest.approx(1.0, **EXACT)
    masses = by_prefix(scorer, whole, whole.mass)
    paths = by_prefix(scorer, whole, whole.path)
    open_ = by_prefix(scorer, lazy, lazy.tree.open)
    known = {prefix for prefix in open_ if not any(open_[prefix[:n]] for n in range(len(prefix)))}
    for prefix, mass in by_prefix(scorer, lazy, lazy.mass).items():
        assert mass == (pytest.approx(masses[prefix], **EXACT) if prefix in known else 0.0)
    for prefix, path in by_prefix(scorer, lazy, lazy.path).items():
        said = prefix in known and not open_[prefix]
        assert path == (pytest.approx(paths[prefix], **EXACT) if said else 0.0)
    # The rest bounds how far any answer can be off.
    exact = dict(zip(*map(np.ndarray.tolist, whole.answers()), strict=True))
    for entity, probability in zip(*map(np.ndarray.tolist, lazy.answers()), strict=True):
        assert probability - 1e-12 <= exact[entity] <= probability + lazy.rest + 1e-12


def chain(links):
    """A path of so many hops, with a leaf at every link: trees grow large if all is grown."""
    steps = [(f"n{k}", "next", f"n{k + 1}") for k in range(links)]
    return [*steps, *((f"n{k}", f"leaf{k}", f"end{k}") for k in range(links))]


def test_only_what_is_probable_is_grown():
    scorer, trees = ready(chain(4), 4, "both", 1)
    (whole,) = scorer.whole(trees)
    (lazy,) = scorer.expanded(trees, bound=0.2)
    assert 0 < lazy.rest <= 0.2
    assert len(lazy.tree) < len(whole.tree) / 2
    closed = {p for p, is_open in by_prefix(scorer, lazy, lazy.tree.open).items() if not is_open}
    masses = by_prefix(scorer, whole, whole.mass)
    # Best first: no open node that was reached is more probable than every closed inner one.
    inner = {prefix[:-1] for prefix in masses if prefix} & closed
    left = [masses[prefix] for prefix in masses if prefix not in closed and prefix[:-1] in closed]
    assert max(left) <= 0.2 < min(masses[prefix] for prefix in inner) + 0.2


def test_a_tree_that_is_too_large_stops_and_says_how_much_is_open(monkeypatch):
    scorer, trees = ready(chain(4), 4, "both", 1)
    monkeypatch.setattr(policy_scoring, "LARGEST", 4)
    (lazy,) = scorer.expanded(trees, bound=0.0)
    assert 4 < len(lazy.tree) < len(scorer.whole(trees)[0].tree)
    assert lazy.rest > 0
    assert lazy.path.sum() + lazy.rest == pytest.approx(1.0, **EXACT)


@pytest.mark.parametrize("blind", [False, True])
def test_crowded_trees_are_grown_anew_and_the_order_is_kept(blind):
    graph = KnowledgeGraph.build("g", FAMILY)
    roomy, tight = TreeShape(2), TreeShape(2, most=8)
    asked = [
        question(n, "who?", who, ["carl"]) for n, who in enumerate(("norway", "bob", "norway"))
    ]
    policy = far_from_uniform(graph, 2)
    trees = grown(graph, tight, asked)
    assert [tree.tree.truncated for tree in trees] == [False, True, False]
    made = list(
        PolicyScorer(policy, graph, tight).score(trees, without_message_passing=blind, bound=0.0)
    )
    wanted = PolicyScorer(policy, graph, roomy).score(
        grown(graph, roomy, asked), without_message_passing=blind
    )
    for mine, theirs in zip(made, wanted, strict=True):
        paths = [
            dict(zip(names(graph, one.tree), one.path.tolist(), strict=True))
            for one in (mine, theirs)
        ]
        assert paths[0] == pytest.approx(paths[1], **EXACT)


def test_several_trees_are_grown_side_by_side():
    graph = KnowledgeGraph.build("g", FAMILY)
    scorer = PolicyScorer(far_from_uniform(graph, 2), graph, TreeShape(2))
    texts = (("who is the child", "bob"), ("where", "dora"), ("the spouse of whom", "bob"))
    asked = [question(n, text, who, []) for n, (text, who) in enumerate(texts)]
    trees = grown(graph, TreeShape(2), asked)
    together = scorer.expanded(trees, bound=0.1)
    for tree, one in zip(trees, together, strict=True):
        (alone,) = scorer.expanded([tree], bound=0.1)
        wanted = by_prefix(scorer, alone, alone.path)
        assert by_prefix(scorer, one, one.path) == pytest.approx(wanted, **EXACT)


def test_blind_scoring_does_without_what_lies_ahead():
    """Another edge behind a frontier is seen, unless the policy is blind."""
    asked = question(0, "Who is it?", "dora", ["peru"])
    told = {True: [], False: []}
    for head in ("peru", "gina"):
        graph = KnowledgeGraph.build("g", [*FAMILY, (head, "friend", "zed")])
        scorer = PolicyScorer(far_from_uniform(graph, 2), graph, TreeShape(1))
        (tree,) = grown(graph, TreeShape(1), [asked])
        for blind in told:
            told[blind].append(next(scorer.score([tree], without_message_passing=blind)).path)
            lazy = scorer.expanded([tree], without_message_passing=blind, bound=0.0)[0].path
            np.testing.assert_allclose(lazy, told[blind][-1], rtol=1e-10)
    assert told[True][0] == pytest.approx(told[True][1], **EXACT)
    assert np.abs(told[False][0] - told[False][1]).max() > 1e-6
    assert np.abs(told[False][0] - told[True][0]).max() > 1e-6


def test_without_message_passing_there_is_nothing_to_be_blind_to():
    scorer, trees = ready(list(FAMILY), 2, "both", 0)
    (seeing,), (blind,) = scorer.whole(trees), scorer.whole(trees, without_message_passing=True)
    assert seeing.path.tobytes() == blind.path.tobytes()


def test_a_scorer_evaluates():
    graph = KnowledgeGraph.build("g", FAMILY)
    policy = far_from_uniform(graph, 1).train()
    assert not PolicyScorer(policy, graph, TreeShape(1)).policy.training
    assert not policy.training


def half_open(masses, open_):
    """A scored tree of bare masses."""
    count = len(masses)
    nothing = np.zeros(count)
    tree = PathTree(0, nothing, nothing, nothing, nothing, nothing, np.array(open_, bool))
    return ScoredTree(tree, nothing, np.array(masses, float), nothing, nothing)


def test_the_fewest_nodes_are_closed():
    scored = half_open([1.0, 0.5, 0.3, 0.1, 0.06, 0.04, 0.0], [0, 1, 1, 0, 1, 1, 1])
    assert scored.rest == pytest.approx(0.9)
    assert sorted(to_close(scored, 1.0)) == []
    assert sorted(to_close(scored, 0.5)) == [1]
    assert sorted(to_close(scored, 0.41)) == [1]
    assert sorted(to_close(scored, 0.39)) == [1, 2]
    assert sorted(to_close(scored, 0.05)) == [1, 2, 4]
    assert sorted(to_close(scored, 0.0)) == [1, 2, 4, 5]  # what has no mass is not worth a step


def test_trees_are_scored_so_many_at_a_time(monkeypatch):
    graph = KnowledgeGraph.build("g", FAMILY)
    asked = [question(n, "who?", who, []) for n, who in enumerate(["ann", "bob", "dora"] * 3)]
    trees = grown(graph, TreeShape(2), asked)
    assert [len(chosen) for chosen in batches_by_size(trees)] == [9]
    monkeypatch.setattr(policy_scoring, "TOGETHER", 4)
    assert [len(chosen) for chosen in batches_by_size(trees)] == [4, 4, 1]
    assert [tree for chosen in batches_by_size(trees) for tree in chosen] == trees
    monkeypatch.setattr(policy_scoring, "NODES", len(trees[0].tree) + len(trees[1].tree))
    chosen = list(batches_by_size(trees))
    assert [tree for mine in chosen for tree in mine] == trees
    assert len(chosen[0]) == 2
    assert all(
        len(mine) == 1 or sum(len(tree.tree) for tree in mine) <= policy_scoring.NODES
        for mine in chosen
    )
    policy = far_from_uniform(graph, 1)
    scorer = PolicyScorer(policy, graph, TreeShape(2))
    for one, tree in zip(scorer.score(trees), trees, strict=True):
        (alone,) = scorer.whole([tree])
        assert one.tree is tree.tree
        assert one.path == pytest.approx(alone.path, **EXACT)


def test_nothing_to_score_is_no_error():
    graph = KnowledgeGraph.build("g", FAMILY)
    scorer = PolicyScorer(far_from_uniform(graph, 1), graph, TreeShape(2))
    assert list(scorer.score([])) == [] == list(batches_by_size([]))
