"""Who is lost, and what becomes of it."""

import os

import pytest

from core.runs import processes
from core.runs.processes import is_gone, machine, start_time
from core.runs.run import RunState
from core.runs.supervisor import recovery
from core.runs.supervisor.diagnosis import Cause
from core.runs.supervisor.recovery import MOST_ATTEMPTS, is_lost, recover

DEAD = 1.0  # when no process of ours began


@pytest.fixture
def running(store):
    store.add("r", "distill_student", {}, "", "slot")
    store.begin("r", os.getpid(), start_time(os.getpid()))
    return store.run("r")


def test_a_silent_run_with_a_living_process_is_not_lost(store, running):
    assert not is_lost(running, now=running.heartbeat + 1e6)


def test_a_number_that_another_process_has_by_now_is_lost_at_once(store):
    store.add("r", "distill_student", {}, "", None)
    store.begin("r", os.getpid(), DEAD)
    assert is_lost(store.run("r"))


def test_setting_the_clock_loses_nothing(store, running, monkeypatch):
    for jump in (-1e6, 1e6):
        monkeypatch.setattr(recovery.time, "time", lambda jump=jump: running.heartbeat + jump)
        assert not is_lost(store.run("r"))


def test_a_machine_that_was_restarted_has_lost_its_runs(monkeypatch):
    host = machine().partition("/")[0]
    assert is_gone(f"{host}/before", os.getpid(), start_time(os.getpid()))
    assert is_gone("elsewhere/x", 1, 1.0) is None


def test_a_run_elsewhere_is_lost_by_its_silence(store, running, monkeypatch):
    monkeypatch.setattr(recovery, "is_gone", lambda *_: None)
    assert not is_lost(running, now=running.heartbeat + 59)
    assert is_lost(running, now=running.heartbeat + 61)


@pytest.mark.parametrize("cause", [Cause.KILLED, Cause.MACHINE])
def test_what_came_from_outside_is_tried_again(store, running, cause):
    assert recover(store, running, cause, -9) is RunState.QUEUED
    run = store.run("r")
    assert (run.attempt, run.stage, run.pid, run.error) == (2, "", None, None)
    (event,) = store.events("r")
    assert event.payload == {"cause": cause, "exit_code": -9, "attempt": 1, "resumes": True}


@pytest.mark.parametrize("cause", [Cause.MEMORY, Cause.DISK, Cause.CRASH, Cause.UNEXPECTED])
def test_what_would_happen_again_is_explained(store, running, cause):
    assert recover(store, running, cause) is RunState.LOST
    run = store.run("r")
    assert (run.attempt, run.cause) == (1, cause)
    assert run.error.endswith(".") and run.ended is not None
    store.add("next", "distill_student", {}, "", "slot")  # the slot is free again


def test_nobody_tries_for_ever(store, running):
    for attempt in range(2, MOST_ATTEMPTS + 1):
        assert recover(store, store.run("r"), Cause.KILLED) is RunState.QUEUED
        assert store.begin("r", os.getpid(), DEAD)
        assert store.run("r").attempt == attempt
    assert recover(store, store.run("r"), Cause.KILLED) is RunState.LOST


def test_each_cause_has_its_tries_and_a_person_gives_new_ones(store, running):
    for cause in (Cause.KILLED, Cause.HUNG, Cause.KILLED, Cause.HUNG):
        assert recover(store, store.run("r"), cause) is RunState.QUEUED
        store.begin("r", os.getpid(), DEAD)
    store.note("r", "asked", what="resume")
    assert recover(store, store.run("r"), Cause.HUNG) is RunState.QUEUED
    store.begin("r", os.getpid(), DEAD)
    assert recover(store, store.run("r"), Cause.HUNG) is RunState.QUEUED
    store.begin("r", os.getpid(), DEAD)
    assert recover(store, store.run("r"), Cause.HUNG) is RunState.LOST


def test_a_run_that_was_stopping_when_it_vanished_has_stopped(store, running):
    store.ask_to_stop("r")
    assert recover(store, store.run("r"), Cause.KILLED) is RunState.STOPPED
    assert store.events("r") == []


def test_one_that_was_heard_of_meanwhile_lives(store, running):
    store.write("r", {"stage": "distil"})
    assert recover(store, running, Cause.KILLED) is None
    assert store.run("r").state is RunState.RUNNING


def test_a_start_is_told_by_a_clock_that_nobody_sets():
    if not processes._BOOT.exists():
        pytest.skip("this system tells the start of a process by the wall clock")
    assert 0 < start_time(os.getpid()) < 1e9
