"""What a recipe reports: held back for a moment, written together, never lost."""

import os

import pytest

from core.errors import RunStopped, WorkspaceError
from core.runs.run import RunState
from core.runs.store import retrying
from core.runs.worker import store_report
from core.runs.worker.store_report import StoreReport


@pytest.fixture
def report(store):
    store.add("distill-1", "distill_student", {"alpha": 0.5}, "", None)
    store.begin("distill-1", os.getpid(), 1.0)
    return StoreReport(store, "distill-1")


@pytest.fixture
def long_pause(monkeypatch):
    monkeypatch.setattr(store_report, "PAUSE_SECONDS", 3600)


def test_points_and_progress_are_held_back_and_written_together(store, report, long_pause):
    report.stage("distil")
    for step in range(100):
        report.metrics(step, {"distil/loss": 1.0, "distil/alpha": 0.5})
        report.progress(step, 100, "on its way")
    assert store.metrics(report.run_id) == []
    assert store.run(report.run_id).done == 0
    report.flush()
    assert len(store.metrics(report.run_id)) == 200
    run = store.run(report.run_id)
    assert (run.done, run.total, run.note) == (99, 100, "on its way")
    report.flush()
    assert len(store.metrics(report.run_id)) == 200


def test_the_first_report_is_written_at_once(store, report):
    report.progress(1, 10)
    assert store.run(report.run_id).share == 0.1


def test_a_new_stage_begins_at_nothing(store, report, long_pause):
    report.stage("labels")
    report.progress(5, 5, "done")
    report.stage("distil")
    run = store.run(report.run_id)
    assert (run.stage, run.done, run.total, run.note, run.progressed) == ("distil", 0, 0, "", None)
    assert [event.payload["name"] for event in store.events(run.id)] == ["labels", "distil"]


def test_what_could_not_be_written_is_written_later(store, report, monkeypatch):
    def full(*_, **__):
        raise WorkspaceError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", full)
        with pytest.raises(WorkspaceError, match="The disk is full"):
            report.metrics(1, {"distil/loss": 1.0})
    report.flush()
    assert [point.step for point in store.metrics(report.run_id)] == [1]


def test_a_store_that_cannot_be_written_for_a_while_is_waited_for(store, report, monkeypatch):
    store.set_control(report.run_id, "alpha", 0.25)
    refusals = {"write": 2, "take_controls": 1}

    def refusing(name, method):
        def ask(*words, **more):
            if refusals[name]:
                refusals[name] -= 1
                raise WorkspaceError("The store cannot be used: disk I/O error.")
            return method(*words, **more)

        return ask

    monkeypatch.setattr(retrying, "PAUSE_SECONDS", 0)
    for name in refusals:
        monkeypatch.setattr(store, name, refusing(name, getattr(store, name)))
    report.event("log", message="here")
    assert report.controls() == {"alpha": 0.25}
    assert [event.payload for event in store.events(report.run_id)] == [{"message": "here"}]


def test_the_latest_value_of_a_control_counts(store, report, monkeypatch):
    monkeypatch.setattr(store_report, "CONTROL_SECONDS", 0)
    assert report.controls() == {}
    store.set_control(report.run_id, "alpha", 0.4)
    store.set_control(report.run_id, "alpha", 0.2)
    assert report.controls() == {"alpha": 0.2}
    assert report.controls() == {}


def test_stopping_is_learned_from_the_store_too(store, report):
    report.check_stop()
    store.ask_to_stop(report.run_id)
    report.check_stop()
    report.flush()
    with pytest.raises(RunStopped, match="The run distill-1 was stopped"):
        report.check_stop()


def test_a_run_that_has_ended_in_the_store_stops_working(store, report):
    store.finish(report.run_id, RunState.STOPPED)
    report.event("log", text="still here")
    with pytest.raises(RunStopped):
        report.check_stop()
