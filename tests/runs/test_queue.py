"""The queue, in a file and in PostgreSQL: order, priorities, needs, devices."""

import pytest
from postgres_server import new_database

from core.errors import NotFound, SettingsError
from core.runs.run import RunState
from core.runs.store import devices, queue
from core.runs.store.store import Store
from core.workspace import Workspace


@pytest.fixture(params=["file", "postgres"])
def store(request, tmp_path, monkeypatch):
    if request.param == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("PATHDISTILL_STORE", address)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    store = Store(Workspace(tmp_path / "workspace"))
    devices.register(store.database)
    devices.set_slots(store.database, "cpu", 1)
    devices.set_slots(store.database, "light", 2)
    yield store
    store.close()


def add(store, *ids, **more):
    settings = more.pop("settings", {})
    for run_id in ids:
        store.add(run_id, "stand_ins.acting", settings, run_id, None, **more)


def claimed(store):
    """Everything that can begin, in order."""
    found = iter(lambda: queue.claim(store), None)
    return [(run.id, *held) for run, held in found]


def succeed(store, run_id):
    store.begin(run_id, 1, 1.0)
    store.finish(run_id, RunState.SUCCEEDED, result={})


def test_runs_go_in_order_until_the_slots_are_taken(store):
    add(store, "a", "b", "c")
    assert claimed(store) == [("a", "light"), ("b", "light")]
    assert store.run("a").state is RunState.STARTING
    succeed(store, "a")
    assert claimed(store) == [("c", "light")]


def test_the_higher_priority_goes_first(store):
    add(store, "a", "b", "c")
    queue.set_priority(store, "c", 5)
    assert [run.id for run in queue.waiting(store)] == ["c", "a", "b"]
    assert claimed(store) == [("c", "light"), ("a", "light")]
    with pytest.raises(SettingsError, match="The run c is starting: only a queued one"):
        queue.set_priority(store, "c", 0)
    with pytest.raises(SettingsError, match="from -1000 to 1000"):
        queue.set_priority(store, "b", 1001)


def test_who_waits_for_one_device_holds_up_nobody_else(store):
    add(store, "a", "b", settings={"device": "cpu"})
    add(store, "c")
    assert claimed(store) == [("a", "cpu"), ("c", "light")]
    (cpu, light) = devices.known(store.database)
    assert (cpu.runs, light.runs) == (("a",), ("c",))


def test_every_end_gives_the_device_back(store):
    add(store, "a", "b", settings={"device": "cpu"})
    assert claimed(store) == [("a", "cpu")]
    store.finish("a", RunState.FAILED, error="It broke.")
    assert claimed(store) == [("b", "cpu")]
    assert queue.claim(store) is None


def test_a_chain_goes_one_by_one(store):
    add(store, "teacher")
    add(store, "student", after=["teacher"])
    add(store, "scores", after=["student", "teacher"])
    assert queue.needed(store, "scores") == ["student", "teacher"]
    for run_id in ("teacher", "student", "scores"):
        assert claimed(store) == [(run_id, "light")]
        succeed(store, run_id)
    assert [run.id for run in queue.chain(store, "student")] == ["teacher", "student", "scores"]


def test_a_broken_chain_is_told_and_mended_by_resuming(store):
    add(store, "teacher")
    add(store, "student", after=["teacher"])
    add(store, "scores", after=["student"])
    store.finish("teacher", RunState.FAILED, error="It broke.")
    queue.fail_unrunnable(store)
    queue.fail_unrunnable(store)
    for run_id, other in (("student", "teacher"), ("scores", "student")):
        run = store.run(run_id)
        assert (run.state, run.cause) == (RunState.STOPPED, queue.DEPENDENCY)
        assert run.error.startswith(f"It waited for the run {other}, which is ")
    store.move("teacher", (RunState.FAILED,), RunState.QUEUED)
    queue.requeue_dependents(store, "teacher")
    assert [run.id for run in queue.waiting(store)] == ["teacher", "student", "scores"]
    assert store.run("scores").error is None


def test_a_run_whose_need_is_resumed_in_this_very_moment_waits_on(store, monkeypatch):
    add(store, "teacher")
    add(store, "student", after=["teacher"])
    store.finish("teacher", RunState.FAILED, error="It broke.")
    look = queue._broken_needs

    def look_before_it_is_resumed(connection):
        found = look(connection)
        monkeypatch.setattr(queue, "_broken_needs", look)
        store.move("teacher", (RunState.FAILED,), RunState.QUEUED)
        return found

    monkeypatch.setattr(queue, "_broken_needs", look_before_it_is_resumed)
    queue.fail_unrunnable(store)
    assert [run.id for run in queue.waiting(store)] == ["teacher", "student"]


def test_what_a_person_stopped_stays_stopped(store):
    add(store, "teacher")
    add(store, "student", after=["teacher"])
    store.ask_to_stop("student")
    queue.requeue_dependents(store, "teacher")
    assert store.run("student").state is RunState.STOPPED


def test_nothing_can_wait_for_what_will_never_succeed(store):
    with pytest.raises(NotFound, match="no run 'x'"):
        queue.check_needs(store, ["x"])
    add(store, "teacher")
    queue.check_needs(store, ["teacher"])
    store.finish("teacher", RunState.FAILED)
    with pytest.raises(SettingsError, match="The run teacher is failed, so nothing can wait"):
        queue.check_needs(store, ["teacher"])


def test_a_device_that_is_not_there_is_said(store):
    add(store, "a", settings={"device": "cuda"})
    queue.fail_unrunnable(store)
    run = store.run("a")
    assert run.state is RunState.FAILED
    assert "There is no device 'cuda' on this machine (there: cpu, light)" in run.error


def test_runs_of_another_backend_are_not_taken(store):
    add(store, "a", backend="ray", settings={"device": "cuda"})
    queue.fail_unrunnable(store)
    assert queue.claim(store) is None
    assert store.run("a").state is RunState.QUEUED


@pytest.fixture
def three_gpus(store, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    devices.register(store.database)


def test_a_run_of_several_processes_holds_as_many_gpus(store, three_gpus):
    add(store, "a", settings={"device": "auto", "processes": 2})
    assert claimed(store) == [("a", "gpu:0", "gpu:1")]
    assert devices.held_by(store.database, "a") == ["gpu:0", "gpu:1"]
    free = [one.name for one in devices.known(store.database) if len(one.runs) < one.slots]
    assert free == ["cpu", "gpu:2", "light"]
    succeed(store, "a")
    assert devices.held_by(store.database, "a") == []


def test_who_waits_for_several_devices_is_not_overtaken_on_them(store, three_gpus):
    add(store, "a", settings={"device": "cuda", "processes": 2})
    add(store, "b", settings={"device": "cuda", "processes": 2})
    add(store, "c", settings={"device": "cuda"})
    add(store, "d", settings={"device": "cpu"})
    assert claimed(store) == [("a", "gpu:0", "gpu:1"), ("d", "cpu")]
    succeed(store, "a")
    assert claimed(store) == [("b", "gpu:0", "gpu:1"), ("c", "gpu:2")]


def test_more_gpus_than_there_are_is_said(store, three_gpus):
    add(store, "a", settings={"device": "auto", "processes": 4})
    queue.fail_unrunnable(store)
    assert store.run("a").error == (
        "The run wants 4 GPUs, one for each process, and this machine has 3: ask for fewer "
        "processes and start again."
    )
