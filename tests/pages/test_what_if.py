"""The page Teacher: what it would say without a fact, an entity or a word."""

from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import BIDEN, SCRANTON, named
from stand_ins.screens import address, button, clean, open_page, words

from core.results.trace import Trace, WalkedEdge
from core.results.what_if import AnswerChange
from core.runs import resident
from core.settings import WhatIfSettings
from pages.teach import what_if

BORN = "joe_biden|born_in|scranton"
CITY = "scranton|city_of|usa"
KEY = "teach.what_if"


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """What the resident worker is asked, one `(recipe, settings)` each."""
    st.cache_resource.clear()
    st.cache_data.clear()
    asked = []

    def call(store, recipe, settings, timeout=120):
        asked.append((recipe, settings))
        return results.resident_call(store, recipe, settings)

    monkeypatch.setattr(resident, "call", call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)
    return asked


def opened(**query: str) -> screens.AppTest:
    screens.make_world()
    return clean(open_page("teach/teacher", view="what_if", q="q2", **query))


def walked_back() -> Trace:
    """A reasoning whose second hop walks its first fact back, and another fact backward."""
    trace = results.trace()
    back = (
        (BIDEN, named("~born_in", "~born in"), 0.9),
        (named("film"), named("~shot_in", "~shot in"), 0.1),
    )
    further = [
        WalkedEdge(source=SCRANTON, relation=relation, target=target, hop=2, probability=share)
        for target, relation, share in back
    ]
    return replace(trace, edges=(*trace.edges, *further))


def test_nothing_is_supposed_before_something_is_taken_away(asked):
    app = opened()
    assert "Nothing is taken away yet" in words(app)
    assert [recipe for recipe, _ in asked] == ["explain_question"]
    assert button(app, "Put all back").disabled


def test_a_fact_is_taken_away_and_put_back(asked):
    app = opened()
    app.multiselect(key=f"{KEY}.fact").set_value([BORN]).run()
    recipe, settings = asked[-1]
    assert (recipe, settings.without_edges) == ("suppose_otherwise", (BORN,))
    said = words(clean(app))
    assert "The answer becomes Delaware (100%); it was USA (58%)." in said
    assert "**58.0%** of the probability moved." in said
    assert address(app, "without_fact") == BORN
    tables = [table.value for table in app.main.dataframe if "without" in table.value]
    assert list(tables[0]["without"]) == [0.0, 1.0]
    assert tables[0]["Path"][0] == "✕ born_in → city_of"
    assert "✕ This path is no longer there." in said
    button(app, "Put all back").click().run()
    assert "without_fact" not in clean(app).query_params
    assert "Nothing is taken away yet" in words(app)


def test_what_is_away_comes_from_the_address_and_what_is_unknown_is_not(asked):
    app = opened(without_fact=CITY, without_entity="nobody", without_word="2")
    _, settings = asked[-1]
    assert settings.without_edges == (CITY,)
    assert settings.without_entities == ()
    assert settings.without_words == ("nationality",)
    assert "without_entity" not in app.query_params


def test_another_question_begins_with_nothing_away():
    app = opened(without_fact=CITY)
    app.text_input(key="teach.question").set_value("Another?").run()
    assert app.multiselect(key=f"{KEY}.fact").value == []
    assert "without_fact" not in clean(app).query_params


def test_where_nothing_moves_it_says_so():
    said = words(opened(without_word="0"))
    assert "Nothing changes: the teacher did not rely on this." in said


def test_the_words_are_those_of_the_question_without_its_topic():
    trace = replace(results.trace(), words=("who", "Joe Biden", "\ue001", "who", "?"))
    assert what_if.question_words(trace) == {"0": "who", "4": "?"}


def test_a_fact_walked_both_ways_is_one_and_stands_as_the_graph_has_it():
    found = what_if.facts(walked_back())
    assert {fact: one.share for fact, one in found.items()} == {
        BORN: 0.9,
        CITY: 0.58,
        "film|shot_in|scranton": 0.1,
    }
    assert found["film|shot_in|scranton"].relation.label == "shot in"


def test_the_topic_cannot_be_taken_away():
    assert set(what_if.entities(walked_back())) == {"scranton", "usa", "film"}


def test_what_is_away_is_drawn_as_such():
    away = {"fact": [CITY], "entity": ["film"], "word": []}
    nodes, edges = what_if.drawn(walked_back(), away)
    assert {node["id"]: (node["level"], node["role"]) for node in nodes} == {
        "joe_biden": (0, "topic"),
        "scranton": (1, "other"),
        "usa": (2, "answer"),
        "film": (2, "removed"),
    }
    assert {edge["id"]: edge["role"] for edge in edges} == {
        BORN: "path",
        CITY: "removed",
        "film|shot_in|scranton": "removed",
    }


@pytest.mark.parametrize(("limit", "value"), [("MOST_DRAWN", 1), ("LEAST_DRAWN", 0.59)])
def test_what_is_improbable_is_drawn_only_when_it_is_away(monkeypatch, limit, value):
    monkeypatch.setattr(what_if, limit, value)
    for away, shown in (([], [BORN]), ([CITY], [BORN, CITY])):
        _, edges = what_if.drawn(results.trace(), {"fact": away, "entity": [], "word": []})
        assert [edge["id"] for edge in edges] == shown


def test_what_hardly_shows_has_no_bar_unless_it_is_all_there_is():
    assert what_if._tallest([("a", 0.9, 0.0), ("b", 0.001, 0.5), ("c", 0.004, 0.001)]) == [
        ("a", 0.9, 0.0),
        ("b", 0.001, 0.5),
    ]
    assert what_if._tallest([("c", 0.004, 0.0), ("d", 0.001, 0.0)]) == [("c", 0.004, 0.0)]
    assert what_if._tallest([]) == []


@pytest.mark.parametrize(
    ("answers", "moved", "sentence"),
    [
        ([], 1.0, "no answer"),
        ([("usa", 0.9, 0.0)], 1.0, "no answer"),
        ([("usa", 0.9, 0.9)], 0.0001, "Nothing changes"),
        ([("usa", 0.9, 0.6), ("uk", 0.1, 0.4)], 0.3, "stays Usa: 90% before, 60% now"),
        ([("usa", 0.9, 0.4), ("uk", 0.1, 0.6)], 0.5, r"becomes Uk (60%); it was Usa (90%)"),
    ],
)
def test_the_verdict(answers, moved, sentence):
    told = tuple(
        AnswerChange(**vars(named(name)), before=was, after=now) for name, was, now in answers
    )
    supposed = results.what_if(WhatIfSettings(teacher="demo", question="?"))
    assert sentence in what_if._verdict(replace(supposed, answers=told, moved=moved))


def test_that_the_graph_no_longer_says_is_a_verdict_of_its_own():
    supposed = results.what_if(WhatIfSettings(teacher="demo", question="?"))
    gone = replace(supposed.paths[0], relations=("∄x",), labels=("∄mayor",), before=0.0, after=0.9)
    told = replace(supposed, paths=(*supposed.paths, gone), moved=0.9)
    assert "does not say (looked for: mayor) 90%; before it was USA" in what_if._verdict(told)
    assert what_if._path_name(gone) == "no mayor here"


def test_in_chinese():
    said = words(opened(lang="zh", without_fact=BORN))
    assert "答案变成 Delaware（100%），原来是 USA（58%）。" in said
