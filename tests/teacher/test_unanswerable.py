"""Questions without an answer, made of those that have one."""

from dataclasses import replace

import numpy as np
import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape
from core.teacher import variations
from core.teacher.absence import NONE
from core.teacher.question_trees import frontier_kinds
from core.teacher.unanswerable import asked_of, forgotten, on_the_way, removed
from core.teacher.variations import Variations, with_unanswerable
from tests.question_trees import grower, grown, names, question

SHAPE = TreeShape(3)


@pytest.fixture
def trees(graph):
    return grown(
        graph,
        SHAPE,
        [
            question(0, "Whom did Carl Berg marry?", "carl", ["gina"], [("spouse",)]),
            question(1, "the friend of Carl's wife", "carl", ["emma"], [("spouse", "friend")]),
            question(2, "Where is Dora from?", "dora", ["peru"], [("nationality",)]),
            question(3, "friend of Emma", "emma", ["finn"], [("friend",)]),
        ],
        True,
    )


def told(graph, tree, sought=False):
    prefixes = names(graph, tree.tree)
    return {
        (prefixes[node], None if code == NONE else graph.relation_id(code))
        for node, code, one in zip(
            tree.absent.nodes, tree.absent.codes, tree.absent.sought, strict=True
        )
        if one or not sought
    }


def check_arrays(tree):
    """What a tree must be whatever was taken from it."""
    count = len(tree.tree)
    assert tree.tree.parents[0] == -1
    assert (tree.tree.parents[1:] < np.arange(1, count)).all()
    assert (tree.tree.depths[1:] == tree.tree.depths[tree.tree.parents[1:]] + 1).all()
    assert len(tree.tree.starts) == count + 1 == len(tree.kinds.starts)
    assert len(tree.match) == len(tree.gold) == len(tree.tree.open) == count
    assert tree.absent.nodes.max(initial=0) < count
    assert (np.diff(tree.absent.nodes) >= 0).all()
    sums = np.add.reduceat(
        tree.kinds.shares, tree.kinds.starts[:-1][np.diff(tree.kinds.starts) > 0]
    )
    assert sums == pytest.approx(np.ones(len(sums)))


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_without_its_first_hop_a_question_looks_for_it(graph, trees, number):
    tree = trees[number]
    (end,) = np.flatnonzero(tree.gold)
    first = on_the_way(tree.tree, int(end))[0]
    code = int(tree.tree.relations[first])
    less = removed(tree, first)
    check_arrays(less)
    kept = {p for p in names(graph, tree.tree) if p[:1] != (graph.relation_id(code),)}
    assert set(names(graph, less.tree)) == kept
    assert told(graph, less, sought=True) == {((), graph.relation_id(code))}
    assert told(graph, less) >= {pair for pair in told(graph, tree) if pair[0] in kept}
    assert not len(less.answers) and not less.match.any() and not less.gold.any()
    frontiers = {p: set(tree.tree.frontier(n)) for n, p in enumerate(names(graph, tree.tree))}
    for node, prefix in enumerate(names(graph, less.tree)):
        assert set(less.tree.frontier(node)) == frontiers[prefix]
    assert code not in less.kinds.codes[: less.kinds.starts[1]]


def test_a_later_hop_is_missing_where_it_began(graph, trees):
    tree = trees[1]
    (end,) = np.flatnonzero(tree.gold)
    less = removed(tree, int(end))
    check_arrays(less)
    assert told(graph, less, sought=True) == {(("spouse",), "friend")}
    assert ("spouse",) in names(graph, less.tree)
    assert ("spouse", "friend") not in names(graph, less.tree)


def test_kinds_are_those_of_a_graph_without_the_edges(graph, trees):
    """Where a hop out of the topic is taken away, what is left is what a lesser graph gives."""
    from tests.family_graph import TRIPLES

    tree = trees[2]
    (end,) = np.flatnonzero(tree.gold)
    less = removed(tree, int(end)).without_frontiers()
    lesser = KnowledgeGraph.build("g", [t for t in TRIPLES if t[:2] != ("dora", "nationality")])
    (there,) = grown(lesser, SHAPE, [question(2, "?", "dora", [])], True)
    kinds = frontier_kinds(lesser, there.tree)
    mine = {graph.relation_id(c) for c in less.kinds.codes[: less.kinds.starts[1]]}
    assert mine == {lesser.relation_id(c) for c in kinds.codes[: kinds.starts[1]]}


def test_with_another_gold_path_left_it_stays_a_question(graph, trees):
    tree = trees[0]
    friend = tree.tree.find((graph.relation("friend"),))
    both = replace(tree, gold=tree.gold | (np.arange(len(tree.tree)) == friend))
    less = removed(both, int(np.flatnonzero(tree.gold)[0]))
    assert less.gold.sum() == 1 and not less.absent.sought.any()
    assert names(graph, less.tree)[int(np.flatnonzero(less.gold)[0])] == ("friend",)


def test_a_forgotten_relation_is_nowhere_and_none_is_meant(graph, trees):
    tree = trees[1]
    (end,) = np.flatnonzero(tree.gold)
    less = forgotten(tree, int(end), graph.relation_count)
    check_arrays(less)
    assert not {"friend", "~friend"} & {step for p in names(graph, less.tree) for step in p}
    assert not {"friend", "~friend"} & {what for _, what in told(graph, less)}
    assert told(graph, less, sought=True) == {(("spouse",), None)}


def test_asked_of_another_topic_it_goes_as_far_as_the_path_goes_there(graph, trees):
    path = trees[1].tree.prefix(int(np.flatnonzero(trees[1].gold)[0]))
    at_dora = asked_of(trees[1], path, trees[2])
    assert at_dora.words == trees[1].words and at_dora.tree is trees[2].tree
    assert told(graph, at_dora, sought=True) == {((), "spouse")}
    friend = asked_of(trees[3], (graph.relation("friend"),), trees[0])
    assert names(graph, friend.tree)[int(np.flatnonzero(friend.gold)[0])] == ("friend",)
    assert not friend.absent.sought.any()


def test_questions_vary_by_the_seed_and_in_their_words(graph, trees):
    growing = grower(graph, SHAPE, True)
    every = Variations(trees, graph.relation_count, gold=True, grower=growing)
    drawn, again = (
        [every.draw(n % 4, rng) for n in range(400)]
        for rng in (np.random.default_rng(3), np.random.default_rng(3))
    )
    assert all(
        one is other or one.words == other.words for one, other in zip(drawn, again, strict=True)
    )
    unanswered = [tree.absent.sought.any() for tree in drawn]
    assert 0.25 < np.mean(unanswered) < 0.5
    told = {tree.words for tree, none in zip(drawn[::4], unanswered[::4], strict=True) if not none}
    assert trees[0].words in told and len(told) > 1  # in other words too
    for tree, none in zip(drawn, unanswered, strict=True):
        check_arrays(tree)
        assert none != tree.gold.any()


def test_answers_vouch_for_a_path_that_may_then_be_taken_away(graph, trees):
    rng = np.random.default_rng(0)
    blind = Variations(trees, graph.relation_count, gold=False)
    assert all(blind.draw(0, rng) is trees[0] for _ in range(50))
    unsure, sure = np.zeros((2, len(trees[0].tree)))
    unsure[[1, 2]], sure[1] = 0.5, 0.3
    blind.learn([0, 1], [unsure, None])
    assert all(blind.draw(0, rng) is trees[0] for _ in range(50))
    blind.learn([0], [sure])
    assert any(blind.draw(0, rng) is not trees[0] for _ in range(50))


def test_held_out_questions_get_some_that_nothing_answers(graph, trees):
    growing = grower(graph, SHAPE, True)
    judged = with_unanswerable(trees, growing, gold=True)
    assert judged[:4] == trees and len(judged) == 5
    (made,) = judged[4:]
    assert made.absent.sought.any() and not len(made.answers)
    assert made.question.id not in {tree.question.id for tree in trees}
    assert with_unanswerable(judged, growing, gold=True) == judged  # it has its own


def test_one_question_asked_of_two_topics_is_two(graph, trees, monkeypatch):
    monkeypatch.setattr(variations, "EXCHANGED", 1.0)
    asked = [replace(t, question=replace(t.question, id=f"{n}")) for n, t in enumerate(trees * 50)]
    made = with_unanswerable(asked, grower(graph, SHAPE, True), gold=True)[200:]
    assert len({tree.question.text for tree in made}) < len(made)
    assert len({tree.question.id for tree in made}) == len(made) == 50
