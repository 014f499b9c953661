"""What the pages of runs refuse, or say of runs that cannot go on: one sentence each."""

import os

import pytest
import streamlit as st
from sqlalchemy import update
from stand_ins.screens import add_run, as_read, button, clean, open_page, words

from core.runs import lifecycle
from core.runs.client import RunHandle
from core.runs.store import devices, queue
from core.runs.store.store import RunState, Store
from core.runs.store.tables import jobs, revision
from core.settings import DistillSettings, EvaluateSettings
from core.workspace import Workspace
from pages.parts.text import literal

STUDENT = DistillSettings(name="s", teacher="t", device="cpu")


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def store() -> Store:
    return Store(Workspace())


def shown(run_id):
    return clean(open_page("runs/runs", run=run_id))


def errors(app):
    return [as_read(error.value) for error in clean(app).error]


def test_a_change_for_a_run_that_died_meanwhile():
    add_run("distill_student", STUDENT, run_id="r1", pid=os.getpid())
    app = shown("r1")
    store().finish("r1", RunState.LOST, error="The process was killed from outside.")
    button(app, "Pause").click().run()
    assert "The run r1 is lost: only a running one can be paused." in errors(app)
    app = shown("r1")
    assert errors(app) == ["The process was killed from outside."]
    assert not [one for one in app.slider if one.key.startswith("control.")]


def test_settings_of_a_newer_version_leave_the_rest_of_the_page():
    add_run("distill_student", STUDENT, RunState.STOPPED, run_id="r1")
    newer = {**STUDENT.model_dump(mode="json"), "clairvoyance": 3}
    with store().database.writing() as connection:
        connection.execute(update(jobs).values(settings=newer))
    app = shown("r1")
    assert [as_read(one.value) for one in app.warning] == [
        "Setting 'clairvoyance' is unknown to this version of PathDistill (given: 3): leave it "
        "out, or use the version that knows it."
    ]
    assert "Nobody changed anything." in words(app)


def test_a_store_of_a_newer_version():
    with store().database.writing() as connection:
        connection.execute(update(revision).values(version_num="9999"))
    (said,) = errors(open_page("runs/runs"))
    assert "was made by a newer version of PathDistill (tables 9999" in said


def test_a_device_that_is_not_there(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    add_run("distill_student", STUDENT.model_copy(update={"device": "cuda"}), RunState.QUEUED)
    devices.register(store().database)
    queue.fail_unrunnable(store())
    assert errors(shown("run-1")) == [
        "There is no device 'cuda' on this machine (there: cpu, light): choose another device and "
        "start again."
    ]


def test_a_run_whose_need_was_stopped_is_explained_and_follows_when_that_one_is_resumed():
    add_run("distill_student", STUDENT, RunState.QUEUED, run_id="r1")
    evaluation = EvaluateSettings(model="s", device="cpu")
    add_run("evaluate", evaluation, RunState.QUEUED, run_id="r2", after=["r1"])
    RunHandle(store(), "r1").stop()
    queue.fail_unrunnable(store())
    app = shown("r2")
    assert "What went wrong: **the run it waited for**" in words(app)
    said = "It waited for the run r1, which is stopped: resume that one, and this one follows."
    assert literal(said) in words(app)
    lifecycle.resume(store(), "r1")
    assert store().run("r2").state is RunState.QUEUED
