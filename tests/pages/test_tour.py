"""The tour: empty, running, failed, finished, and that it finds its run again."""

import os
from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import likely, named
from stand_ins.screens import Submitted, add_run, address, as_read, button, clean, open_page, words

from core.errors import WorkspaceError
from core.questions.question_sets import load_questions
from core.runs import client, resident
from core.runs.store.store import RunState
from core.settings import DemoSettings
from core.workspace import Workspace, write_json
from pages.parts.runs import live_controls


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr(resident, "call", results.resident_call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)


@pytest.fixture
def submitted(monkeypatch):
    kept = Submitted()
    monkeypatch.setattr(client, "submit", kept)
    return kept


@pytest.fixture
def finished():
    screens.make_world()
    result = results.demo_report().as_record()
    return add_run("run_demo", DemoSettings(), RunState.SUCCEEDED, stage="ask", result=result)


def test_empty_workspace_has_one_button(submitted):
    app = clean(open_page())
    assert [b.label for b in app.main.button] == ["Run the whole loop"]
    assert "illustration" in words(app)
    app.main.button[0].click().run()
    assert submitted == [("run_demo", DemoSettings())]
    assert address(app, "run") == "new-1"
    assert "Place 1 in the queue" in words(clean(app))


def test_in_chinese():
    app = clean(open_page(lang="zh"))
    assert [b.label for b in app.main.button] == ["完整走一遍"]


def test_a_full_disk_is_one_sentence(monkeypatch):
    def refuse(*_args, **_options):
        raise WorkspaceError("The disk is full at /here: free some space and try again.")

    monkeypatch.setattr(client, "submit", refuse)
    app = open_page()
    app.main.button[0].click().run()
    assert [as_read(e.value) for e in clean(app).error] == [
        "The disk is full at /here: free some space and try again."
    ]


def test_while_it_runs_the_stage_is_explained_and_the_address_names_the_run():
    add_run("run_demo", DemoSettings(), stage="labels", pid=os.getpid())
    app = clean(open_page())
    assert address(app, "run") == "run-1"
    assert "**The teacher writes labels.**" in words(app)


def test_an_address_without_such_a_run_leads_to_the_latest():
    add_run("run_demo", DemoSettings(), stage="teacher", pid=os.getpid())
    assert address(clean(open_page(run="gone")), "run") == "run-1"


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.STOPPED])
def test_after_failure_it_can_run_again(state, submitted):
    add_run(
        "run_demo", DemoSettings(), state, error="It broke." if state is RunState.FAILED else None
    )
    app = clean(open_page())
    button(app, "Run again").click().run()
    assert submitted == [("run_demo", DemoSettings())]
    assert address(clean(app), "run") == "new-1"


def test_seven_steps(finished):
    app = clean(open_page())
    headings = [app.main.subheader[0].value]
    for _ in range(6):
        [*_, onward] = [b for b in app.main.button if b.label == "Next"]  # below any in the picture
        onward.click().run()
        headings.append(clean(app).main.subheader[0].value)
    assert headings == [
        "The graph holds the facts",
        "Questions come from the graph itself",
        "The teacher walks the graph",
        "The student learned how sure the teacher is",
        "The student answers, and the graph checks",
        "How good are they?",
        "Now ask",
    ]
    assert address(app, "step") == "7"


def test_questions_in_the_readers_language_come_first(finished):
    table = clean(open_page(step="2", lang="zh")).main.dataframe[0].value
    assert list(table["text"]) == ["乔·拜登的国籍是什么？", "What is Joe Biden's nationality?"]
    assert list(table["path"]) == ["born in → city of"] * 2


def test_what_the_graph_lacks_is_told_in_words(finished):
    space = Workspace()
    kept = load_questions(space, "demo")
    lacking = replace(kept.questions[2], answers=(), paths=(("born_in", "∄city_of"), ("∄",)))
    with space.publish("questions", "demo", replace=True) as folder:
        replace(kept, questions=(lacking,)).save(folder, {})
    table = clean(open_page(step="2")).main.dataframe[0].value
    assert list(table["path"]) == ["born in → no city of here | none of the graph's relations"]


def test_a_step_has_an_address(finished):
    said = words(clean(open_page(step="5")))
    assert said.count("### USA") == 3  # in both languages, and a question of the test part
    assert said.count("**In the graph:** every step of the path.") == 3
    assert said.count("**How sure:** 80 % that this answers the question.") == 3


def test_what_was_practised_is_said_and_a_test_question_is_the_proof(finished, monkeypatch):
    said = words(clean(open_page(step="5")))
    assert "It has practised these two questions" in said
    assert "neither teacher nor student has learned from it" in said
    assert "Right by the question set: usa." in said
    other = replace(results.answer(), answers=(likely(named("uk"), 0.8),))
    monkeypatch.setattr(resident, "call", lambda store, recipe, s, timeout=1: other)
    st.cache_data.clear()
    assert "Not right by the question set, which says: usa." in words(clean(open_page(step="5")))


def test_it_ends_at_a_question_box_with_examples_of_the_test_part(finished):
    app = clean(open_page(step="7"))
    app.button(key="tour.try.What is Joe Biden's nationality?").click().run()
    assert clean(app).text_input(key="tour.typed").value == "What is Joe Biden's nationality?"
    assert app.main.header[0].value == "USA"


def test_ones_own_graph_comes_first_at_the_end(finished):
    space = Workspace()
    made = space.read("students", "demo", "card.json")
    with space.publish("students", "mine") as folder:
        write_json(folder / "card.json", {**made, "name": "mine", "graph": "own"})
    app = clean(open_page(step="7"))
    assert app.selectbox(key="tour.whom").options == ["mine", "demo"]


def test_alpha_and_temperature_are_turned_while_the_student_learns(monkeypatch):
    turned = []
    monkeypatch.setattr(live_controls, "set_control", lambda *asked: turned.append(asked))
    add_run("run_demo", DemoSettings(), stage="distil", pid=os.getpid())
    app = clean(open_page())
    app.slider(key="control.run-1.alpha").set_value(0.2).run()
    assert turned == [("run-1", "alpha", 0.2)]
    assert "control.run-1.temperature" in {one.key for one in app.slider}
    assert not list(app.select_slider), "a tour has no learning rate of its own"


def test_there_are_no_knobs_before_the_student_learns():
    add_run("run_demo", DemoSettings(), stage="teacher", pid=os.getpid())
    assert not clean(open_page()).slider


def test_an_unsupported_answer_says_so(finished, monkeypatch):
    monkeypatch.setattr(
        resident, "call", lambda store, recipe, s, timeout=1: results.answer(s.question, False)
    )
    assert "**Not in the graph:** the path leaves it" in words(clean(open_page(step="5")))


def test_scores_of_three(finished):
    table = clean(open_page(step="6")).main.dataframe[0].value
    assert list(table["model"]) == [
        "Teacher",
        "Student, inside the graph",
        "Student, speaking freely",
    ]
    assert list(table["path_validity"]) == [1.0, 1.0, 0.97]


def test_what_was_deleted_is_one_sentence(finished):
    Workspace().delete("graphs", "demo")
    app = clean(open_page(step="1"))
    assert len(app.error) == 1
    assert "nothing named 'demo' among the graphs" in app.error[0].value
