"""Supposing that something were not there: what is gone, what moves, and what stays."""

import json

import pytest

from core.errors import NotFound
from core.recipes import explain_question, suppose_otherwise
from core.report import Silent
from core.settings import ExplainSettings, WhatIfSettings

QUESTION = "What is the nationality of Bob Berg's children?"


def suppose(world, **without):
    wanted = WhatIfSettings(teacher="t", question=QUESTION, **without)
    return suppose_otherwise.run(wanted, Silent(), world).as_record()


def by_path(supposed, side):
    return {tuple(path["relations"]): path[side] for path in supposed["paths"]}


def test_with_nothing_removed_nothing_moves(world):
    supposed = suppose(world)
    assert json.loads(json.dumps(supposed, allow_nan=False)) == supposed
    assert supposed["moved"] == 0.0
    assert all(path["before"] == path["after"] > 0 for path in supposed["paths"])
    trace = explain_question.run(
        ExplainSettings(teacher="t", question=QUESTION), Silent(), world
    ).as_record()
    told = {tuple(path["relations"]): path["probability"] for path in trace["paths"]}
    mine = by_path(supposed, "before")
    both = [path for path in told if path in mine]  # those that are missing stand among them
    assert len(both) > 1
    assert [mine[path] for path in both] == pytest.approx([told[p] for p in both], rel=1e-5)


def test_without_a_fact_the_paths_that_need_it_are_gone(world):
    # Bob's children are Carl and Dora; only Dora's nationality is Peru.
    supposed = suppose(world, without_edges=("bob|child|dora",))
    answers = {answer["id"]: answer for answer in supposed["answers"]}
    assert answers["peru"]["after"] < answers["peru"]["before"]
    assert supposed["moved"] > 0
    assert supposed["removed"]["edges"][0]["tail"]["id"] == "dora"
    both = suppose(world, without_edges=("bob|child|dora", "bob|child|carl"))
    gone = {tuple(path["relations"]) for path in both["paths"] if path["gone"]}
    assert ("child",) in gone and ("child", "nationality") in gone
    assert all(path["after"] == 0 for path in both["paths"] if path["gone"])
    assert sum(by_path(both, "after").values()) == pytest.approx(1, abs=0.2)


def test_without_an_entity_nothing_leads_there(world):
    supposed = suppose(world, without_entities=("peru",))
    assert {answer["id"]: answer["after"] for answer in supposed["answers"]}["peru"] == 0


def test_without_a_word_the_graph_is_the_same_and_the_question_another(world):
    supposed = suppose(world, without_words=("nationality",))
    assert not any(path["gone"] for path in supposed["paths"])
    assert supposed["moved"] > 0
    assert suppose(world, without_words=("Nationality",))["moved"] == supposed["moved"]


def test_without_anything_that_leads_on_there_is_no_answer(world):
    facts = ("friend|bob", "nationality|peru", "spouse|ann", "child|carl", "child|dora")
    edges = [f"bob|{fact}" for fact in facts] + ["ann|spouse|bob"]
    supposed = suppose(world, without_edges=tuple(edges))
    assert all(path["gone"] for path in supposed["paths"])
    assert supposed["answers"] and all(one["after"] == 0 for one in supposed["answers"])
    assert supposed["moved"] == pytest.approx(0.5)


def test_with_a_fact_more_there_are_paths_more(world):
    # Gina is the spouse of a child of Bob's, and no child herself.
    supposed = suppose(world, with_edges=("bob|child|gina", "gina|nationality|peru"))
    answers = {answer["id"]: answer for answer in supposed["answers"]}
    assert answers["gina"]["before"] < answers["gina"]["after"]
    assert [fact["tail"]["id"] for fact in supposed["added"]] == ["gina", "peru"]
    told = explain_question.run(
        ExplainSettings(teacher="t", question=QUESTION, with_edges=("bob|child|gina",)),
        Silent(),
        world,
    )
    (child,) = [node for node in told.hops[0].nodes if node.path == ("child",)]
    assert child.frontier_size == 3
    assert told.topics[0].id == "bob"


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ({"without_edges": ("bob|child|gina",)}, "has no fact 'bob|child|gina'; write it as head"),
        ({"without_edges": ("bob",)}, "has no fact 'bob'"),
        ({"without_entities": ("nobody",)}, "has no entity 'nobody'"),
        ({"without_entities": ("bob",)}, "Without the topic itself there is nothing to ask about"),
        ({"with_edges": ("bob|child|nobody",)}, "not all that 'bob|child|nobody' names; write a"),
        ({"without_words": ("gold",)}, "no word 'gold'; its words are: what is the nationality of"),
    ],
)
def test_what_is_not_there_cannot_be_removed(world, without, sentence):
    with pytest.raises(NotFound, match=sentence.replace("|", r"\|")):
        suppose(world, **without)
