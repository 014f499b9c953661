"""Runs as processes: started, watched, stopped, killed, and outliving whoever started them."""

import os
import signal
import subprocess
import sys
import time

import pytest
from stand_ins.acting import Acting
from waiting import PATIENCE, run_until

from core.errors import AlreadyExists, FormatError, NotFound, RunFailed, WorkspaceError
from core.runs import lifecycle, processes
from core.runs.backends import local
from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive, start_time
from core.runs.run import RunState
from core.runs.store import devices, supervisor_lease
from core.runs.supervisor import presence, recovery
from core.runs.supervisor.loop import Supervisor
from core.runs.worker.attempts import _Recorded
from core.workspace import read_json

RECIPE = "stand_ins.acting"


def start(store, act, **settings):
    return submit(store, RECIPE, Acting(act=act, **settings)).id


def is_waiting(run):
    return run.stage == "waiting"


def test_a_run_from_beginning_to_end(store):
    run_id = start(store, "succeed", name="x")
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert run.state is RunState.SUCCEEDED, RunHandle(store, run_id).log()
    assert run_id.startswith("acting-2")
    assert run.title == "Acting: x"
    assert run.result == {"answer": ["USA"], "score": None}
    assert (run.stage, run.done, run.total, run.note) == ("second", 3, 4, "nearly")
    assert run.created <= run.started <= run.ended
    loss = store.metrics(run_id, names=["distil/loss"])
    assert [point.step for point in loss] == list(range(1, 1001))
    kinds = [(event.kind, event.payload) for event in store.events(run_id)]
    assert kinds == [
        ("stage", {"name": "first"}),
        ("stage", {"name": "second"}),
        ("example", {"text": "Joe Biden"}),
    ]
    folder = store.workspace.folder("runs", run_id)
    assert read_json(folder / "result.json") == run.result
    assert read_json(folder / "request.json")["settings"]["act"] == "succeed"
    log = RunHandle(store, run_id).log()
    assert "\nall read\n" in log and "25 %" not in log
    assert RunHandle(store, run_id).log(last=1).endswith("succeeded")


def test_the_error_of_a_caller_is_kept_word_by_word(store):
    run = RunHandle(store, start(store, "fail")).wait(PATIENCE)
    assert run.state is RunState.FAILED
    assert run.error == "films.tsv, line 3: two columns where three were expected."
    with pytest.raises(FormatError, match=r"films\.tsv, line 3"):
        raise run.failure()


def test_an_unexpected_error_is_a_sentence_and_its_traceback_is_in_the_log(store):
    run = RunHandle(store, start(store, "crash")).wait(PATIENCE)
    assert run.error == (
        "An unexpected failure: ZeroDivisionError: division by zero (see the log)."
    )
    assert isinstance(run.failure(), RunFailed)
    assert "in crash\n" in RunHandle(store, run.id).log()


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        ("no_such_recipe", "There is no recipe 'no_such_recipe'"),
        ("stand_ins.missing", "There is no recipe 'stand_ins.missing'"),
        ("core.records", "core.records is no recipe"),
    ],
)
def test_what_is_no_recipe_is_said(store, recipe, sentence):
    run = RunHandle(store, submit(store, recipe, Acting(act="succeed")).id).wait(PATIENCE)
    assert run.state is RunState.FAILED
    assert sentence in run.error


def test_settings_that_a_recipe_does_not_take_are_said(store):
    run_id = submit(store, "core.runs.worker.serving", Acting(act="succeed")).id
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert run.error_kind == "SettingsError"
    assert "Setting 'act'" in run.error


def test_stopping_ends_a_run_at_its_next_safe_point(store):
    run_id = start(store, "wait")
    run_until(store, run_id, is_waiting)
    RunHandle(store, run_id).stop()
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert (run.state, run.error, run.result) == (RunState.STOPPED, None, None)
    RunHandle(store, run_id).stop()  # nothing happens any more
    assert store.run(run_id) == run


def test_a_run_may_be_stopped_before_it_begins(store):
    run_id = start(store, "wait")
    RunHandle(store, run_id).stop()
    assert store.run(run_id).state in (RunState.STOPPING, RunState.STOPPED)
    deadline = time.monotonic() + PATIENCE
    run = store.run(run_id)
    while is_alive(run.pid, run.process_started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(run.pid, run.process_started)


def test_a_hard_stop_kills(store):
    run_id = start(store, "wait")
    run = run_until(store, run_id, is_waiting)
    RunHandle(store, run_id).stop(hard=True)
    assert store.run(run_id).state is RunState.STOPPED
    deadline = time.monotonic() + PATIENCE
    while is_alive(run.pid, run.process_started) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(run.pid, run.process_started)


@pytest.mark.parametrize("whose", ["the system's first", "this one", "of another group"])
def test_no_process_is_signalled_that_is_no_worker(store, monkeypatch, whose):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pid = {"the system's first": 1, "this one": os.getpid()}.get(whose, other.pid)
    signals = []
    for name in ("kill", "killpg"):
        monkeypatch.setattr(processes.os, name, lambda *given: signals.append(given))
    for hard in (False, True):
        store.add(f"r{hard}", RECIPE, {}, "", None)
        store.begin(f"r{hard}", pid, start_time(pid))
        RunHandle(store, f"r{hard}").stop(hard=hard)
    assert signals == []
    store.finish("rFalse", RunState.STOPPED)
    monkeypatch.undo()
    other.communicate(b"\n")


def test_a_killed_worker_is_tried_again_and_this_is_told(store):
    run_id = start(store, "wait")
    run = run_until(store, run_id, is_waiting)
    os.kill(run.pid, signal.SIGKILL)
    again = run_until(store, run_id, lambda run: run.attempt == 2 and is_waiting(run))
    assert again.pid != run.pid
    told = [(event.kind, event.payload) for event in store.events(run_id)]
    about = {"cause": "killed", "exit_code": -9, "attempt": 1, "resumes": True}
    assert told[1:3] == [("lost", about), ("attempt", {"attempt": 2})]


def test_what_was_made_just_before_a_kill_is_made_again(store):
    run = RunHandle(store, start(store, "publish_and_die_once", name="s")).wait(PATIENCE)
    assert (run.state, run.attempt) == (RunState.SUCCEEDED, 2), RunHandle(store, run.id).log()
    made = store.workspace.folder("students", "s")
    assert (made / "attempt").read_text(encoding="ascii") == "2"
    assert store.artefacts(run.id) == [("students", "s")]


def test_what_another_run_made_is_not_made_again(store):
    with store.workspace.publish("students", "s"):
        pass
    run = RunHandle(store, start(store, "publish_and_die_once", name="s")).wait(PATIENCE)
    assert run.state is RunState.FAILED and "'s' is taken among the students" in run.error
    assert store.artefacts(run.id) == []


def test_who_lost_the_race_for_a_name_does_not_take_it_when_it_is_tried_again(store, monkeypatch):
    store.add("late", RECIPE, {}, "", None)
    store.begin("late", os.getpid(), start_time(os.getpid()))
    note = store.add_artefact

    def note_too_late(*made):
        """Another run takes the place in the moment after this one has looked."""
        noted = note(*made)
        if not store.workspace.exists("students", "s"):
            with store.workspace.publish("students", "s") as folder:
                (folder / "file").write_text("another's")
        return noted

    monkeypatch.setattr(store, "add_artefact", note_too_late)
    for _ in range(2):
        with pytest.raises(AlreadyExists, match="'s' is taken among the students"):
            with _Recorded(store, "late", 1).publish("students", "s") as folder:
                (folder / "file").write_text("late")
        assert store.artefacts("late") == []
        assert (store.workspace.open("students", "s") / "file").read_text() == "another's"


def test_a_worker_that_the_system_ends_goes_on_later(store):
    run_id = start(store, "wait")
    os.kill(run_until(store, run_id, is_waiting).pid, signal.SIGTERM)
    run_until(store, run_id, lambda run: run.attempt == 2 and is_waiting(run))
    (lost,) = [event.payload for event in store.events(run_id) if event.kind == "lost"]
    assert (lost["cause"], lost["exit_code"]) == ("killed", 143)


def test_a_run_that_kills_its_own_process_again_and_again_is_given_up(store):
    run = RunHandle(store, start(store, "die")).wait(PATIENCE)
    assert (run.state, run.attempt, run.cause) == (RunState.LOST, recovery.MOST_ATTEMPTS, "killed")
    assert "killed from outside" in run.error
    assert isinstance(run.failure(), RunFailed)


def test_a_crash_is_not_tried_again(store):
    run = RunHandle(store, start(store, "segfault")).wait(PATIENCE)
    assert (run.state, run.attempt, run.cause) == (RunState.LOST, 1, "crash")


def test_a_zombie_counts_as_dead():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = start_time(child.pid)
    assert is_alive(child.pid, started)
    assert not is_alive(child.pid, started - 100)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, but not collected
    assert not is_alive(child.pid, started)
    child.communicate()
    assert start_time(child.pid) is None


def test_a_worker_that_ends_leaves_no_zombie(store):
    run = RunHandle(store, start(store, "succeed")).wait(PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while start_time(run.pid) == run.process_started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert start_time(run.pid) != run.process_started


def test_settings_change_while_a_run_goes_on(store):
    run_id = start(store, "wait")
    run_until(store, run_id, is_waiting)
    store.set_control(run_id, "alpha", 0.25)
    deadline = time.monotonic() + PATIENCE
    while not (done := [e for e in store.events(run_id) if e.kind == "control"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert done[0].payload == {"key": "alpha", "old": 0.5, "new": 0.25, "step": 1}
    (control,) = store.controls(run_id)
    assert (control.old, control.value, control.step) == (0.5, 0.25, 1)
    assert control.at <= control.taken <= control.applied


def test_a_paused_run_waits_and_goes_on(store):
    run_id = start(store, "wait")
    run_until(store, run_id, is_waiting)
    lifecycle.pause(store, run_id)
    deadline = time.monotonic() + PATIENCE
    while (note := store.run(run_id).note) != store.run(run_id).note or not note:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert store.run(run_id).state is RunState.PAUSED
    lifecycle.resume(store, run_id)
    run_until(store, run_id, lambda run: run.state is RunState.RUNNING and run.note != note)


def test_a_paused_run_stops(store):
    run_id = start(store, "wait")
    run_until(store, run_id, is_waiting)
    lifecycle.pause(store, run_id)
    RunHandle(store, run_id).stop()
    assert RunHandle(store, run_id).wait(PATIENCE).state is RunState.STOPPED


def test_a_run_outlives_the_process_that_started_it(store):
    script = (
        "import sys, time\n"
        "from core.runs.client import submit\n"
        "from core.runs.store.store import Store\n"
        "from core.workspace import Workspace\n"
        "from stand_ins.acting import Acting\n"
        f"store = Store(Workspace({str(store.workspace.root)!r}))\n"
        f"print(submit(store, {RECIPE!r}, Acting(act='soon')).id, flush=True)\n"
        "time.sleep(60)\n"
    )
    submitter = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=presence.PROJECT
    )
    run_id = submitter.stdout.readline().strip()
    submitter.kill()
    submitter.communicate()
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert (run.state, run.result) == (RunState.SUCCEEDED, {"end": "reached"})


def test_a_folder_that_cannot_be_written_leaves_nothing(store, tmp_path):
    (store.workspace.root / "runs").write_text("a file where a folder should be")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        start(store, "succeed")
    assert store.runs() == []


def test_a_process_that_cannot_start_is_a_failed_run(store, monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    run_id = start(store, "succeed")
    monkeypatch.setattr(local.sys, "executable", str(store.workspace.root / "no-python"))
    supervisor = Supervisor(store, supervisor_lease.acquire_lease(store))
    devices.register(store.database)
    supervisor.tick()
    run = store.run(run_id)
    assert (run.state, run.error_kind) == (RunState.FAILED, "WorkspaceError")
    supervisor_lease.release_lease(store, supervisor.token)


def test_a_log_needs_a_run(store):
    with pytest.raises(NotFound):
        RunHandle(store, "../../etc/passwd").log()


def test_waiting_ends_in_time(store):
    run_id = start(store, "wait")
    assert not RunHandle(store, run_id).wait(timeout=0).state.is_over
