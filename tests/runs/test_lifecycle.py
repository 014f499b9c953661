"""Pausing, resuming and branching runs that stand in the store; nothing is started."""

import os

import pytest
from stand_ins.acting import Acting

from core.checkpoints import new_checkpoint
from core.errors import NotFound, SettingsError
from core.runs import client, lifecycle
from core.runs.client import RunHandle, submit
from core.runs.processes import start_time
from core.runs.run import RunState
from core.runs.store import queue
from core.runs.supervisor import presence
from core.settings import DistillSettings
from core.workspace import read_json

STUDENT = DistillSettings(name="s", teacher="t", batch_size=32)


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def running(store):
    run_id = submit(store, "distill_student", STUDENT).id
    store.begin(run_id, os.getpid(), start_time(os.getpid()))
    yield run_id
    store.finish(run_id, RunState.STOPPED)  # its process is this one


def asked(store, run_id):
    return [event.payload for event in store.events(run_id) if event.kind == "asked"]


def test_pause_and_go_on_are_told_with_who(store, running):
    lifecycle.pause(store, running, who="ada")
    lifecycle.pause(store, running, who="bob")  # it is paused already
    assert store.run(running).state is RunState.PAUSED
    assert lifecycle.resume(store, running, who="bob").state is RunState.RUNNING
    assert asked(store, running) == [
        {"what": "pause", "who": "ada"},
        {"what": "resume", "who": "bob"},
    ]


def test_a_run_that_ended_badly_is_queued_again_with_a_fix(store, running):
    store.finish(running, RunState.FAILED, error="It broke.", cause="memory")
    run = lifecycle.resume(store, running, {"batch_size": 16}, who="ada")
    assert (run.state, run.attempt, run.error, run.cause) == (RunState.QUEUED, 2, None, None)
    assert run.settings == {**STUDENT.model_dump(), "batch_size": 16}
    assert asked(store, running) == [{"what": "resume", "who": "ada", "batch_size": 16}]


def test_two_who_resume_at_once_make_one_attempt(store, running, monkeypatch):
    store.finish(running, RunState.FAILED, error="It broke.")
    seen = store.run(running)
    lifecycle.resume(store, running)
    store.finish(running, RunState.FAILED, error="It broke again.")
    with monkeypatch.context() as patch:
        patch.setattr(store, "run", lambda run_id: seen)
        with pytest.raises(SettingsError, match="nothing to resume"):
            lifecycle.resume(store, running)
    assert store.run(running).attempt == 2


def test_a_hard_stop_ends_the_attempt_that_it_met(store, running, monkeypatch):
    def die_and_be_resumed(run):
        store.finish(run.id, RunState.STOPPED)
        lifecycle.resume(store, run.id)

    monkeypatch.setattr(client, "kill", die_and_be_resumed)
    RunHandle(store, running).stop(hard=True)
    assert (store.run(running).state, store.run(running).attempt) == (RunState.QUEUED, 2)


def test_resuming_one_lets_its_followers_follow(store, running):
    follower = submit(store, "stand_ins.acting", Acting(act="echo"), after=[running]).id
    store.finish(running, RunState.FAILED, error="It broke.")
    queue.fail_unrunnable(store)
    lifecycle.resume(store, running)
    assert store.run(follower).state is RunState.QUEUED


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (RunState.SUCCEEDED, "has succeeded: branch it"),
        (None, "is running: there is nothing to resume"),
    ],
)
def test_what_cannot_be_resumed(store, running, state, sentence):
    if state:
        store.finish(running, state, result={})
    with pytest.raises(SettingsError, match=sentence):
        lifecycle.resume(store, running)


def test_wrong_fixes_are_refused(store, running):
    store.finish(running, RunState.FAILED)
    with pytest.raises(SettingsError, match="Setting 'batch_size'"):
        lifecycle.resume(store, running, {"batch_size": 0})
    with pytest.raises(SettingsError, match="Setting 'nonsense'"):
        lifecycle.resume(store, running, {"nonsense": 1})
    assert store.run(running).state is RunState.FAILED
    with pytest.raises(SettingsError, match="is failed: only a running one can be paused"):
        lifecycle.pause(store, running)


def test_a_branch_is_a_new_run_with_its_own_name(store, running):
    with pytest.raises(SettingsError, match="give it another name"):
        lifecycle.branch(store, running, {"alpha": 0.2})
    new = store.run(lifecycle.branch(store, running, {"alpha": 0.2, "name": "s2"}, who="ada"))
    assert (new.parent, new.settings["alpha"], new.state) == (running, 0.2, RunState.QUEUED)
    folder = store.workspace.folder("runs", new.id)
    assert read_json(folder / "request.json")["settings"]["name"] == "s2"
    assert not (folder / "checkpoints").exists()
    said = {"what": "branch", "who": "ada", "run": running, "step": None}
    assert asked(store, new.id) == [said]


def test_a_branch_may_go_on_from_a_checkpoint(store, running):
    folder = store.workspace.folder("runs", running) / "checkpoints"
    with new_checkpoint(folder, 7) as draft:
        (draft / "weights").write_text("seven")
    with pytest.raises(NotFound, match="no checkpoint"):
        lifecycle.branch(store, running, {"name": "s2"}, step=8)
    new = store.run(lifecycle.branch(store, running, {"name": "s2"}, step=7))
    assert (new.settings["branch"], new.parent) == (f"{running}:7", running)
    other = submit(store, "stand_ins.acting", Acting(act="echo")).id
    with pytest.raises(SettingsError, match="begins at the start: leave out the step"):
        lifecycle.branch(store, other, {"name": "x"}, step=7)
