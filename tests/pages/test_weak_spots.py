"""The page Weak spots: what a search found, the way to the stage, and the way to mend it."""

from dataclasses import replace

import pytest
import streamlit as st
from stand_ins import results, screens
from stand_ins.results import EXAMPLES
from stand_ins.screens import Submitted, add_run, button, clean, open_page, words

from core.questions.question_sets import load_questions
from core.runs import client, resident
from core.runs.store.store import RunState
from core.settings import DistillSettings, HardSettings
from core.workspace import Workspace

SETTINGS = HardSettings(name="demo-hard", student="demo")


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def found():
    """A search that has succeeded; its set `demo` stands for the one that it made."""
    screens.make_world()
    record = {**EXAMPLES["find_hard"].as_record(), "name": "demo"}
    add_run("find_hard", SETTINGS, RunState.SUCCEEDED, run_id="r", result=record)
    return clean(open_page("distil/weak_spots", run="r"))


def test_an_empty_workspace_leads_somewhere():
    assert "Go to Distil" in words(clean(open_page("distil/weak_spots")))


def test_a_search_is_begun_from_its_form(monkeypatch):
    screens.make_world()
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("distil/weak_spots"))
    button(app, "Look for weak spots").click().run()
    clean(app)
    assert submitted == [("find_hard", SETTINGS)]


def test_the_worst_path_stands_first_and_leads_to_the_stage(found):
    hops, paths = (one.value for one in found.main.dataframe)
    assert hops[["Hops", "Questions"]].to_numpy().tolist() == [[1, 10]]
    assert [*paths["KL"]] == [2.5, 0.1] and [*paths["Chosen"]] == [6, 0]
    assert [*paths["Relation path"]] == ["born in → city of", "born in"]  # as the graph has them
    (link,) = [one.proto for one in found.main.get("page_link") if "q=" in one.proto.query_string]
    assert link.query_string == "student=demo&questions=demo&q=q1"


def test_labels_are_those_of_the_search_where_the_graph_is_gone(found):
    Workspace().delete("graphs", "demo")
    app = clean(open_page("distil/weak_spots", run="r"))
    paths = app.main.dataframe[1].value
    assert paths["Relation path"][0] == f"born in → {results.HTML_ESCAPE}"


def test_one_button_learns_from_what_was_found(found, monkeypatch):
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    button(found, "Learn from these 6 questions too").click().run()
    clean(found)
    wanted = DistillSettings(name="demo-mended", teacher="demo", more="demo")
    assert submitted == [("distill_student", wanted)]


def test_soft_labels_take_a_question_of_another_set_about_the_same_graph(monkeypatch):
    monkeypatch.setattr(resident, "call", results.resident_call)
    monkeypatch.setattr(resident, "is_warm", lambda store: True)
    screens.make_world()
    space = Workspace()
    own = load_questions(space, "demo")
    for name, graph in (("made", "demo"), ("foreign", "elsewhere")):
        question = replace(own.questions[0], id="x", text=f"Asked in {name}?")
        with space.publish("questions", name) as folder:
            replace(own, name=name, graph=graph, questions=(question,)).save(folder, {})
    app = clean(open_page("distil/soft_labels", student="demo", questions="made", q="x"))
    assert app.text_input(key="soft.question").value == "Asked in made?"
    app = clean(open_page("distil/soft_labels", student="demo", questions="foreign", q="x"))
    assert app.text_input(key="soft.question").value == ""
