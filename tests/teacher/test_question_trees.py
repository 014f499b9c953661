"""Question trees: what is counted, what is matched, what stands at the frontiers."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core.teacher.question_trees as question_trees
from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.path_tree import TreeShape, grow_tree
from core.records import TOPIC_MARK, Question, inverse
from core.teacher.path_distributions import path_losses
from core.teacher.path_policy import PathPolicy
from core.teacher.question_encoder import LONGEST, OTHER
from core.teacher.question_trees import (
    POOLED,
    QuestionCounts,
    first_questions,
    frontier_kinds,
    match_answers,
)
from core.teacher.tree_batches import batch_trees
from tests.question_trees import grower, grown, names, question, walked


class Deaf:
    """Hears nothing and says nothing."""

    def listen(self, questions):
        pass

    speak = listen

    def similarities(self, question, paths, own="", lacking=()):
        return np.zeros(len(paths) + len(lacking), np.float32)


def test_each_topic_s_tree_is_grown_once_however_many_are_heard_together(graph, monkeypatch):
    monkeypatch.setattr(question_trees, "TOPICS", 2)
    topics = []
    monkeypatch.setattr(
        question_trees,
        "grow_tree",
        lambda graph, topic, *more: topics.append(topic) or grow_tree(graph, topic, *more),
    )
    growing = grower(graph, TreeShape(2))
    growing.spoken = Deaf()
    names = ("ann", "bob", "carl", "dora", "emma")
    asked = [question(number, "who?", name, ["finn"]) for number, name in enumerate(names)]
    made = list(growing.grow_each(asked))
    assert [tree.question.id for trees in made for tree in trees] == [one.id for one in asked]
    assert len(topics) == len(set(topics)) == len(asked)


def test_the_census_counts_every_kind_of_question(graph):
    growing = grower(graph, TreeShape(2))
    usable = [
        question(0, "spouse of Carl Berg", "carl", ["gina"], [("spouse",), ("child", "spouse")]),
        question(1, "who?", "dora", ["zed"]),  # nothing reaches zed
        question(2, "who?", "dora", [], [("no_such",)]),  # no answers known: not unreachable
        question(3, "so " * (LONGEST + 1), "emma", ["finn"]),
        Question("a", "both?", "en", ("ann", "bob"), ("carl",)),
        Question("b", "both?", "en", ("ann", "bob"), ("zed",)),  # no meeting reaches zed
    ]
    unusable = [
        Question("c", "none?", "en", (), ("carl",)),
        question("d", "who?", "nobody", ["carl"]),
        Question("e", "both?", "en", ("ann", "nobody"), ("carl",)),
        question("f", "who?", "zed", ["carl"]),
        Question("g", "both?", "en", ("ann", "zed"), ("carl",)),
    ]
    assert [len(growing.grow(one)) for one in usable] == [1, 1, 1, 1, 2, 2]
    assert [growing.grow(one) for one in unusable] == [()] * 5
    assert growing.counts == QuestionCounts(
        used=6,
        several_topics=2,
        unknown_topic=3,
        nothing_around=2,
        unreachable=2,
        gold=3,
        gold_missing=2,
        cut_words=1,
        cut_trees=0,
    )
    narrow = grower(graph, TreeShape(2, widest=1))
    narrow.grow(usable[1])
    assert narrow.counts.cut_trees == 1


def test_trees_of_one_question_are_never_parted(graph):
    both = Question("a", "both?", "en", ("ann", "bob"), ("carl",))
    trees = grown(graph, TreeShape(1), [both, question(1, "who?", "dora", [])])
    assert [len(first_questions(trees, most)) for most in (0, 1, 2, 3)] == [0, 2, 3, 3]


def test_words_past_the_longest_are_cut(graph):
    text = " ".join(f"word{n}" for n in range(LONGEST + 5))
    (tree,) = grown(graph, TreeShape(1), [question(0, text, "emma", [])])
    assert tree.words == tuple(f"word{n}" for n in range(LONGEST))


def test_a_question_with_two_topics_has_a_tree_for_each(graph):
    text = "Who is a child of Bob Berg and a sibling of Dora Berg-Lund?"
    gold = (("child",), ("~child", "child"), ("spouse", "child"), ("~child", "child"))
    asked = Question("q", text, "en", ("bob", "dora"), ("carl",), gold)
    first, second = grown(graph, TreeShape(2), [asked])
    assert [graph.entity_id(one.tree.topic) for one in (first, second)] == ["bob", "dora"]
    # Each reads its own topic's mention as the topic, the other's as another.
    marks = [[word for word in one.words if word in (TOPIC_MARK, OTHER)] for one in (first, second)]
    assert marks == [[TOPIC_MARK, OTHER], [OTHER, TOPIC_MARK]]
    # Alternatives follow each other, a path of each topic.
    gold_names = [
        {name for name, is_gold in zip(names(graph, one.tree), one.gold, strict=True) if is_gold}
        for one in (first, second)
    ]
    assert gold_names == [{("child",), ("spouse", "child")}, {("~child", "child")}]
    # Bob's children and Dora's siblings have but Carl in common: a perfect match for both.
    at = dict(zip(names(graph, first.tree), first.match, strict=True))
    assert at["child",] == at["spouse", "child"] == 1.0
    assert at["nationality",] == 0.0
    at = dict(zip(names(graph, second.tree), second.match, strict=True))
    assert at["~child", "child"] == 1.0
    assert at["~child", "nationality"] == 0.0


def test_a_question_on_its_tree(graph):
    asked = question(
        0,
        "Who is the spouse of Carl Berg?",
        "carl",
        ["gina", "gina", "no_such"],
        [("spouse",), ("friend",)],
    )
    tree = grown(graph, TreeShape(1), [asked])[0]
    assert tree.words == ("who", "is", "the", "spouse", "of", "\ue000")
    assert [graph.entity_id(e) for e in tree.answers] == ["gina"]
    gold = {
        name for name, is_gold in zip(names(graph, tree.tree), tree.gold, strict=True) if is_gold
    }
    assert gold == {("spouse",), ("friend",)}


def test_a_question_without_words_has_one(graph):
    assert grown(graph, TreeShape(1), [question(0, "?!", "carl", [])])[0].words == ("?",)


def test_match_is_f1_by_hand(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(2))
    answers = np.sort([graph.entity("ann"), graph.entity("peru"), graph.entity("dora")])
    found = dict(zip(names(graph, tree), match_answers(tree, answers), strict=True))
    assert found == pytest.approx(
        {
            (): 0.0,  # dora is an answer, but the root is no path
            ("nationality",): 2 * 1 / (1 + 3),
            ("~child",): 2 * 1 / (2 + 3),
            ("nationality", "~nationality"): 0.0,
            ("~child", "child"): 0.0,
            ("~child", "friend"): 0.0,
            ("~child", "nationality"): 2 * 1 / (2 + 3),
            ("~child", "spouse"): 2 * 1 / (2 + 3),
            ("~child", "~friend"): 0.0,
            ("~child", "~spouse"): 2 * 1 / (2 + 3),
        }
    )
    assert not match_answers(tree, np.zeros(0, np.int64)).any()


def kinds_by_name(graph, tree):
    kinds = frontier_kinds(graph, tree)
    rows = []
    for node in range(len(tree)):
        mine = slice(kinds.starts[node], kinds.starts[node + 1])
        codes, shares = kinds.codes[mine].tolist(), kinds.shares[mine].tolist()
        assert codes == sorted(set(codes))
        rows.append({graph.relation_id(c): share for c, share in zip(codes, shares, strict=True)})
    return dict(zip(names(graph, tree), rows, strict=True))


def test_kinds_of_frontiers_by_hand(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(1))
    # Both parents have an edge of all kinds but "friend", in either direction, which Bob has.
    halves = dict.fromkeys(("friend", "~friend"), 1 / 10)
    whole = dict.fromkeys(("child", "nationality", "spouse", "~spouse"), 2 / 10)
    assert kinds_by_name(graph, tree) == {
        (): pytest.approx({"nationality": 0.5, "~child": 0.5}),  # two parents, one kind
        ("nationality",): {"~nationality": 1.0},
        ("~child",): pytest.approx({**halves, **whole}),
    }


TRIPLE = st.tuples(st.sampled_from("abcde"), st.sampled_from("rst"), st.sampled_from("abcde"))


@settings(max_examples=40, deadline=None)
@given(st.lists(TRIPLE, min_size=1, max_size=12), st.integers(1, 3))
def test_kinds_of_frontiers_are_those_of_counting(triples, hops):
    graph, topic = KnowledgeGraph.build("g", triples), triples[0][0]
    at_edges = {(head, relation) for head, relation, _ in triples}
    at_edges |= {(tail, inverse(relation)) for _, relation, tail in triples}
    wanted = {}
    for prefix, frontier in walked(triples, topic, hops).items():
        counts = Counter(relation for entity, relation in at_edges if entity in frontier)
        whole = sum(counts.values())
        wanted[prefix] = pytest.approx({r: n / whole for r, n in counts.items()}, rel=1e-12)
    assert kinds_by_name(graph, grow_tree(graph, graph.entity(topic), TreeShape(hops))) == wanted


def test_an_entity_without_edges_is_of_no_kind(graph):
    assert kinds_by_name(graph, grow_tree(graph, graph.entity("zed"), TreeShape(2))) == {(): {}}


def test_large_frontiers_are_pooled_evenly():
    """Every third of three times as many entities; each third has an edge of its own."""
    triples = [("hub", "r", f"e{n:03}") for n in range(3 * POOLED)]
    own = [(f"e{n:03}", f"s{n % 3}", "end") for n in range(3 * POOLED)]
    graph = KnowledgeGraph.build("g", [*triples, *own])
    kinds = kinds_by_name(graph, grow_tree(graph, graph.entity("hub"), TreeShape(1)))
    assert kinds["r",] == {"~r": 0.5, "s0": 0.5}


def test_a_topic_is_grown_once(graph):
    growing = grower(graph, TreeShape(2))
    (first,) = growing.grow(question(0, "Who?", "carl", ["gina"]))
    (second,) = growing.grow(question(1, "Where?", "carl", ["peru"]))
    assert first.tree is second.tree and first.kinds is second.kinds


def test_only_some_topics_stay_at_hand(graph, monkeypatch):
    monkeypatch.setattr(question_trees, "TOPICS", 2)
    monkeypatch.setattr(question_trees, "AT_HAND", 0)
    growing = grower(graph, TreeShape(1))
    first, _, third = (growing.around(graph.entity(name), []) for name in ("ann", "bob", "carl"))
    assert growing.around(graph.entity("carl"), []) is third
    again = growing.around(graph.entity("ann"), [])
    assert again is not first and names(graph, again.tree) == names(graph, first.tree)


def test_small_trees_all_stay_at_hand_for_all_who_grow_the_same(graph, monkeypatch):
    monkeypatch.setattr(question_trees, "TOPICS", 1)
    growing = grower(graph, TreeShape(1))
    people = [graph.entity(name) for name in ("ann", "bob", "carl")]
    grown_first = [growing.around(one, []) for one in people]
    monkeypatch.setattr(question_trees, "AT_HAND", sum(one.size for one in grown_first))
    other = growing.hearing(None)
    assert all(other.around(n, []) is one for n, one in zip(people, grown_first, strict=True))
    other.around(graph.entity("dora"), [])
    assert people[0] not in growing.at_hand.trees and people[1] in growing.at_hand.trees
    assert not replace(growing, graph=crowd()).at_hand.trees  # another graph's trees are others


def test_learning_needs_no_frontiers(graph):
    asked = question(0, "Who is the spouse of Carl?", "carl", ["gina"], [("spouse",)])
    whole = grown(graph, TreeShape(2), [asked, question(1, "Where is he from?", "dora", ["peru"])])
    bare = [tree.without_frontiers() for tree in whole]
    assert not any(len(tree.tree.entities) for tree in bare) and len(whole[0].tree.entities)
    torch.manual_seed(0)
    policy = PathPolicy(graph, 16, 2).eval()
    losses = []
    for trees in (whole, bare):
        batch = batch_trees(trees, policy.relation_words)
        losses.append(path_losses(policy(batch), batch, torch.tensor([True, False])))
    assert torch.equal(*losses)


def crowd():
    """A topic with thirty relations, one of which leads on to the answer."""
    names = [f"relation{chr(97 + n // 10)}{n % 10}" for n in range(29)]
    triples = [("hub", name, f"end {name}") for name in names]
    triples += [("hub", "works for", "firm"), ("firm", "city", "oslo")]
    return KnowledgeGraph.build("g", triples)


def test_a_tree_too_large_keeps_what_the_question_spells():
    graph = crowd()
    growing = grower(graph, TreeShape(2, "forward", most=16))
    asked = question(0, "In which city is what hub works for?", "hub", ["oslo"])
    (tree,) = growing.grow(asked)
    assert len(tree.tree) <= 16 and tree.tree.truncated
    # Half of the room is the second level's: what the question spells is there to its end.
    assert ("works for", "city") in names(graph, tree.tree)
    assert tree.match[names(graph, tree.tree).index(("works for", "city"))] == 1.0
    assert growing.counts.cut_trees == 1
    (other,) = growing.grow(question(1, "What is its relationc7?", "hub", ["end relationc7"]))
    assert ("relationc7",) in names(graph, other.tree)
    assert ("relationc7",) not in names(graph, tree.tree)
    assert other.match[names(graph, other.tree).index(("relationc7",))] == 1.0


def test_a_crowded_topic_is_tried_whole_only_once(monkeypatch):
    growing, grown_with = grower(crowd(), TreeShape(2, "forward", most=16)), []

    def listening(graph, topic, shape, relevance=None):
        grown_with.append(relevance is not None)
        return grow_tree(graph, topic, shape, relevance)

    monkeypatch.setattr(question_trees, "grow_tree", listening)
    for n in range(3):
        growing.grow(question(n, "What is its relationc7?", "hub", []))
    assert grown_with == [False, True, True, True]


def test_gold_answers_that_were_crowded_out_are_counted():
    """The retrieval ceiling: what a tree cut to size no longer reaches."""
    graph = crowd()
    asked = [
        question(0, "In which city?", "hub", ["oslo"]),
        question(1, "What is its relationc7?", "hub", ["end relationc7"]),
    ]
    for most, unreachable in ((16, 1), (64, 0)):
        growing = grower(graph, TreeShape(2, "forward", most=most))
        for one in asked:
            growing.grow(one)
        assert (growing.counts.used, growing.counts.unreachable) == (2, unreachable)
