from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from core.graph.knowledge_graph import KnowledgeGraph
from core.graph.linking import Linker, mask
from core.graph.path_tree import TreeShape, grow_tree, relation_codes
from core.questions.formats import read_questions
from core.records import TOPIC_MARK
from core.teacher.lexical_matching import (
    BACKWARD,
    PARAPHRASE,
    path_distribution,
    path_scores,
    pieces,
    spelled_relations,
)
from core.teacher.question_encoder import split_words
from tests.family_graph import names_of

TRIPLES = [
    ("dora", "place of birth", "lima"),
    ("dora", "parents", "bob"),
    ("bob", "parents", "ann"),
    ("bob", "profession", "baker"),
    ("bob", "nationality", "peru"),
]
GRAPH = KnowledgeGraph.build("g", TRIPLES)


def scores(graph, topic, text, directions="forward", hops=2):
    """Relation path to score, by name."""
    tree = grow_tree(graph, graph.entity(topic), TreeShape(hops, directions))
    found = path_scores(spelled_relations(graph), tree, split_words(text))
    names = [names_of(graph, tree.prefix(node)) for node in range(len(tree))]
    return dict(zip(names, found.tolist(), strict=True))


def best(found):
    return max(found, key=found.get)


# --- pieces -------------------------------------------------------------------------------------


def test_characters_and_shares_of_words_are_pieces():
    assert pieces(split_words("国籍 国")) == {"国": 2, "籍": 1}
    ox = pieces(["ox"])
    assert ox == pytest.approx({"<ox>": 1 / 3, "<ox": 1 / 3, "ox>": 1 / 3})
    assert sum(pieces(["nationality", "nationality"]).values()) == pytest.approx(2)


def test_what_every_question_has_is_no_piece():
    assert pieces(split_words(f"what is the  {TOPIC_MARK} 's of ?")) == {}
    assert pieces(split_words(f"请问你知道{TOPIC_MARK}的国籍是什么吗？")) == {"国": 1, "籍": 1}
    assert pieces(split_words("什国么")) == {"什": 1, "国": 1, "么": 1}  # no small word any more


# --- scores -------------------------------------------------------------------------------------


def test_a_label_that_is_the_question_scores_one_and_one_unheard_nothing():
    found = scores(GRAPH, "dora", "nationality parents")
    assert found["parents", "nationality"] == pytest.approx(1)
    assert found[()] == 0
    assert scores(GRAPH, "dora", "?")["parents",] == 0


def test_the_score_written_out():
    triples = [("x", "国籍", "y"), ("y", "国名字", "z")]
    graph = KnowledgeGraph.build("g", triples)
    # Of R = 2 relations both have 国: w = log 2 / log 3; the others are in one: w = 1, as 信 is.
    common = np.log(2) / np.log(3)
    average = (1 + common + 2 + common) / 2
    found = scores(graph, "x", "籍信")
    both, question = 1, 2
    for path, label in ((("国籍",), 1 + common), (("国籍", "国名字"), 3 + 2 * common)):
        unsaid = average * len(path) * (1 - both / label)
        reworded = min(question - both, unsaid)
        wanted = 2 * (both + PARAPHRASE * reworded) / (question + both + unsaid)
        assert found[path] == pytest.approx(wanted)


def test_a_label_that_is_not_asked_for_is_no_likelier_for_its_length():
    """Nothing of what is asked is spelled in either label."""
    triples = [("x", "colour", "y"), ("x", "year of the first release", "z")]
    graph = KnowledgeGraph.build("g", triples)
    found = scores(graph, "x", "who is it", hops=1)
    assert found["colour",] == found["year of the first release",] == 0
    found = scores(graph, "x", "which book", hops=1)
    assert found["colour",] == pytest.approx(found["year of the first release",])
    assert 0 < found["colour",] < PARAPHRASE


def test_a_piece_counts_as_often_as_both_say_it():
    once = scores(GRAPH, "dora", "parents")
    twice = scores(GRAPH, "dora", "parents of parents")
    assert best(once) == ("parents",)
    assert best(twice) == ("parents", "parents")


def test_spelling_resembles():
    assert best(scores(GRAPH, "dora", f"where was {TOPIC_MARK} born : birthplace")) == (
        "place of birth",
    )
    assert best(scores(GRAPH, "dora", f"what nation does the parent of {TOPIC_MARK} live in")) == (
        "parents",
        "nationality",
    )


def test_what_is_left_of_the_question_may_be_said_in_other_words():
    asked = f"what does a parent of {TOPIC_MARK} work for a living"
    assert len(best(scores(GRAPH, "dora", asked))) == 2
    assert best(scores(GRAPH, "dora", f"who is a parent of {TOPIC_MARK}")) == ("parents",)


def test_a_hop_walked_backward_weighs_more():
    found = scores(GRAPH, "bob", "parents", directions="both", hops=1)
    assert found["parents",] == pytest.approx(1)
    assert found["~parents",] == pytest.approx(2 / (2 + BACKWARD))


def test_a_label_of_small_words_alone_is_not_for_nothing():
    graph = KnowledgeGraph.build("g", [("x", "is_a", "y"), ("y", "colour", "z")])
    assert scores(graph, "x", "colour of its kind")["is_a",] < 0.5
    found = scores(KnowledgeGraph.build("g", [("x", "is_a", "y")]), "x", "colour")
    assert found["is_a",] == pytest.approx(PARAPHRASE)


def test_labels_in_any_language_match():
    labels = pa.table(
        {"id": ["r1", "r2"], "label:en": ["spouse", "child"], "label:zh": ["配偶", "子女"]}
    )
    graph = KnowledgeGraph.build("g", [("x", "r1", "y"), ("x", "r2", "z")], relations=labels)
    assert best(scores(graph, "x", f"{TOPIC_MARK}的配偶是谁")) == ("r1",)
    assert best(scores(graph, "x", "the child")) == ("r2",)
    assert scores(graph, "x", "child")["r2",] == pytest.approx(1)


# --- the distribution ---------------------------------------------------------------------------


def test_the_distribution_by_hand():
    found = path_distribution(np.array([0.0, 0.5, 0.5 + 0.1 * np.log(3)]), 0.1)
    assert found == pytest.approx([0, 0.25, 0.75])
    assert path_distribution(np.array([0.0, 0.2, 0.9]), 1e-4) == pytest.approx([0, 0, 1])
    assert path_distribution(np.zeros(1)).tolist() == [0]  # nothing leaves the topic


# --- the public data, where they are at hand ----------------------------------------------------

DATA = Path(__file__).parents[3] / "shared" / "data" / "nlpcc_mh"


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data are not at hand")
def test_without_training_most_chinese_questions_are_answered():
    lines = (DATA / "kg.tsv").read_text(encoding="utf-8").splitlines()
    graph = KnowledgeGraph.build("nlpcc", [tuple(line.split("\t")) for line in lines])
    questions, _ = read_questions("nlpcc-mh", [DATA / "nlpcc-mh.train.json"], graph)
    linker, spelled = Linker(graph), spelled_relations(graph)
    right = 0
    for question in questions[::20]:
        topic = graph.entity(question.topics[0])
        tree = grow_tree(graph, topic, TreeShape(3, "forward"))
        words = split_words(mask(linker, question.text, topic, f" {TOPIC_MARK} "))
        gold = tree.find(relation_codes(graph, question.paths[0]))
        right += int(np.argmax(path_scores(spelled, tree, words))) == gold
    assert right / len(questions[::20]) > 0.92
