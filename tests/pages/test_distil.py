"""The page Distil: settings, start, steering, and what comes after."""

import os

import pytest
import streamlit as st
from stand_ins import screens
from stand_ins.results import student_report
from stand_ins.screens import Submitted, add_run, address, as_read, button, clean, open_page, words

from core import sizing
from core.errors import SettingsError
from core.runs import client
from core.runs.store.store import RunState, Store
from core.settings import DistillSettings
from core.workspace import Workspace

STUDENT = DistillSettings(name="s", teacher="demo")


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def test_empty_workspace_leads_to_the_teacher():
    said = words(clean(open_page("distil/distil")))
    assert "needs a teacher" in said
    assert "Go to Teacher" in said


def test_start_submits_what_the_form_says(monkeypatch):
    screens.make_world()
    submitted = Submitted()
    monkeypatch.setattr(client, "submit", submitted)
    app = clean(open_page("distil/distil"))
    app.slider(key="distil.form.alpha").set_value(0.2).run()
    button(app, "Distil").click().run()
    expected = DistillSettings(name="demo-student", teacher="demo", alpha=0.2)
    assert submitted == [("distill_student", expected)]
    assert address(clean(app), "run") == "new-1"


def test_the_picture_follows_the_settings():
    screens.make_world()
    app = clean(open_page("distil/distil"))
    app.number_input(key="distil.form.temperature").set_value(4.0).run()
    assert "0.58 / 0.31 / 0.11 at temperature 4" in words(clean(app))


def test_size_is_told_before_the_start():
    screens.make_world()
    assert "2 training questions, 20 steps with a batch size of 32." in words(
        clean(open_page("distil/distil"))
    )


def test_what_a_student_takes_is_told_before_the_start(monkeypatch):
    small = sizing.Machine("cpu", 2e9, 1e11, False)
    monkeypatch.setattr(sizing, "machine", lambda device: small)
    screens.make_world()
    app = clean(open_page("distil/distil"))
    assert "529 K weights, 529 K of which are trained" in words(app)
    app.text_input(key="distil.form.student").set_value("SmolLM2-135M").run()
    assert "134.5 M weights" in as_read(words(clean(app))) and "GB are missing" in words(app)
    app.text_input(key="distil.form.student").set_value("someone/unknown").run()
    assert "once it is downloaded" in words(clean(app))


def test_a_slider_asks_for_the_change():
    add_run("distill_student", STUDENT, pid=os.getpid())
    app = clean(open_page("distil/distil", run="run-1"))
    app.slider(key="control.run-1.alpha").set_value(0.3).run()
    app.select_slider(key="control.run-1.learning_rate").set_value(1e-3).run()
    asked = [(c.key, c.value) for c in Store(Workspace()).controls("run-1")]
    assert asked == [("alpha", 0.3), ("learning_rate", 1e-3)]
    assert "alpha → 0.3 waits for the next step" in words(clean(app))


def test_what_else_can_be_asked_has_a_button():
    add_run("distill_student", STUDENT, pid=os.getpid())
    app = clean(open_page("distil/distil", run="run-1"))
    for words_on_it in ("Score it now", "Checkpoint", "Stop and keep"):
        button(app, words_on_it).click().run()
    asked = [(c.key, c.value) for c in Store(Workspace()).controls("run-1")]
    assert asked == [("evaluate", 1.0), ("checkpoint", 1.0), ("keep", 1.0)]
    clean(app)


def test_beta_is_turned_only_where_it_counts():
    add_run("distill_student", STUDENT.model_copy(update={"divergence": "jsd"}), pid=os.getpid())
    app = clean(open_page("distil/distil", run="run-1"))
    app.slider(key="control.run-1.beta").set_value(0.25).run()
    app.slider(key="control.run-1.validity").set_value(0.5).run()
    asked = [(c.key, c.value) for c in Store(Workspace()).controls("run-1")]
    assert asked == [("beta", 0.25), ("validity", 0.5)]
    add_run("distill_student", STUDENT, run_id="run-2", pid=os.getpid())
    app = clean(open_page("distil/distil", run="run-2"))
    assert "control.run-2.beta" not in {slider.key for slider in app.slider}


def test_a_change_that_comes_too_late_is_one_sentence():
    add_run("distill_student", STUDENT, pid=os.getpid())
    app = clean(open_page("distil/distil", run="run-1"))

    def refuse(*_args):
        raise SettingsError("The run run-1 is over; nothing in it can change.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "set_control", refuse)
        app.slider(key="control.run-1.alpha").set_value(0.3).run()
    assert [as_read(e.value) for e in clean(app).error] == [
        "The run run-1 is over; nothing in it can change."
    ]


def test_a_finished_student_leads_on():
    made = student_report(name="s", parameters=1_234_567, steps=80, seconds=61.0)
    add_run("distill_student", STUDENT, RunState.SUCCEEDED, result=made.as_record())
    app = clean(open_page("distil/distil", run="run-1"))
    assert [m.value for m in app.main.metric] == ["1,234,567", "80", "1 min 01 s"]
    said = words(app)
    assert "Ask it something" in said
    assert "Change it while it learns" not in said
    button(app, "Distil another").click().run()
    assert "run" not in clean(app).query_params


def test_earlier_distillations_open_again():
    screens.make_world()
    add_run("distill_student", STUDENT, RunState.STOPPED)
    app = clean(open_page("distil/distil"))
    button(app, "s").click().run()
    assert address(clean(app), "run") == "run-1"


def test_in_chinese():
    screens.make_world()
    assert "学生学什么" in words(clean(open_page("distil/distil", lang="zh")))
