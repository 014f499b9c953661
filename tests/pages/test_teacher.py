"""The page Teacher: train one, and watch it reason."""

import os
from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.screens import Submitted, add_run, address, as_read, button, clean, open_page, words

from core.errors import NotFound
from core.records import Question
from core.results.trace import FirstDifference, MetPaths, TopicTrace, Trace
from core.runs import client, resident
from core.runs.store.store import RunState
from core.settings import TeacherSettings
from core.workspace import Workspace

QUESTION = "What is Joe Biden's nationality?"
TRAINING = TeacherSettings(name="t", graph="demo", questions="demo")


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr(resident, "call", results.resident_call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)


def watched() -> screens.AppTest:
    screens.make_world()
    app = clean(open_page("teach/teacher"))
    app.text_input(key="teach.question").set_value(QUESTION).run()
    return clean(app)


def test_empty_workspace_leads_to_the_graph():
    said = words(clean(open_page("teach/teacher")))
    assert "needs a graph" in said
    assert "Go to Graph" in said


def test_without_questions_it_leads_to_them():
    screens.make_world()
    Workspace().delete("questions", "demo")
    said = words(clean(open_page("teach/teacher", view="train")))
    assert "learns from questions" in said


def test_training_is_submitted_and_followed(monkeypatch):
    screens.make_world()
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("teach/teacher", view="train"))
    button(app, "Train").click().run()
    ((recipe, settings),) = submitted
    assert recipe == "train_teacher"
    assert settings == TeacherSettings(name="demo-2", graph="demo", questions="demo")
    assert address(app, "run") == "new-1"
    assert "Training demo-2" in words(clean(app)).replace("\\", "")


def test_what_matters_most_is_asked_first_and_the_rest_is_folded():
    screens.make_world()
    app = clean(open_page("teach/teacher", view="train"))
    (folded,) = [one for one in app.main.expander if one.label == "More settings"]
    inside = {one.key for kind in ("text_input", "number_input") for one in getattr(folded, kind)}
    shown = {one.key for kind in ("text_input", "number_input") for one in getattr(app, kind)}
    assert shown - inside == {f"teach.form.{name}" for name in ("name", "encoder", "precision")}
    assert "teach.form.max_paths" in inside


def test_after_training_one_click_leads_to_watching():
    screens.make_world()
    run = TRAINING.model_copy(update={"name": "demo"})
    add_run("train_teacher", run, RunState.SUCCEEDED, run_id="run-2", result={"name": "demo"})
    app = clean(open_page("teach/teacher", run="run-2"))
    button(app, "Watch it reason").click().run()
    assert "run" not in app.query_params
    assert address(clean(app), "teacher") == "demo"


def test_a_running_training_is_followed_by_its_address():
    add_run("train_teacher", TRAINING, stage="teacher", pid=os.getpid())
    assert "Stop" in words(clean(open_page("teach/teacher", run="run-1")))


def test_examples_come_from_the_test_questions_and_fill_the_field():
    screens.make_world()
    app = clean(open_page("teach/teacher"))
    example = app.selectbox(key="teach.example")
    assert example.options[0] == QUESTION
    example.set_value(QUESTION).run()
    assert app.text_input(key="teach.question").value == QUESTION
    assert "The best paths" in words(clean(app))


def at_hop(app: screens.AppTest, hop: int) -> screens.AppTest:
    """The page when the reader has stepped to a hop of the stage."""
    app.session_state["teach.trace.stage"] = {"hop": hop}
    return clean(app.run())


def test_the_tables_follow_the_hop_of_the_stage():
    app = watched()
    assert "The best paths" in words(app)
    assert "The best paths" not in words(at_hop(app, 1))
    assert "The teacher starts at **Joe Biden**" in words(at_hop(app, 0))


def test_paths_answers_and_the_rest_are_listed():
    tables = [table.value for table in watched().main.dataframe]
    paths = next(table for table in tables if {"path", "answers"} <= set(table))
    assert list(paths["path"]) == ["born_in → city_of", "everything else"]
    assert list(paths["p"]) == [0.58, 0.11]


def test_what_the_graph_lacks_stands_among_the_paths_in_words(monkeypatch):
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: results.trace_in_vain())
    app = watched()
    tables = [table.value for table in app.main.dataframe]
    paths = next(table for table in tables if {"path", "answers"} <= set(table))
    assert list(zip(paths["path"], paths["answers"], strict=True)) == [
        ("born_in → city_of", "USA +2"),
        ("no ← mayor here", "the graph does not say"),
        ("born_in → no mayor here", "the graph does not say"),
        ("born_in → none of the graph's relations", "the graph does not say"),
        ("everything else", ""),
    ]
    assert "The graph does not say (looked for: ← mayor) 0.97" in as_read(words(app))


def test_what_is_missing_stands_at_its_hop(monkeypatch):
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: results.trace_in_vain())
    app = at_hop(watched(), 1)
    table = next(t.value for t in app.main.dataframe if "frontier" in t.value)
    assert list(table["path"]) == ["born_in", "no ← mayor here"]
    assert list(table["mass"]) == [0.6, 0.5]


def test_what_messages_changed_is_told_at_its_hop():
    app = watched()
    assert "At this hop it changed nothing visible." in words(app)
    table = next(t.value for t in at_hop(app, 1).main.dataframe if "without" in t.value)
    (row,) = table.to_dict("records")
    assert (row["path"], row["without"], row["with"]) == ("born_in", 0.35, 0.6)
    assert row["change"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("rounds", "why"), [(0, "this teacher passes no messages"), (2, "the tree of this question")]
)
def test_why_nothing_is_told_of_messages(monkeypatch, rounds, why):
    silent = replace(results.trace(), message_passing=None)
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: silent)
    screens.make_world(message_passing=rounds)
    app = clean(open_page("teach/teacher", q="q2"))
    assert f"Nothing to compare: {why}" in words(app)


def test_where_the_two_best_paths_part():
    said = words(watched())
    assert "differ from the first step: **born\\_in** (0.58) or **\\<b\\>Biden" in said


@pytest.mark.parametrize(
    ("parting", "sentence"),
    [
        (
            FirstDifference(shared=("a", "~b"), next=(None, "c"), probabilities=(0.5, 0.25)),
            "share a → ← b and then differ: **stop there** (0.50) or **c** (0.25).",
        ),
        (None, None),
    ],
)
def test_paths_part_later_or_not_at_all(monkeypatch, parting, sentence):
    other = replace(results.trace(), parting=parting)
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: other)
    said = words(watched())
    assert sentence in said if sentence else "two best paths" not in said


def of_two_topics() -> Trace:
    """A reasoning about two entities, whose paths meet once."""
    trace = results.trace()
    about = {name: getattr(trace, name) for name in TopicTrace.__dataclass_fields__}
    other = TopicTrace(**about | {"paths": (replace(trace.paths[0], labels=("child_of",)),)})
    meeting = MetPaths(
        probability=0.8,
        paths=(("born_in", "city_of"), ("child_of",)),
        answers=(results.USA,),
        reached=1,
    )
    jill = results.matched(results.named("jill", "Jill *Biden*"))
    return replace(trace, topics=(*trace.topics, jill), beside=(other,), meetings=(meeting,))


def test_of_several_topics_one_is_followed_and_where_all_meet_is_told(monkeypatch):
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: of_two_topics())
    app = watched()
    tables = [table.value for table in app.main.dataframe]
    met = next(table for table in tables if "1. Joe Biden" in table)
    assert met.to_dict("records") == [
        {
            "1. Joe Biden": "born_in → city_of",
            "2. Jill *Biden*": "child_of",
            "p": 0.8,
            "answers": "USA",
        }
    ]
    app.segmented_control(key="teach.trace.topic").set_value(1).run()
    tables = [table.value for table in clean(app).main.dataframe]
    paths = next(table for table in tables if {"path", "answers"} <= set(table))
    assert list(paths["path"]) == ["child_of", "everything else"]


def test_paths_that_meet_nowhere_are_said_to(monkeypatch):
    apart = replace(of_two_topics(), meetings=(), answers=())
    monkeypatch.setattr(resident, "call", lambda *_args, **_options: apart)
    assert "meet nowhere" in words(watched())


def test_further_topics_are_offered_where_questions_have_several(monkeypatch):
    asked = []

    def call(_store, _recipe, settings, **_options):
        asked.append(settings)
        jill = results.matched(results.named("jill"))
        return of_two_topics() if settings.also else replace(results.trace(), candidates=(jill,))

    monkeypatch.setattr(resident, "call", call)
    about_two = Question("q9", "Whose?", "en", ("joe_biden", "jill"), ("usa",))
    monkeypatch.setattr("pages.parts.forms.examples.test_questions", lambda name: (about_two,))
    app = watched()
    app.pills[0].set_value(["jill"]).run()
    assert "Where they meet" in words(clean(app))
    assert (asked[-1].topic, asked[-1].also) == ("joe_biden", ("jill",))


def test_an_example_is_in_the_address_and_a_typed_question_is_not():
    screens.make_world()
    app = clean(open_page("teach/teacher", q="q2"))
    assert app.text_input(key="teach.question").value == QUESTION
    assert address(app, "q") == "q2"
    app.text_input(key="teach.question").set_value("Something private?").run()
    assert "q" not in clean(app).query_params


def test_what_the_teacher_cannot_do_is_one_sentence(monkeypatch):
    def refuse(*_args, **_options):
        raise NotFound("No entity of the graph occurs in the question.")

    monkeypatch.setattr(resident, "call", refuse)
    app = watched()
    assert [as_read(e.value) for e in app.error] == [
        "No entity of the graph occurs in the question."
    ]


def test_in_chinese():
    screens.make_world()
    app = clean(open_page("teach/teacher", lang="zh"))
    assert app.selectbox(key="teach.example").options[0] == "乔·拜登的国籍是什么？"
