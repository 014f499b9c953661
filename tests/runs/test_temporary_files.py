"""What libraries leave among the temporary files goes with the worker, however it ends."""

import os
import signal
import tempfile
import time

import pytest
from stand_ins.acting import Acting
from waiting import PATIENCE, run_until

from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive
from core.runs.run import RunState
from core.runs.store import housekeeping
from core.runs.supervisor import presence


def start(store, act, **settings):
    return submit(store, "stand_ins.acting", Acting(act=act, **settings)).id


def is_gone(folder):
    return not folder.exists()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """A temporary folder of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def test_a_run_leaves_nothing(store, temporary):
    run = RunHandle(store, start(store, "litter"))
    assert run.wait(PATIENCE).state is RunState.SUCCEEDED, run.log()
    assert list(temporary.rglob("*")) == []


def test_what_a_killed_run_left_goes_and_a_living_one_keeps_its_own(store, temporary):
    run_id = start(store, "litter", name="stay")
    first = run_until(store, run_id, lambda run: run.stage == "waiting")
    (before,) = temporary.iterdir()
    assert before.stat().st_mode & 0o777 == 0o700 and list(before.iterdir())
    os.kill(first.pid, signal.SIGKILL)
    # The supervisor may start the next attempt before it clears up after the last.
    run_until(
        store, run_id, lambda run: run.attempt == 2 and run.stage == "waiting" and is_gone(before)
    )
    (after,) = temporary.iterdir()
    assert after != before
    assert housekeeping.clear_drafts(store) == []
    presence.end(store)
    RunHandle(store, run_id).stop(hard=True)
    run_until(store, run_id, lambda run: not is_alive(run.pid, run.process_started))
    # It is unlocked when all of the process is gone; who clears it up, and when, is all the same.
    deadline = time.monotonic() + PATIENCE
    while list(temporary.iterdir()) and time.monotonic() < deadline:
        housekeeping.clear_drafts(store)
        time.sleep(0.02)
    assert is_gone(after)
