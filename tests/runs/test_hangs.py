"""A worker that hangs: told by its silence or its recipe's, and by no clock that is set."""

import dataclasses
import os
import signal
import time

import pytest
from stand_ins.acting import Acting
from waiting import PATIENCE, until

from core.errors import SettingsError
from core.runs import resident
from core.runs import run as runs
from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive, start_time
from core.runs.run import RunState
from core.runs.store import devices, supervisor_lease
from core.runs.store.store import RESIDENT
from core.runs.supervisor import hangs, presence, recovery
from core.runs.supervisor.hangs import HangDetector
from core.runs.supervisor.loop import Supervisor
from core.runs.worker import store_report
from core.runs.worker.store_report import StoreReport

RECIPE = "stand_ins.acting"


@pytest.fixture
def run(store):
    store.add("r", RECIPE, {}, "", None)
    store.begin("r", os.getpid(), start_time(os.getpid()))
    return store.run("r")


@pytest.fixture
def here(store, monkeypatch):
    """A supervisor in this process, which begins what is submitted when it ticks."""
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    devices.register(store.database)
    here = Supervisor(store, supervisor_lease.acquire_lease(store))
    yield here
    for one in store.runs():
        RunHandle(store, one.id).stop(hard=True)
    for child in here.children.values():
        child.wait()
    supervisor_lease.release_lease(store, here.token)


def begun(store, here, act):
    """A run that has begun its work."""
    run_id = submit(store, RECIPE, Acting(act=act)).id
    until(lambda: here.tick() and store.run(run_id).stage == "waiting")
    return store.run(run_id)


# --- who hangs ----------------------------------------------------------------------------------


def test_who_is_silent_too_long_hangs(run):
    watch = HangDetector()
    for now in range(0, 299, 3):
        watch.observe(float(now), [run])
        assert not watch.is_hung(run)
    watch.observe(301.0, [run])
    assert watch.is_hung(run)
    heard = dataclasses.replace(run, beat=run.beat + 2)
    watch.observe(304.0, [heard])
    assert not watch.is_hung(heard) and watch.silence(heard) == 0


def test_time_in_which_nobody_looked_counts_for_nothing(run):
    watch = HangDetector()
    watch.observe(0.0, [run])
    watch.observe(36_000.0, [run])  # the supervisor was held up as well
    assert watch.silence(run) == hangs.LOOK_SECONDS


def test_a_clock_that_is_set_makes_nobody_silent(store, run, monkeypatch):
    now = time.time()
    for jump in (-36_000, 36_000):
        monkeypatch.setattr(runs.time, "time", lambda jump=jump: now + jump)
        assert store.run("r").responds


def test_a_silent_worker_elsewhere_is_told_by_the_time_of_day(run):
    there = dataclasses.replace(run, machine="elsewhere/x", heartbeat=time.time() - 100)
    assert not there.responds and there.silence() >= 100


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.SUCCEEDED])
def test_a_run_without_a_process_is_never_silent(run, state):
    assert dataclasses.replace(run, state=state, beat=run.beat - 1e6).responds


def test_a_recipe_that_says_nothing_for_too_long_hangs_but_not_while_it_is_paused(run):
    watch = HangDetector()
    quiet = dataclasses.replace(run, quiet=3601.0)
    watch.observe(0.0, [quiet])
    assert watch.is_hung(quiet)
    assert not watch.is_hung(dataclasses.replace(quiet, state=RunState.PAUSED))


@pytest.mark.parametrize("given", ["soon", "0", "-3", "nan"])
def test_a_limit_that_is_none_is_said_to_whoever_starts_a_run(store, monkeypatch, given):
    monkeypatch.setenv(hangs.HUNG, given)
    with pytest.raises(SettingsError, match=f"{hangs.HUNG} is a number of seconds above 0"):
        submit(store, RECIPE, Acting(act="echo"))


# --- what a worker says -------------------------------------------------------------------------


def test_quiet_is_counted_from_the_last_word_of_the_recipe(store, run, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(store_report.time, "monotonic", lambda: clock[0])
    report = StoreReport(store, "r")
    for word in (
        lambda: report.stage("s"),
        lambda: report.progress(1, 2),
        lambda: report.metrics(1, {"x": 1.0}),
        lambda: report.event("log"),
        report.controls,
        report.check_stop,
    ):
        clock[0] += 3
        word()
        clock[0] += 3
        report.flush()
        said = store.run("r").quiet
        clock[0] += 3
        report.flush()
        assert said <= 3.001 and store.run("r").quiet == pytest.approx(said + 3)
    clock[0] += 3600  # it was held up, and had no chance to say anything
    report.flush()
    assert store.run("r").quiet < 15


def test_what_a_person_asks_of_a_silent_run_is_no_sign_of_life(store, run):
    store.note("r", "asked", what="pause")
    assert store.run("r").heartbeat == run.heartbeat
    assert [event.kind for event in store.events("r")] == ["asked"]


# --- what becomes of it -------------------------------------------------------------------------


def test_a_worker_that_was_held_up_is_ended_and_tried_again(store, here, monkeypatch):
    monkeypatch.setattr(runs, "NOT_RESPONDING_SECONDS", 2.5)
    run = begun(store, here, "wait")
    here.hang_detector._limits[hangs.HUNG] = 4.0
    os.kill(run.pid, signal.SIGSTOP)
    until(lambda: not store.run(run.id).responds)
    assert store.run(run.id).state is RunState.RUNNING
    until(lambda: here.tick() and store.run(run.id).attempt == 2)
    here.hang_detector._limits[hangs.HUNG] = float(PATIENCE)  # a busy machine may be slow to begin
    assert not is_alive(run.pid, run.process_started)
    until(lambda: here.tick() and store.run(run.id).stage == "waiting")
    (lost,) = [event.payload for event in store.events(run.id) if event.kind == "lost"]
    assert lost == {"cause": "hung", "exit_code": -9, "attempt": 1, "resumes": True}


def test_a_recipe_that_hangs_while_its_worker_beats_is_tried_twice_more(store, here):
    here.hang_detector._limits[hangs.STALLED] = 1.0
    run = begun(store, here, "deaf")
    until(lambda: not here.tick())
    run = store.run(run.id)
    assert (run.state, run.cause) == (RunState.LOST, "hung")
    assert run.attempt == recovery.MOST_ATTEMPTS == 3
    assert "did not respond" in run.error and run.error.endswith(".")


def test_a_worker_that_was_held_up_stops_at_its_safe_point_when_asked(store, here):
    run = begun(store, here, "wait")
    os.kill(run.pid, signal.SIGSTOP)
    RunHandle(store, run.id).stop()
    until(lambda: store.run(run.id).state.is_over)
    assert store.run(run.id).state is RunState.STOPPED
    here.children[run.id].wait(PATIENCE)
    assert here.children[run.id].returncode == 0  # by itself


def test_one_that_does_not_respond_to_a_stop_is_ended_soon(store, here, monkeypatch):
    monkeypatch.setattr("core.runs.supervisor.loop.SHORT_GRACE_SECONDS", 3.0)
    run = begun(store, here, "deaf")
    RunHandle(store, run.id).stop()
    os.kill(run.pid, signal.SIGSTOP)
    began = time.monotonic()
    until(lambda: not here.tick())
    assert store.run(run.id).state is RunState.STOPPED
    assert time.monotonic() - began < 60  # half of what one may take that beats
    until(lambda: not is_alive(run.pid, run.process_started))


def test_a_resident_that_hangs_is_replaced(store, monkeypatch):
    monkeypatch.setattr(resident, "SILENT_SECONDS", 3.0)
    first = resident.call(store, RECIPE, Acting(act="echo"))
    os.kill(first["pid"], signal.SIGSTOP)
    assert resident.call(store, RECIPE, Acting(act="echo"))["pid"] != first["pid"]
    states = [one.state for one in store.runs(recipe=RESIDENT)]
    assert states == [RunState.RUNNING, RunState.LOST]
