"""The supervisor as a process: there is one, it can be killed, and nothing depends on it living."""

import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import delete
from stand_ins.acting import Acting
from waiting import PATIENCE, until

from core.errors import WorkspaceError
from core.runs.backends import local
from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive
from core.runs.run import RunState
from core.runs.store import devices, supervisor_lease
from core.runs.store.tables import supervisors
from core.runs.supervisor import loop, presence

RECIPE = "stand_ins.acting"


def start(store, act, **settings):
    return submit(store, RECIPE, Acting(act=act, **settings)).id


def is_waiting(store, run_id):
    return store.run(run_id).stage == "waiting"


def kill_supervisor(store):
    found = until(lambda: presence.present(store))
    os.kill(found.pid, signal.SIGKILL)
    until(lambda: not is_alive(found.pid, found.process_started))


def leave(store, here):
    """Let a supervisor in this process go; its workers have ended."""
    for child in here.children.values():
        child.wait()
    supervisor_lease.release_lease(store, here.token)


def test_a_place_is_taken_once_and_given_back(store):
    token = supervisor_lease.acquire_lease(store)
    assert presence.present(store).pid == os.getpid()
    assert supervisor_lease.acquire_lease(store) is None
    assert supervisor_lease.renew_lease(store, token)
    supervisor_lease.release_lease(store, token)
    assert presence.present(store) is None
    assert not supervisor_lease.renew_lease(store, token)


def test_of_two_at_once_one_steps_back(store):
    environment = {**os.environ, "PATHDISTILL_HOME": str(store.workspace.root)}
    command = [sys.executable, "-m", "core.runs.supervisor"]
    options = {"env": environment, "cwd": presence.PROJECT, "text": True}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, **options) for _ in range(2)]
    try:
        until(lambda: any(process.poll() is not None for process in both))
        back, works = sorted(both, key=lambda process: process.poll() is None)
        assert "there is a supervisor already" in back.stdout.read()
        assert presence.present(store).pid == works.pid
    finally:
        for process in both:
            process.terminate()
            process.communicate()


def test_there_is_one_even_where_the_store_was_put_back_from_a_copy(store):
    run_id = start(store, "wait")
    until(lambda: is_waiting(store, run_id))
    with store.database.writing() as connection:
        connection.execute(delete(supervisors))  # as a copy from before it came would say
        assert not loop.supervise(store, idle_seconds=0.1)
    with presence.alone(store.workspace.root) as is_alone:
        assert not is_alone
    until(lambda: presence.present(store) is None)


def test_a_queued_run_is_begun_at_once_and_not_at_the_next_look(store, monkeypatch):
    environment = {**os.environ, "PATHDISTILL_HOME": str(store.workspace.root)}
    slow = "from core.runs.supervisor import __main__ as m; m.loop.TICK_SECONDS = 3600; m.main()"
    process = subprocess.Popen([sys.executable, "-c", slow], env=environment)
    try:
        until(lambda: presence.present(store))
        first = RunHandle(store, start(store, "echo")).wait(PATIENCE)  # its end frees its place
        devices.set_slots(store.database, "light", 1)
        second, third = start(store, "echo"), start(store, "echo")
        assert first.state is RunState.SUCCEEDED
        assert RunHandle(store, second).wait(PATIENCE).state is RunState.SUCCEEDED
        assert RunHandle(store, third).wait(PATIENCE).state is RunState.SUCCEEDED
        killed = start(store, "die_once")
        assert RunHandle(store, killed).wait(PATIENCE).attempt == 2
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_a_killed_supervisor_is_replaced_and_its_workers_go_on(store):
    waiting, later = start(store, "wait"), start(store, "wait", name="later")
    until(lambda: is_waiting(store, waiting) and is_waiting(store, later))
    pids = {store.run(waiting).pid, store.run(later).pid}
    kill_supervisor(store)
    assert presence.present(store) is None
    presence.ensure(store)
    until(lambda: presence.present(store))
    os.kill(store.run(waiting).pid, signal.SIGKILL)  # nobody's child any more
    until(lambda: store.run(waiting).attempt == 2 and is_waiting(store, waiting))
    assert store.run(later).pid in pids
    assert store.run(later).attempt == 1


def test_a_run_claimed_by_a_supervisor_that_died_is_started_by_the_next(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(presence, "ensure", lambda store: None)
        run_id = start(store, "echo", name="x")
    store.move(run_id, (RunState.QUEUED,), RunState.STARTING)
    presence.ensure(store)
    assert RunHandle(store, run_id).wait(PATIENCE).result["said"] == "x"


@pytest.mark.parametrize("act", ["echo", "die_once"])
def test_a_store_that_is_away_when_a_process_is_named_fails_no_run(store, monkeypatch, act):
    def refuse(*_):
        raise WorkspaceError("The store cannot be used: disk I/O error.")

    monkeypatch.setattr(presence, "ensure", lambda store: None)
    run_id = start(store, act, name="x")
    devices.register(store.database)
    here = loop.Supervisor(store, supervisor_lease.acquire_lease(store))
    with monkeypatch.context() as patch:
        patch.setattr(store, "name_process", refuse)
        here.tick()
    until(lambda: not here.tick())
    leave(store, here)
    assert store.run(run_id).state is RunState.SUCCEEDED


def test_a_process_that_ends_before_anybody_could_name_it_is_replaced(store, monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    run_id = start(store, "echo", name="x")
    devices.register(store.database)
    here = loop.Supervisor(store, supervisor_lease.acquire_lease(store))
    with monkeypatch.context() as patch:
        patch.setattr(store, "name_process", lambda *_: None)
        patch.setattr(local, "_start", lambda *_: subprocess.Popen(["sh", "-c", "kill -9 $$"]))
        here.tick()
    here.children[run_id].wait()
    until(lambda: not here.tick())
    leave(store, here)
    assert (store.run(run_id).state, store.run(run_id).attempt) == (RunState.SUCCEEDED, 2)


def test_what_does_not_stop_is_ended(store, monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    monkeypatch.setattr(loop, "GRACE_SECONDS", 0.5)
    run_id = start(store, "deaf")
    devices.register(store.database)
    here = loop.Supervisor(store, supervisor_lease.acquire_lease(store))
    until(lambda: here.tick() and is_waiting(store, run_id))
    run = store.run(run_id)
    RunHandle(store, run_id).stop()
    until(lambda: not here.tick())
    assert store.run(run_id).state is RunState.STOPPED
    until(lambda: not is_alive(run.pid, run.process_started))
    leave(store, here)


@pytest.mark.parametrize(("when", "cause"), [("now", "memory"), ("long ago", None)])
def test_memory_is_to_blame_only_if_it_ran_out_of_late(store, monkeypatch, when, cause):
    count = [5]
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    monkeypatch.setattr(loop.diagnosis, "memory_kills", lambda: count[0])
    monkeypatch.setattr(loop, "SLOW_SECONDS", 0.0)
    run_id = start(store, "wait")
    devices.register(store.database)
    here = loop.Supervisor(store, supervisor_lease.acquire_lease(store))
    until(lambda: here.tick() and is_waiting(store, run_id))
    if when == "long ago":
        count[0] += 1
        for _ in range(here.memory_kills.maxlen):
            here.tick()
    else:
        count[0] += 1
    os.kill(store.run(run_id).pid, signal.SIGKILL)
    until(lambda: here.tick() is None or store.run(run_id).attempt == 2 or store.run(run_id).cause)
    assert store.run(run_id).cause == cause
    RunHandle(store, run_id).stop(hard=True)
    leave(store, here)


def test_it_leaves_when_there_is_nothing_to_do(store):
    assert loop.supervise(store, idle_seconds=0.1)
    assert presence.present(store) is None


def test_it_leaves_when_asked_and_the_runs_stay(store):
    run_id = start(store, "wait")
    until(lambda: is_waiting(store, run_id))
    assert presence.end(store)
    run = store.run(run_id)
    assert run.state is RunState.RUNNING and is_alive(run.pid, run.process_started)


def test_a_store_that_is_busy_for_a_while_is_waited_for(store, monkeypatch):
    calls = []

    def tick(self):
        calls.append(len(calls))
        if len(calls) < 3:
            raise WorkspaceError("The store stayed busy.")
        raise loop.LeaseLost

    monkeypatch.setattr(loop, "SLOW_SECONDS", 0.01)
    monkeypatch.setattr(loop.Supervisor, "tick", tick)
    assert loop.supervise(store)
    assert calls == [0, 1, 2]
    supervisor_lease.release_lease(store, presence.present(store).token)


@pytest.fixture(autouse=True)
def signals_as_before():
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
    yield
    for number, handler in before:
        signal.signal(number, handler)


def test_a_worker_that_ends_between_two_looks_is_told_by_its_exit_code(store):
    class Ending:
        pid, looks = 2**22 + 1, iter([None, 1, 1])  # a number that no process has

        def poll(self):
            return next(self.looks)

    store.add("r", RECIPE, {}, "", None, state=RunState.STARTING)
    store.begin("r", Ending.pid, 1.0)
    here = loop.Supervisor(store, supervisor_lease.acquire_lease(store))
    here.children["r"] = Ending()
    here.tick()
    supervisor_lease.release_lease(store, here.token)
    assert store.run("r").state is RunState.LOST  # not tried again as if it had been killed
    (lost,) = (event for event in store.events("r") if event.kind == "lost")
    assert lost.payload["exit_code"] == 1
