"""Runs of several processes: all of them work, and all live or none."""

import os
import signal

import pytest
from stand_ins.acting import Acting
from waiting import PATIENCE, until

from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive, start_time
from core.runs.run import RunState
from core.runs.store import devices

RECIPE = "stand_ins.acting"


def start(store, name=""):
    return submit(store, RECIPE, Acting(act="ranks", processes=3, name=name)).id


def pids(store, run_id):
    """Of all ranks, once they are at work."""
    folder = store.workspace.folder("runs", run_id)
    files = [folder / f"rank-{rank}" for rank in range(3)]
    until(lambda: all(file.exists() and file.read_text() for file in files))
    found = [int(file.read_text()) for file in files]
    for file in files:
        file.unlink()
    return found


@pytest.fixture
def at_work(store):
    """A run of three processes: its id, and theirs."""
    run_id = start(store)
    until(lambda: store.run(run_id).stage == "waiting")
    return run_id, pids(store, run_id)


def gone(pid):
    return lambda: not is_alive(pid, start_time(pid))


def test_all_do_the_work_and_the_first_publishes(store, at_work):
    run_id, found = at_work
    run = store.run(run_id)
    assert run.pid == found[0] and len(set(found)) == 3
    assert {os.getpgid(pid) for pid in found} == {run.pid}
    student = store.workspace.folder("students", "mine")
    assert (student / "rank").read_text() == "0"
    assert store.workspace.names("students") == ["mine"]
    RunHandle(store, run_id).stop()
    assert RunHandle(store, run_id).wait(PATIENCE).state is RunState.STOPPED
    for pid in found:
        until(gone(pid))
    assert "another process" not in RunHandle(store, run_id).log()


@pytest.mark.parametrize("rank", [0, 2])
def test_when_one_is_killed_all_end_and_the_run_goes_on(store, at_work, rank):
    run_id, found = at_work
    os.kill(found[rank], signal.SIGKILL)
    until(lambda: store.run(run_id).attempt == 2 and store.run(run_id).stage == "waiting")
    again = pids(store, run_id)
    for pid in found:
        until(gone(pid))
    assert not set(found) & set(again)
    assert [event.payload["cause"] for event in store.events(run_id) if event.kind == "lost"] == [
        "killed"
    ]


def test_an_error_in_another_process_ends_the_run_and_its_log_says_so(store):
    run = RunHandle(store, start(store, "rank 1 was unlucky")).wait(PATIENCE)
    assert (run.state, run.attempt) == (RunState.LOST, 1)
    log = RunHandle(store, run.id).log()
    assert "rank 1 was unlucky" in log and "another process of this run ended by an error" in log


def test_a_connection_lost_by_an_error_elsewhere_is_told_as_that_error(store):
    run_id = submit(store, RECIPE, Acting(act="ranks_that_meet", processes=2)).id
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert run.state is RunState.FAILED
    assert run.error == "Another process of this run ended by an error, which is in the log."
    assert "FormatError: unlucky" in RunHandle(store, run_id).log()


def test_a_hard_stop_ends_all(store, at_work):
    run_id, found = at_work
    RunHandle(store, run_id).stop(hard=True)
    for pid in found:
        until(gone(pid))
    assert devices.held_by(store.database, run_id) == []
