"""A run while one watches: how it reads in every state, and that nothing is read twice."""

import os
import time

import pytest
import streamlit as st
from stand_ins.screens import acknowledge, add_run, as_read, button, clean, open_page, say, words

from core.runs.client import RunHandle
from core.runs.processes import start_time
from core.runs.store.store import RunState, Store
from core.settings import DemoSettings, DistillSettings
from core.workspace import Workspace
from pages.parts.pictures import curves
from pages.parts.runs.run_progress import change_words, duration, note_words

STUDENT = DistillSettings(name="s", teacher="t")


def test_duration_reads_like_a_clock():
    assert [duration(s) for s in (0.4, 59.4, 185, 3600 + 12 * 60)] == [
        "0 s",
        "59 s",
        "3 min 05 s",
        "1 h 12 min",
    ]


def test_change_is_told_with_old_and_new():
    assert change_words({"key": "alpha", "old": 0.5, "new": 0.30000001}) == "alpha 0.5 → 0.3"


def test_notes_of_recipes_are_told_in_the_language_of_the_page():
    assert note_words("growing trees") == "growing trees"
    assert note_words("dev Hits@1 0.935") == "right on dev 0.935"
    assert note_words("loss 1.250") == "loss 1.250"
    assert note_words("something else 3") == "something else 3"


def test_the_page_is_drawn_anew_when_a_run_begins():
    add_run("distill_student", STUDENT, RunState.QUEUED)
    app = clean(open_page("distil/distil", run="run-1"))
    assert not app.slider
    Store(Workspace()).begin("run-1", os.getpid(), start_time(os.getpid()))
    assert clean(app.run()).slider


def test_stages_that_were_reached_and_those_to_come():
    add_run("run_demo", DemoSettings(), stage="teacher", pid=os.getpid())
    app = clean(open_page(run="run-1"))
    marks = [m.value for m in app.main.markdown if ":material/" in m.value]
    assert any("radio_button_checked" in mark and "**Teacher**" in mark for mark in marks)
    assert any("radio_button_unchecked" in mark and "Distil" in mark for mark in marks)


def test_every_end_is_told_in_words():
    ends = {
        RunState.STOPPED: ({}, "The run was stopped."),
        RunState.FAILED: ({"error": "The disk is full."}, "The disk is full."),
        RunState.LOST: ({"error": "It vanished."}, "If it happens twice"),
        RunState.STOPPING: ({}, "next safe point"),
        RunState.QUEUED: ({}, "Place 1 in the queue."),
        RunState.PAUSED: ({}, "The run waits until you let it go on."),
    }
    for number, (state, (ending, sentence)) in enumerate(ends.items()):
        run_id = f"run-{number}"
        add_run("train_teacher", STUDENT, state, run_id=run_id, pid=os.getpid(), **ending)
        assert sentence in words(clean(open_page("runs/runs", run=run_id)))


@pytest.mark.parametrize(
    ("lang", "badge", "sentence"),
    [
        ("en", "Not responding", "Its process has sent nothing for 3"),
        ("zh", "没有响应", "没有收到进程的消息"),
    ],
)
def test_a_worker_that_does_not_respond_is_told_so_in_list_and_view(lang, badge, sentence):
    run_id = add_run("distill_student", STUDENT, pid=os.getpid())
    assert badge not in words(clean(open_page("runs/runs", lang=lang)))
    Store(Workspace()).write(run_id, {"beat": time.monotonic() - 30})
    assert badge in words(clean(open_page("runs/runs", lang=lang)))
    said = words(clean(open_page("runs/runs", lang=lang, run=run_id)))
    assert badge in said and sentence in said


def test_a_recipe_without_progress_is_told_so():
    run_id = add_run("distill_student", STUDENT, pid=os.getpid())
    Store(Workspace()).write(run_id, {"quiet": 240.0})
    said = words(clean(open_page("runs/runs", run=run_id)))
    assert "No progress for 4 min 00 s, though its process is alive." in said
    assert "Not responding" not in said


def test_log_opens_by_itself_where_the_run_failed():
    add_run("train_teacher", STUDENT, RunState.FAILED, error="It broke.")
    app = clean(open_page("runs/runs", run="run-1"))
    assert any("last line" in code.value for code in app.main.code)
    log = next(e for e in app.main.expander if e.label == "Log")
    assert log.proto.expanded


def test_stop_asks_first_and_then_stops(monkeypatch):
    add_run("distill_student", STUDENT, pid=os.getpid())
    stopped = []
    monkeypatch.setattr(RunHandle, "stop", lambda self, hard=False: stopped.append(self.id))
    app = open_page("distil/distil", run="run-1")
    button(app, "Stop").click().run()
    assert stopped == []
    button(app, "Keep going").click().run()
    button(app, "Stop").click().run()
    button(app, "Yes, stop it").click().run()
    assert stopped == ["run-1"]
    clean(app)


def test_a_run_that_will_not_stop_can_be_ended(monkeypatch):
    add_run("distill_student", STUDENT, RunState.STOPPING, pid=os.getpid())
    ended = []
    monkeypatch.setattr(RunHandle, "stop", lambda self, hard=False: ended.append(hard))
    button(open_page("distil/distil", run="run-1"), "End it now").click().run()
    assert ended == [True]


def test_points_are_read_once_and_kept(monkeypatch):
    add_run("distill_student", STUDENT, pid=os.getpid())
    say("run-1", "distil/loss", [3.0, 2.0, float("nan")])
    cursors = []
    read = Store.metrics

    def spied(self, run_id, after=0, **options):
        cursors.append(after)
        return read(self, run_id, after, **options)

    monkeypatch.setattr(Store, "metrics", spied)
    app = open_page("distil/distil", run="run-1")
    say("run-1", "distil/loss", [1.0], first=3)
    clean(app.run())
    kept = app.session_state["history:run-1"]
    assert kept["points"]["distil/loss"] == [(0, 3.0), (1, 2.0), (3, 1.0)]
    assert cursors == [3, 3, 4]  # opened thinned; then only what came after
    assert len(app.main.get("vega_lite_chart")) == 1


def test_a_step_said_twice_counts_once():
    add_run("distill_student", STUDENT, pid=os.getpid())
    say("run-1", "distil/loss", [3.0, 2.0, 1.0])
    app = clean(open_page("distil/distil", run="run-1"))
    say("run-1", "distil/loss", [2.5, 1.5, 0.5], first=1)  # it was resumed
    clean(app.run())
    kept = app.session_state["history:run-1"]["points"]["distil/loss"]
    assert kept == [(0, 3.0), (1, 2.5), (2, 1.5), (3, 0.5)]


def test_changes_waiting_and_applied():
    add_run("distill_student", STUDENT, pid=os.getpid())
    acknowledge("run-1", "alpha", 0.5, 0.3, step=120)
    Store(Workspace()).set_control("run-1", "temperature", 2.0)
    said = words(clean(open_page("distil/distil", run="run-1")))
    assert "alpha 0.5 → 0.3 since step 120" in said
    assert "temperature → 2 waits for the next step" in said


def test_warnings_are_shown_and_harmless():
    add_run("train_teacher", STUDENT, pid=os.getpid())
    event = {"at": 0.0, "kind": "warning", "payload": {"message": "3 of 9 *skipped*."}}
    Store(Workspace()).write("run-1", {}, [event])
    said = words(clean(open_page("runs/runs", run="run-1")))
    assert ":material/warning:] 3 of 9 \\*skipped\\*." in said


def test_thinning_keeps_both_ends():
    points = [(step, float(step)) for step in range(12_345)]
    thin = curves.thinned(points)
    assert len(thin) == curves.MOST_POINTS
    assert (thin[0], thin[-1]) == (points[0], points[-1])
    assert curves.thinned(points[:7]) == points[:7]


def test_unknown_run_is_one_sentence():
    app = clean(open_page("runs/runs", run="nothing"))
    assert [as_read(error.value) for error in app.error] == [
        "There is no run 'nothing'; `runs list` shows which there are."
    ]


@pytest.fixture(autouse=True)
def fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()
