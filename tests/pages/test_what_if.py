"""What would be said with a fact more, or without a fact, an entity or a word."""

from dataclasses import replace
from unittest import mock

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import BIDEN, SCRANTON, likely, named
from stand_ins.screens import address, clean, open_page, words

from core.errors import NotFound
from core.graph.knowledge_graph import KnowledgeGraph
from core.results.trace import Trace, WalkedEdge
from core.runs import resident
from pages.parts.answers import what_if
from pages.parts.answers.teacher_answer import teacher_answer
from pages.parts.answers.what_if import Asked, WhatIf
from pages.parts.state import open_graph

BORN = "joe_biden|born_in|scranton"
CITY = "scranton|city_of|usa"
KEY = "teach.trace"


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
    return clean(open_page("teach/teacher", view="watch", q="q2", **query))


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


def take(app, kind, what):
    """Take something away, or put it back, as a click on the stage does."""
    with mock.patch.object(st, "session_state", app.session_state):
        graph = open_graph("demo")
        WhatIf(Asked.of_trace(results.trace()), graph, KEY).change(kind, what)
    return clean(app.run())


def test_nothing_is_supposed_before_something_is_taken_away(asked):
    opened()
    assert [settings.without_edges for _, settings in asked] == [()]


def test_a_relation_is_taken_away_with_the_facts_that_it_walks_and_put_back(asked):
    app = take(opened(), "step", "topic\nborn_in")
    recipe, settings = asked[-1]
    assert (recipe, settings.without_edges) == ("explain_question", (BORN,))
    said = words(app)
    assert "The answer becomes Delaware (90 %); it was USA (89 %)." in said
    assert "**How sure:**" in said
    assert address(app, "without_step") == "born_in"
    app = take(app, "step", "topic\nborn_in")
    assert "without_step" not in app.query_params
    assert "The answer becomes" not in words(app)


def test_all_is_put_back_at_once():
    app = take(take(opened(), "step", "topic\nborn_in"), "word", "2")
    assert address(app, "without_word") == "2"
    app = take(app, "all", "")
    assert not {"without_step", "without_word"} & {*app.query_params}


def test_a_single_fact_is_taken_away_from_its_list(asked):
    app = opened()
    app.selectbox(key=f"{KEY}.fact.one").set_value(BORN).run()
    assert asked[-1][1].without_edges == (BORN,)
    assert address(clean(app), "without_fact") == BORN
    assert app.selectbox(key=f"{KEY}.fact.one").value is None


def test_what_is_away_comes_from_the_address_and_what_is_unknown_is_not(asked):
    app = opened(without_fact=CITY, without_entity="nobody", without_word="2", without_step="x|y")
    _, settings = asked[-1]
    assert settings.without_edges == (CITY,)
    assert settings.without_entities == ()
    assert settings.without_words == ("nationality",)
    assert not {"without_entity", "without_step"} & {*app.query_params}


def test_another_question_begins_with_nothing_away():
    app = opened(without_fact=CITY)
    app.text_input(key="teach.question").set_value("Another?").run()
    assert "without_fact" not in clean(app).query_params


def test_where_nothing_moves_it_says_so():
    said = words(opened(without_word="0"))
    assert "Nothing changes: this was not relied on." in said


def test_where_nothing_leads_on_it_says_so_and_can_be_put_back(monkeypatch):
    def call(store, recipe, settings, timeout=120):
        if settings.without_edges:
            raise NotFound("No relation leads on.")
        return results.trace()

    monkeypatch.setattr(resident, "call", call)
    app = opened(without_step="born_in")
    assert "No relation leads on." in words(app)
    take(app, "step", "topic\nborn_in")


def test_more_facts_than_can_be_taken_away_at_once_are_not(monkeypatch, asked):
    monkeypatch.setattr(what_if, "MOST_TEXTS", 0)
    app = opened(without_step="born_in")
    assert "This takes 1 fact away; 0 can be taken away at once." in words(app)
    assert [settings.without_edges for _, settings in asked] == [()]


def test_a_step_walks_all_facts_from_where_it_is_chosen():
    triples = [("a", "r", "b"), ("a", "r", "c"), ("b", "s", "d"), ("c", "s", "d"), ("d", "s", "a")]
    graph = KnowledgeGraph.build("g", triples)
    assert set(what_if.step_facts(graph, "a", ("r", "s"))) == {"b|s|d", "c|s|d"}
    assert what_if.step_facts(graph, "d", ("~s",)) == ["d|~s|b", "d|~s|c"]
    assert what_if.step_facts(graph, "a", ("s",)) == []


def test_the_words_are_those_of_the_question_without_its_topic():
    trace = replace(results.trace(), words=("who", "Joe Biden", "\ue001", "who", "?"))
    assert Asked.of_trace(trace).silenced() == {"0": "who", "4": "?"}


def test_a_fact_walked_both_ways_is_one_and_stands_as_the_graph_has_it():
    found = Asked.of_trace(walked_back()).facts
    assert {fact: one.share for fact, one in found.items()} == {
        BORN: 0.9,
        CITY: 0.58,
        "film|shot_in|scranton": 0.1,
    }
    assert found["film|shot_in|scranton"].relation.label == "shot in"


def test_the_topic_cannot_be_taken_away():
    assert set(Asked.of_trace(walked_back()).entities) == {"scranton", "usa", "film"}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ([], "no answer"),
        ([("usa", 0.89)], "Nothing changes"),
        ([("usa", 0.6)], "stays USA: 89 % before, 60 % now"),
        ([("uk", 0.6), ("usa", 0.4)], "becomes Uk (60 %); it was USA (89 %)"),
    ],
)
def test_the_verdict(answers, sentence):
    told = tuple(likely(named(name, {"usa": "USA"}.get(name)), share) for name, share in answers)
    was = results.trace()
    paths = was.paths if answers == [("usa", 0.89)] else ()
    now = replace(was, answers=told, paths=paths)
    assert sentence in what_if.verdict(teacher_answer(was), teacher_answer(now))


def test_that_the_graph_no_longer_says_is_a_verdict_of_its_own():
    was, now = results.trace(), replace(results.trace_in_vain(), answers=())
    was, now = map(teacher_answer, (was, now))
    assert "does not say (looked for: ← mayor) 97 %; before it was USA" in what_if.verdict(was, now)
    assert "Now the answer is USA (89 %); before, the graph" in what_if.verdict(now, was)
    less = replace(now, missing=0.9)
    assert "still does not say: 97 % before, 90 % now" in what_if.verdict(now, less)


def test_in_chinese():
    said = words(opened(lang="zh", without_fact=BORN))
    assert "答案变成 Delaware（90 %），原来是 USA（89 %）。" in said


# --- with a fact more -----------------------------------------------------------------------------


def test_a_fact_that_is_not_there_is_supposed_and_taken_back(asked):
    app = opened()
    app.selectbox(key=f"{KEY}.head").set_value("scranton").run()
    relation = app.selectbox(key=f"{KEY}.relation")
    relation.set_value(relation.options.index("born in")).run()
    start = f"{KEY}.tail.scranton|born_in"
    app.text_input(key=f"{start}.text").set_value("delaware").run()
    (box,) = [one for one in app.selectbox if str(one.key).startswith(f"{start}.choice")]
    app = clean(box.select_index(0).run())
    fact = "scranton|born_in|university_of_delaware"
    assert asked[-1][1].with_edges == (fact,)
    assert address(app, "with_fact") == fact
    assert "the graph itself stays as it is" in words(app)
    assert app.text_input(key=f"{start}.text").value == ""
    app = take(app, "more", fact)
    assert "with_fact" not in app.query_params


def test_a_fact_of_what_the_graph_does_not_have_is_not_supposed(asked):
    app = opened(with_fact="scranton|mayor|nobody")
    assert asked[-1][1].with_edges == ()
    assert "with_fact" not in clean(app).query_params


# --- on the page Ask ------------------------------------------------------------------------------


def answered(settings):
    """A student's answer, whose path begins at the topic; without its first fact it says no."""
    whole = results.answer(settings.question)
    hop = replace(whole.paths[0].hops[0], head=BIDEN, relation=named("born_in"), tail=SCRANTON)
    path = replace(whole.paths[0], relations=("born_in",), hops=(hop,), answers=(SCRANTON,))
    said = {"paths": (path,), "answers": (likely(SCRANTON, 0.8),), "words": ("where", "born")}
    if not settings.without_edges:
        return replace(whole, **said)
    return replace(whole, **said | {"paths": (), "answers": ()})


def test_on_ask_a_fact_is_taken_away_and_the_student_asked_anew(monkeypatch):
    asked = []

    def call(store, recipe, settings, timeout=120):
        asked.append(settings)
        return answered(settings)

    monkeypatch.setattr(resident, "call", call)
    screens.make_world()
    app = clean(open_page("ask/ask", ask="Where was he born?", without_fact=BORN))
    assert [one.without_edges for one in asked] == [(), (BORN,)]
    assert "No path is left, and so no answer." in words(app)
    assert len(app.main.header) == 1, "the answer itself stays"
    app = clean(open_page("ask/ask", ask="Where was he born?", without_word="1"))
    assert asked[-1].without_words == ("born",)
    assert "Nothing changes" in words(app)


def test_on_ask_an_address_of_another_question_supposes_nothing(monkeypatch):
    asked = []

    def call(store, recipe, settings, timeout=120):
        asked.append(settings)
        return answered(settings)

    monkeypatch.setattr(resident, "call", call)
    screens.make_world()
    app = clean(open_page("ask/ask", without_fact=BORN))
    app.text_input(key="ask.typed").set_value("Where was he born?")
    screens.button(app, "Ask").click().run()
    assert [one.without_edges for one in asked] == [()]
    assert "without_fact" not in clean(app).query_params
