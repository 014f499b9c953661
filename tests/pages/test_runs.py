"""The page Runs: the list, its filters, and one run in full."""

import os

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.screens import acknowledge, add_run, address, button, clean, open_page, words

from core.jobs.store import RunState
from core.settings import Demo, Distillation, TeacherTraining

STUDENT = Distillation(name="s", teacher="t", alpha=0.25)


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def three_runs():
    training = TeacherTraining(name="t", graph="g", questions="q")
    add_run("distill_student", STUDENT, run_id="r1", pid=os.getpid())
    add_run("train_teacher", training, RunState.FAILED, run_id="r2", error="It broke.")
    add_run("run_demo", Demo(), RunState.SUCCEEDED, run_id="r3", result=screens.demo_result())


def opened(app) -> list[str]:
    return [b.key.removeprefix("open:") for b in app.main.button if b.key.startswith("open:")]


def test_empty_leads_to_the_tour():
    said = words(clean(open_page("runs/runs")))
    assert "Nothing has run yet." in said
    assert "Open the tour" in said


def test_the_list_is_newest_first(three_runs):
    assert opened(clean(open_page("runs/runs"))) == ["r3", "r2", "r1"]


def test_filters(three_runs):
    app = clean(open_page("runs/runs"))
    app.button_group(key="runs.state").set_value(RunState.FAILED).run()
    assert opened(clean(app)) == ["r2"]
    app.button_group(key="runs.kind").set_value("run_demo").run()
    assert "No run is like that" in words(clean(app))


def test_a_click_puts_the_run_into_the_address_and_back(three_runs):
    app = clean(open_page("runs/runs"))
    app.button(key="open:r2").click().run()
    assert address(app, "run") == "r2"
    assert [e.value for e in clean(app).error] == ["It broke."]
    button(app, "All runs").click().run()
    assert opened(clean(app)) == ["r3", "r2", "r1"]


def test_one_run_in_full(three_runs):
    acknowledge("r1", "alpha", 0.5, 0.25, step=7)
    app = clean(open_page("runs/runs", run="r1"))
    lines = [code.value for code in app.main.code]
    assert "python -m core distill --name s --teacher t --alpha 0.25" in lines
    tables = [table.value for table in app.main.dataframe]
    events = next(table for table in tables if "said" in table)
    assert list(events["kind"]) == ["Step", "Change"]
    assert "Change it while it learns" in words(app)


def test_a_finished_run_leads_to_what_it_made(three_runs):
    assert "Open what it made" in words(clean(open_page("runs/runs", run="r3")))
    assert "Open what it made" not in words(clean(open_page("runs/runs", run="r2")))


def test_in_chinese(three_runs):
    app = clean(open_page("runs/runs", lang="zh"))
    assert set(app.button_group(key="runs.state").options) == {"进行中", "失败", "已完成"}
