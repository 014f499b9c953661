"""The store alone, in a file and in PostgreSQL: rows, cursors, states, and what it refuses."""

import math
import os
import threading

import pytest
from postgres_server import new_database
from sqlalchemy import update

from core.errors import AlreadyExists, NotFound, SettingsError
from core.runs.processes import start_time
from core.runs.run import RunState, named_error
from core.runs.store.store import RESIDENT, Store, plain
from core.runs.store.tables import jobs
from core.workspace import Workspace


@pytest.fixture(params=["file", "postgres"])
def store(request, tmp_path, monkeypatch):
    if request.param == "postgres":
        address = new_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("PATHDISTILL_STORE", address)
    store = Store(Workspace(tmp_path / "workspace"))
    yield store
    store.close()


@pytest.fixture
def queued(store):
    store.add("distill-1", "distill_student", {"name": "s", "alpha": 0.5}, "Distil s", None)
    return "distill-1"


@pytest.fixture
def running(store, queued):
    assert store.begin(queued, os.getpid(), start_time(os.getpid()))
    return queued


def points(count):
    return [{"at": 0.0, "step": n, "name": "distil/loss", "value": 1.0} for n in range(count)]


def test_a_new_run_is_queued_and_listed(store, queued):
    run = store.run(queued)
    assert (run.state, run.title, run.settings["alpha"]) == (RunState.QUEUED, "Distil s", 0.5)
    assert (run.result, run.error, run.elapsed(), run.seconds_left()) == (None, None, 0.0, None)
    assert store.runs() == [run]
    assert store.runs(recipe="import_graph") == []


def test_an_unknown_run_is_named(store):
    with pytest.raises(NotFound, match="no run 'x'"):
        store.run("x")


def test_the_resident_is_listed_only_by_its_recipe(store):
    store.add("serving-1", RESIDENT, {}, "Resident", "resident")
    assert store.runs() == []
    assert [run.id for run in store.runs(recipe=RESIDENT)] == ["serving-1"]


def test_a_slot_is_held_until_the_run_is_over(store):
    store.add("a", RESIDENT, {}, "", "resident")
    with pytest.raises(AlreadyExists, match="slot 'resident'"):
        store.add("b", RESIDENT, {}, "", "resident")
    store.finish("a", RunState.FAILED)
    store.add("b", RESIDENT, {}, "", "resident")


def test_a_thousand_points_are_paged_by_cursor(store, running):
    store.write(running, {}, [], points(1000))
    steps, cursor = [], 0
    while page := store.metrics(running, after=cursor, limit=300):
        steps += [point.step for point in page]
        cursor = page[-1].id
    assert steps == list(range(1000))


def test_points_are_chosen_by_name_and_keep_nan(store, running):
    rows = [{"at": 0.0, "step": 1, "name": "distil/hard", "value": None}]
    store.write(running, {}, [], points(2) + rows)
    (point,) = store.metrics(running, names=["distil/hard"])
    assert point.step == 1 and math.isnan(point.value)


def test_runs_do_not_see_each_others_rows(store, running):
    store.add("distill-2", "distill_student", {"alpha": 0.5}, "", None)
    store.write(running, {}, [{"at": 0.0, "kind": "log", "payload": {"text": "hello"}}], points(1))
    store.set_control(running, "alpha", 0.3)
    assert [e.payload for e in store.events(running)] == [{"text": "hello"}]
    assert store.events("distill-2") == store.metrics("distill-2") == []
    assert store.controls("distill-2") == []


def test_controls_are_taken_once_and_in_order(store, running):
    first = store.set_control(running, "alpha", 0.3)
    second = store.set_control(running, "alpha", 0.2)
    assert first < second
    assert [c.value for c in store.take_controls(running)] == [0.3, 0.2]
    assert store.take_controls(running) == []
    assert all(control.taken is not None for control in store.controls(running))


def test_a_run_that_can_be_steered_may_be_asked_for_more(store, running):
    store.set_control(running, "checkpoint", 1)
    store.add("import-1", "import_graph", {"name": "g"}, "", None)
    with pytest.raises(SettingsError, match="has no setting 'checkpoint'"):
        store.set_control("import-1", "checkpoint", 1)


def test_a_message_sent_twice_counts_once(store, running):
    first = store.set_control(running, "alpha", 0.3, token="one")
    assert store.set_control(running, "alpha", 0.3, token="one") == first
    assert store.set_control(running, "alpha", 0.3, token="two") != first
    assert len(store.controls(running)) == 2


def test_a_change_is_kept_with_who_when_old_new_and_step(store, running):
    control = store.set_control(running, "alpha", 0.3, who="ada")
    store.take_controls(running)
    store.write(running, {}, applied={control: {"old": 0.5, "step": 12}})
    (kept,) = store.controls(running)
    assert (kept.who, kept.key, kept.old, kept.value, kept.step) == ("ada", "alpha", 0.5, 0.3, 12)
    assert kept.at <= kept.taken <= kept.applied


def again(store, run_id):
    """A second attempt at a run."""
    store.move(run_id, (RunState.RUNNING,), RunState.QUEUED)
    with store.database.writing() as connection:
        connection.execute(update(jobs).values(attempt=2))
    assert store.begin(run_id, os.getpid(), start_time(os.getpid()))


def test_a_later_attempt_takes_the_changes_that_its_checkpoint_does_not_hold(store, running):
    for step, value in ((10, 0.4), (20, 0.3)):
        control = store.set_control(running, "alpha", value)
        store.take_controls(running)
        store.write(running, {}, applied={control: {"old": 0.5, "step": step}})
    again(store, running)
    store.resumed(running, step=15)
    assert [control.value for control in store.take_controls(running)] == [0.3]
    (event,) = store.events(running)
    assert (event.kind, event.payload) == ("attempt", {"attempt": 2})


def test_a_change_that_a_later_one_came_before_is_over_with_it(store, running):
    store.set_control(running, "alpha", 0.4)
    latest = store.set_control(running, "alpha", 0.3)
    store.take_controls(running)
    store.write(running, {}, applied={latest: {"old": 0.5, "step": 10}})
    again(store, running)
    store.resumed(running, step=15)
    assert store.take_controls(running) == []


def test_a_worker_takes_no_other_attempt_than_its_own(store):
    store.add("r", "distill_student", {}, "", None, state=RunState.STARTING, attempt=2)
    assert not store.begin("r", os.getpid(), start_time(os.getpid()), attempt=1)
    assert store.begin("r", os.getpid(), start_time(os.getpid()), attempt=2)


def test_a_run_that_was_to_stop_before_its_process_came_frees_its_slot(store):
    store.add("r", "distill_student", {}, "", "slot", state=RunState.STARTING)
    store.ask_to_stop("r")
    assert not store.begin("r", os.getpid(), start_time(os.getpid()))
    run = store.run("r")
    assert (run.state, run.ended is None) == (RunState.STOPPED, False)
    store.add("next", "distill_student", {}, "", "slot")


def test_a_second_process_does_not_stop_what_the_first_one_does(store, running):
    store.ask_to_stop(running)
    assert not store.begin(running, os.getpid() + 1, 1.0)
    assert store.run(running).state is RunState.STOPPING


def test_a_worker_of_an_earlier_attempt_writes_nothing(store, running):
    again(store, running)
    assert store.write(running, {"stage": "late"}, [], points(1), attempt=1) is RunState.STOPPED
    assert not store.finish(running, RunState.FAILED, attempt=1)
    assert store.metrics(running) == []
    store.set_control(running, "alpha", 0.3)
    assert store.take_controls(running, attempt=1) == []
    assert not store.add_artefact(running, "students", "s", attempt=1)
    assert store.artefacts(running) == []
    assert store.write(running, {"stage": "now"}, attempt=2) is RunState.RUNNING
    assert [control.value for control in store.take_controls(running, attempt=2)] == [0.3]


def test_a_run_that_was_deleted_meanwhile_tells_its_worker_to_stop(store):
    assert store.write("gone", {"stage": "distil"}) is RunState.STOPPED


def test_a_run_that_waits_is_stopped_at_once(store, queued):
    assert store.ask_to_stop(queued)
    assert store.run(queued).state is RunState.STOPPED
    assert not store.begin(queued, 1, 1.0)


def test_what_a_run_made_is_noted_once(store, running):
    for _ in range(2):
        store.add_artefact(running, "students", "s")
    assert store.artefacts(running) == [("students", "s")]


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("alpha", 1.5, "Setting 'alpha': Input should be less than or equal to 1"),
        ("epochs", 3, "'epochs' cannot change while a run goes on"),
        ("temperature", 2.0, r"\(distill_student\) has no setting 'temperature'"),
    ],
)
def test_controls_outside_the_bounds_are_refused(store, running, key, value, sentence):
    with pytest.raises(SettingsError, match=sentence):
        store.set_control(running, key, value)
    assert store.controls(running) == []


def test_controls_of_a_finished_run_are_refused(store, running):
    store.finish(running, RunState.SUCCEEDED, result={})
    with pytest.raises(SettingsError, match=r"is over \(succeeded\)"):
        store.set_control(running, "alpha", 0.3)


def test_a_finished_run_never_changes(store, running):
    assert store.finish(running, RunState.SUCCEEDED, result={"hits": 1.0})
    before = store.run(running)
    assert not store.finish(running, RunState.FAILED, error="too late")
    assert not store.ask_to_stop(running)
    assert not store.begin(running, 1, 1.0)
    store.name_process(running, 1, 1.0)
    assert store.write(running, {"stage": "late"}) is RunState.SUCCEEDED
    assert store.run(running) == before


def test_a_run_begins_once(store, running):
    assert not store.begin(running, os.getpid(), 0.0)


def test_seconds_left_follow_the_pace_of_the_stage(store, running):
    store.write(running, {"stage_started": 100.0, "progressed": 130.0, "done": 3.0, "total": 4.0})
    run = store.run(running)
    assert run.share == 0.75
    assert run.seconds_left(now=130.0) == pytest.approx(10)
    assert run.seconds_left(now=134.0) == pytest.approx(6)
    assert run.seconds_left(now=999.0) == 0


def test_two_stores_see_each_other(store, running):
    other = Store(Workspace(store.workspace.root))
    other.write(running, {"stage": "distil"})
    assert store.run(running).stage == "distil"
    other.close()


def test_many_writers_wait_their_turn(store, running):
    def write():
        other = Store(Workspace(store.workspace.root))
        for _ in range(20):
            other.write(running, {}, [], points(1))
        other.close()

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.metrics(running)) == 120


def test_errors_cross_processes_by_name():
    assert isinstance(named_error("NotFound", "gone"), NotFound)
    for kind in (None, "ZeroDivisionError", "Path"):
        assert type(named_error(kind, "gone")).__name__ == "RunFailed"


def test_plain_values_are_json():
    assert plain({"a": (1, math.inf), "b": None}) == {"a": [1, None], "b": None}
    with pytest.raises(TypeError):
        plain({"a": object()})
