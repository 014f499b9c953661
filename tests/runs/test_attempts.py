"""A worker in this process: what it does about a store that is away, and about another attempt."""

import signal

import pytest
from stand_ins.acting import Acting

from core.errors import WorkspaceError
from core.runs.run import RunState
from core.runs.store import retrying
from core.runs.store.database import Database
from core.runs.worker import attempts


@pytest.fixture
def run_id(store):
    """A run whose process is this one."""
    before = signal.getsignal(signal.SIGTERM)
    settings = Acting(act="publish", name="made").model_dump(mode="json")
    store.add("r", "stand_ins.acting", settings, "", None, state=RunState.STARTING)
    (store.workspace.root / "runs" / "r").mkdir(parents=True)
    yield "r"
    signal.signal(signal.SIGTERM, before)


def test_a_store_that_is_away_at_every_second_look_ends_no_run(store, run_id, monkeypatch):
    looks = []

    def refusing(method):
        def ask(database):
            looks.append(1)
            if len(looks) % 2:
                raise WorkspaceError("The store cannot be used: disk I/O error.")
            return method(database)

        return ask

    monkeypatch.setattr(retrying, "PAUSE_SECONDS", 0)
    with monkeypatch.context() as patch:
        for name in ("reading", "writing"):
            patch.setattr(Database, name, refusing(getattr(Database, name)))
        assert attempts.work(store, run_id, 1) == 0
    assert store.run(run_id).state is RunState.SUCCEEDED
    assert store.artefacts(run_id) == [("students", "made")]


def test_an_attempt_that_is_over_publishes_nothing(store, run_id, monkeypatch):
    begin = store.begin

    def begin_and_be_given_up(*words):
        begun = begin(*words)
        store.move(run_id, (RunState.RUNNING,), RunState.QUEUED, {"attempt": 2})
        return begun

    monkeypatch.setattr(store, "begin", begin_and_be_given_up)
    assert attempts.work(store, run_id, 1) != 0
    assert store.workspace.names("students") == []
    assert store.run(run_id).state is RunState.QUEUED
