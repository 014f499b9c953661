"""Teaching a graph with one button on its page, and the chain while it goes on."""

import os

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.screens import address, as_read, button, clean, open_page, words

from core.runs.store.store import RunState, Store
from core.workspace import Workspace

START = "Teach me this graph"


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def begun():
    """The page after the button was pressed, and the six runs."""
    screens.make_world()
    app = clean(open_page("graph/graph", graph="demo"))
    button(app, START).click().run()
    return clean(app), store().runs()[::-1]


def store():
    return Store(Workspace())


def end(run, state=RunState.SUCCEEDED, **ending):
    store().begin(run.id, os.getpid(), None)
    store().finish(run.id, state, **ending)


def test_one_click_queues_everything_under_names_of_the_graph(begun):
    app, runs = begun
    assert [run.settings.get("name") for run in runs][:4] == [
        "demo-questions", "demo-teacher", "demo-teacher-demo-questions-posterior", "demo-student",
    ]  # fmt: skip
    assert address(app, "learn") == runs[0].id
    said = words(app)
    assert START not in said and "demo is being learned" in said
    for step in ("Make questions", "Train a teacher", "Distil a student", "Score the teacher"):
        assert step in said


def test_whoever_comes_without_the_address_finds_it(begun):
    _, runs = begun
    for run in runs[:4]:
        end(run)
    app = clean(open_page("graph/graph", graph="demo"))
    assert address(app, "learn") == runs[0].id
    assert "Ask demo-student" in as_read(words(app))


def test_the_student_is_there_to_be_asked_at_the_end(begun):
    _, runs = begun
    for run in runs:
        end(run)
    said = as_read(words(clean(open_page("graph/graph", graph="demo", learn=runs[0].id))))
    assert "Ask demo-student" in said and "Compare the scores" in said
    assert "is being learned" not in said and "Teach it once more" in said


def test_what_went_wrong_is_said(begun):
    _, runs = begun
    end(runs[0], RunState.FAILED, error="There are *no* relations.")
    said = words(clean(open_page("graph/graph", graph="demo", learn=runs[0].id)))
    assert "There are \\*no\\* relations." in said and "Ask demo" not in as_read(said)


def test_another_graphs_chain_is_not_shown(begun):
    _, runs = begun
    for run in runs:
        end(run)
    for odd in ("nobody", "<b>"):
        app = clean(open_page("graph/graph", graph="demo", learn=odd))
        assert START in words(app) and address(app, "learn") is None


def test_a_guest_starts_nothing(guest):
    screens.make_world()
    assert START not in words(clean(open_page("graph/graph", graph="demo")))


def test_in_chinese():
    screens.make_world()
    assert "学会这个图谱" in words(clean(open_page("graph/graph", graph="demo", lang="zh")))
