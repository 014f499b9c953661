"""The same runs on a Ray cluster of one node, with the store in PostgreSQL."""

import os
import signal
import time
from pathlib import Path

import postgres_server
import pytest
import ray_cluster
from stand_ins.acting import Acting

from core.errors import SettingsError, WorkspaceError
from core.runs.backends import ray
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.workspace import Workspace

RECIPE = "stand_ins.acting"
PATIENCE = 180  # seconds; only ever reached by a failing test


def test_a_store_in_a_file_is_refused(store, monkeypatch):
    monkeypatch.setenv("PATHDISTILL_RAY", "http://127.0.0.1:1")
    with pytest.raises(SettingsError, match="need a store in PostgreSQL"):
        submit(store, RECIPE, Acting(act="echo"))
    assert store.runs() == []


def test_a_cluster_must_be_named(store, monkeypatch):
    store.add("r", RECIPE, {}, "", None, backend="ray")
    monkeypatch.delenv("PATHDISTILL_RAY", raising=False)
    with pytest.raises(SettingsError, match="No Ray cluster is named"):
        ray.end(store.run("r"))


@pytest.fixture(scope="module")
def address():
    pytest.importorskip("ray", reason="ray is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        with ray_cluster.cluster() as found:
            yield found


@pytest.fixture
def far(postgres, address, tmp_path, monkeypatch):
    """A store whose runs go to the cluster."""
    monkeypatch.setenv("PATHDISTILL_STORE", postgres_server.new_database(postgres))
    monkeypatch.setenv("PATHDISTILL_RAY", address)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where stand_ins lives
    store = Store(Workspace(tmp_path / "shared"))
    yield store
    presence.end(store)
    for run in store.runs():
        RunHandle(store, run.id).stop(hard=True)
    store.close()


def until(store, run_id, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition(run := store.run(run_id)):
        assert time.monotonic() < deadline, (run, RunHandle(store, run_id).log())
        time.sleep(0.1)
    return run


def test_a_run_goes_to_the_cluster_and_comes_back(far):
    first = submit(far, RECIPE, Acting(act="succeed", name="x")).id
    second = submit(far, RECIPE, Acting(act="echo", name="y"), after=[first]).id
    run = RunHandle(far, first).wait(PATIENCE)
    assert (run.state, run.backend) == (RunState.SUCCEEDED, "ray"), RunHandle(far, first).log()
    assert [point.step for point in far.metrics(first)][-2:] == [1000, 1]
    assert "all read" in RunHandle(far, first).log()
    assert RunHandle(far, second).wait(PATIENCE).result["said"] == "y"


def test_a_killed_worker_is_tried_again_on_the_cluster(far):
    run_id = submit(far, RECIPE, Acting(act="wait")).id
    run = until(far, run_id, lambda run: run.stage == "waiting")
    os.kill(run.pid, signal.SIGKILL)
    again = until(far, run_id, lambda run: run.attempt == 2 and run.stage == "waiting")
    assert again.pid != run.pid
    RunHandle(far, run_id).stop()
    assert RunHandle(far, run_id).wait(PATIENCE).state is RunState.STOPPED


def test_a_run_on_the_cluster_is_killed(far):
    run_id = submit(far, RECIPE, Acting(act="deaf")).id
    until(far, run_id, lambda run: run.stage == "waiting")
    RunHandle(far, run_id).stop(hard=True)
    assert far.run(run_id).state is RunState.STOPPED
    until(far, run_id, ray.has_ended)


def test_a_cluster_out_of_reach_is_said(far, monkeypatch):
    far.add("r", RECIPE, {}, "", None, backend="ray")
    monkeypatch.setenv("PATHDISTILL_RAY", "http://127.0.0.1:1")
    with pytest.raises(WorkspaceError, match="cannot be reached"):
        ray.end(far.run("r"))
