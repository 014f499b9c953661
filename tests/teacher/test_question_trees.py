"""Question trees: what is counted, what is matched, what surrounds a topic, what a batch holds."""

import numpy as np
import pytest
import torch

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker
from core.graph.path_tree import TreeShape, grow_tree
from core.records import Question
from core.teacher.question_encoder import LONGEST, RelationWords
from core.teacher.question_trees import (
    FANOUT,
    POOLED,
    Census,
    EntityKinds,
    TreeGrower,
    batch_trees,
    match_answers,
    surroundings,
)
from tests.family_graph import family
from tests.question_trees import grown, names, question


@pytest.fixture
def graph(tmp_path):
    return family(tmp_path)


def test_the_census_counts_every_kind_of_question(graph):
    grower = TreeGrower(graph, Linker(graph), TreeShape(2))
    usable = [
        question(0, "spouse of Carl Berg", "carl", ["gina"], [("spouse",), ("child", "spouse")]),
        question(1, "who?", "dora", ["zed"]),  # nothing reaches zed
        question(2, "who?", "dora", [], [("no_such",)]),  # no answers known: not unreachable
        question(3, "so " * (LONGEST + 1), "emma", ["finn"]),
    ]
    unusable = [
        Question("a", "both?", "en", ("ann", "bob"), ("carl",)),
        Question("b", "none?", "en", (), ("carl",)),
        question("c", "who?", "nobody", ["carl"]),
        question("d", "who?", "zed", ["carl"]),
    ]
    assert all(grower.grow(one) is not None for one in usable)
    assert [grower.grow(one) for one in unusable] == [None] * 4
    assert grower.census == Census(
        used=4,
        several_topics=2,
        unknown_topic=1,
        nothing_around=1,
        unreachable=1,
        gold_missing=2,
        cut_words=1,
        cut_trees=0,
    )
    narrow = TreeGrower(graph, Linker(graph), TreeShape(2, widest=1))
    narrow.grow(usable[1])
    assert narrow.census.cut_trees == 1


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
        name
        for name, is_gold in zip(names(graph, tree.around.tree), tree.gold, strict=True)
        if is_gold
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


def test_kinds_of_entities_by_hand(graph):
    asked = [graph.entity(name) for name in ("bob", "zed", "dora", "bob", "peru", "zed")]
    offsets, codes, weights = EntityKinds(graph).rows(np.array(asked))
    bounds = [*offsets.tolist(), len(codes)]
    rows = [
        {
            graph.relation_id(code): weight
            for code, weight in zip(
                codes[begin:end].tolist(), weights[begin:end].tolist(), strict=True
            )
        }
        for begin, end in zip(bounds, bounds[1:], strict=False)
    ]
    sixth = dict.fromkeys(("child", "friend", "nationality", "spouse", "~friend", "~spouse"), 1 / 6)
    dora = {"nationality": 0.5, "~child": 0.5}  # two parents, one kind
    assert rows == [sixth, {}, dora, sixth, {"~nationality": 1.0}, {}]


def test_surroundings_hold_the_graph_between_the_frontiers(graph):
    tree = grow_tree(graph, graph.entity("dora"), TreeShape(1))
    around = surroundings(graph, tree)
    local = [graph.entity_id(e) for e in around.entities]
    assert local == ["ann", "bob", "dora", "peru"]
    edges = {
        (local[s], graph.relation_id(code), local[t])
        for (s, t), code in zip(around.edges.T, around.codes, strict=True)
    }
    forward = {
        ("ann", "child", "dora"),
        ("ann", "spouse", "bob"),
        ("bob", "child", "dora"),
        ("bob", "friend", "bob"),
        ("bob", "nationality", "peru"),
        ("bob", "spouse", "ann"),
        ("dora", "nationality", "peru"),
    }
    assert edges == forward | {(t, "~" + r, h) for h, r, t in forward}
    pairs = zip(around.pooled_node.tolist(), (local[e] for e in around.pooled_entity), strict=True)
    assert set(pairs) == {(0, "dora"), (1, "peru"), (2, "ann"), (2, "bob")}


def test_large_frontiers_are_pooled_evenly_and_hubs_speak_through_few_edges():
    triples = [("hub", "r", f"e{n:03}") for n in range(3 * POOLED)]
    graph = KnowledgeGraph.build("g", [*triples, ("hub", "s", "e000")])
    around = surroundings(graph, grow_tree(graph, graph.entity("hub"), TreeShape(1)))
    pooled = around.entities[around.pooled_entity[around.pooled_node == 1]]
    assert [graph.entity_id(e) for e in pooled] == [f"e{3 * n:03}" for n in range(POOLED)]
    hub = int(np.searchsorted(around.entities, graph.entity("hub")))
    from_hub = around.codes[around.edges[0] == hub]
    # Of the hub's first FANOUT edges along r those to pooled entities stay, and its one along s.
    assert (from_hub == graph.relation("r")).sum() == -(-FANOUT // 3)
    assert (from_hub == graph.relation("s")).sum() == 1


def test_a_batch_sorts_nodes_by_depth_and_maps_back(graph):
    asked = [question(0, "who is it", "dora", ["peru"]), question(1, "who", "emma", ["gina"])]
    trees = grown(graph, TreeShape(2), asked)
    batch = batch_trees(trees, RelationWords.of(graph))
    both = [
        (number, prefix)
        for number, tree in enumerate(trees)
        for prefix in names(graph, tree.around.tree)
    ]
    laid = [both[place] for place in batch.order]
    assert [len(prefix) for _, prefix in laid] == sorted(len(prefix) for _, prefix in both)
    assert batch.levels == [0, 2, 2 + sum(len(p) == 1 for _, p in both), len(both)]
    assert batch.question.tolist() == [number for number, _ in laid]
    for node, (number, prefix) in enumerate(laid):
        if prefix:
            assert laid[batch.parent[node]] == (number, prefix[:-1])
            assert graph.relation_id(batch.relation[node]) == prefix[-1]
    match = np.concatenate([tree.match for tree in trees])[batch.order]
    assert torch.equal(batch.match, torch.as_tensor(match))
    assert [batch.words[i] for i in batch.word_index[0]] == ["who", "is", "it"]
    assert [batch.words[i] for i in batch.word_index[1, : batch.lengths[1]]] == ["who"]
