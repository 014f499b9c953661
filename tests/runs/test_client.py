"""One handle on a run, wherever its process is."""

import inspect
import time

import pytest
from stand_ins.acting import Acting

from core.errors import FormatError, NotFound, RunStopped
from core.results.labels import LabelsReport
from core.runs import backends
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.supervisor import presence
from core.settings import LabelSettings

RECIPE = "stand_ins.acting"


@pytest.fixture
def alone(monkeypatch):
    """Nobody starts what is queued."""
    monkeypatch.setattr(presence, "ensure", lambda store: None)


def test_a_handle_follows_a_run_to_its_result(store):
    run = submit(store, RECIPE, Acting(act="succeed", name="x"))
    updates = list(run.follow())
    assert [update.run.state.is_over for update in updates[:-1]] == [False] * (len(updates) - 1)
    assert updates[-1].run.state is run.state() is RunState.SUCCEEDED
    events = [event for update in updates for event in update.events]
    assert [event.id for event in events] == [event.id for event in store.events(run.id)]
    assert "stage" in {event.kind for event in events}
    assert run.result() == store.run(run.id).result
    assert [later for update in run.follow(after=events[-1].id) for later in update.events] == []


def test_a_result_is_what_the_catalogue_says(store, alone):
    run = submit(store, "label_questions", LabelSettings(name="n", teacher="t", questions="q"))
    names = {"name": "n", "teacher": "t", "questions": "q", "kind": "posterior"}
    numbers = {"labelled": 3, "without_label": 1, "mean_rest": 0.25, "seconds": 2.5}
    made = LabelsReport(**names, **numbers)
    store.finish(run.id, RunState.SUCCEEDED, result=made.as_record())
    assert run.result() == made


def test_the_result_of_a_run_that_failed_is_its_error(store):
    with pytest.raises(FormatError, match=r"films\.tsv, line 3"):
        submit(store, RECIPE, Acting(act="fail")).result()


def test_the_result_of_a_run_that_was_stopped_is_that(store, alone):
    run = submit(store, RECIPE, Acting(act="echo"))
    run.stop()
    with pytest.raises(RunStopped, match=f"The run {run.id} was stopped"):
        run.result()


def test_waiting_ends_when_its_time_is_over(store, alone):
    run = submit(store, RECIPE, Acting(act="echo"))
    began = time.monotonic()
    assert run.wait(timeout=0.2).state is RunState.QUEUED
    assert time.monotonic() - began < 5


def test_those_who_wait_see_that_there_is_a_supervisor(store, alone, monkeypatch):
    run = submit(store, RECIPE, Acting(act="echo"))
    monkeypatch.setattr("core.runs.client.ENSURE_SECONDS", 0.1)
    monkeypatch.setattr(presence, "ensure", lambda store: run.stop())
    assert run.wait().state is RunState.STOPPED


def test_a_handle_on_nothing_says_so(store):
    nothing = RunHandle(store, "nothing")
    for ask in (nothing.state, nothing.wait, nothing.result, nothing.stop, nothing.log):
        with pytest.raises(NotFound, match="no run 'nothing'"):
            ask()


@pytest.mark.parametrize("name", backends.BACKENDS)
def test_backends_take_what_the_protocol_says(name):
    offered = [one for one in vars(backends.Backend) if not one.startswith("_")]
    assert offered == ["check", "launch", "has_ended", "end"]
    for method in offered:
        wanted = list(inspect.signature(getattr(backends.Backend, method)).parameters)[1:]
        found = inspect.signature(getattr(backends.BACKENDS[name], method)).parameters
        assert list(found) == wanted


def test_the_environment_chooses_the_backend(monkeypatch):
    monkeypatch.delenv("PATHDISTILL_RAY", raising=False)
    assert backends.chosen() == "local"
    monkeypatch.setenv("PATHDISTILL_RAY", "http://127.0.0.1:1")
    assert backends.chosen() == "ray"


def test_a_run_tells_its_error_in_another_language(store):
    run = submit(store, RECIPE, Acting(act="crash"))
    failed = run.wait()
    sentence = "An unexpected failure: {kind}: {first_line} (see the log)."
    words = {sentence: "意外：{kind}：{first_line}"}
    assert str(failed.failure()) == failed.error
    assert failed.failure().told(lambda text: words.get(text, text)) == (
        "意外：ZeroDivisionError：division by zero"
    )


def test_a_message_that_is_damaged_or_says_something_else_is_not_told(store, alone):
    told = {"template": "The run {id} is {state}.", "values": {"id": "r", "state": "lost"}}
    for record in (
        {"template": "Something else.", "values": {}},
        {"template": "The run {id} is {state}.", "values": {"id": "r"}},
        {"template": "{id.nothing}", "values": {"id": "r"}},
        {"values": []},
    ):
        run = submit(store, RECIPE, Acting(act="echo"))
        store.finish(run.id, RunState.FAILED, error="The run r is lost.", message=record)
        failed = store.run(run.id)
        assert failed.message is None and str(failed.failure()) == "The run r is lost."
    run = submit(store, RECIPE, Acting(act="echo"))
    store.finish(run.id, RunState.FAILED, error="The run r is lost.", message=told)
    assert store.run(run.id).failure().told(lambda text: text.replace("The run", "Run")) == (
        "Run r is lost."
    )
