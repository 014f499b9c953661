"""The warm worker: asked, asked wrongly, killed, and asked again."""

import threading

import pytest
from stand_ins.acting import Acting

from core.errors import FormatError, RunFailed
from core.runs import resident
from core.runs.client import RunHandle, submit
from core.runs.code_version import code_version
from core.runs.resident import call, is_warm
from core.runs.run import RunState
from core.runs.store import requests
from core.runs.store.requests import RequestState
from core.runs.store.store import RESIDENT
from core.runs.worker.serving import ServeSettings

RECIPE = "stand_ins.acting"


def ask(store, act, name=""):
    return call(store, RECIPE, Acting(act=act, name=name), timeout=30)


def test_the_second_question_meets_the_same_worker(store):
    assert not is_warm(store)
    first, second = ask(store, "echo", "one"), ask(store, "echo", "two")
    assert is_warm(store)
    assert (first["said"], second["said"]) == ("one", "two")
    assert first["pid"] == second["pid"]
    assert len(store.runs(recipe=RESIDENT)) == 1


def test_a_worker_of_before_an_update_is_replaced_before_it_takes_a_question(store, monkeypatch):
    before = ask(store, "echo")["pid"]
    monkeypatch.setattr(resident, "code_version", lambda: "newer")
    assert not is_warm(store)
    assert ask(store, "echo", "after")["pid"] != before
    old, new = reversed(store.runs(recipe=RESIDENT))
    assert (old.state, new.state) == (RunState.STOPPED, RunState.RUNNING)
    assert "code" in old.settings and new.settings["code"] == "newer"


def test_a_worker_that_never_said_its_code_is_replaced(store):
    run_id = submit(store, RESIDENT, ServeSettings(), slot="resident").id
    assert ask(store, "echo")["said"] == ""
    assert store.run(run_id).state is RunState.STOPPED


def test_errors_come_back_as_they_were_and_the_worker_stays(store):
    pid = ask(store, "echo")["pid"]
    with pytest.raises(FormatError, match=r"films\.tsv, line 3"):
        ask(store, "fail")
    with pytest.raises(RunFailed, match="ZeroDivisionError: division by zero"):
        ask(store, "crash")
    assert ask(store, "echo")["pid"] == pid


def test_a_worker_that_dies_over_a_question_is_started_once_more(store):
    assert ask(store, "die_once", "again")["said"] == "again"
    states = [run.state for run in store.runs(recipe=RESIDENT)]
    assert states == [RunState.RUNNING, RunState.LOST]


def test_a_question_that_kills_twice_is_given_up(store):
    with pytest.raises(RunFailed, match="died twice over this one"):
        ask(store, "die")
    assert ask(store, "echo", "still here")["said"] == "still here"


def test_many_askers_share_one_worker(store):
    answers = {}

    def asker(name):
        answers[name] = ask(store, "echo", name)

    threads = [threading.Thread(target=asker, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: answer["said"] for name, answer in answers.items()} == {c: c for c in "abcd"}
    assert len({answer["pid"] for answer in answers.values()}) == 1


def test_requests_are_taken_in_order_and_leave_when_read(store):
    database = store.database
    first = requests.post(database, RECIPE, {"act": "echo"})
    second = requests.post(database, RECIPE, {"act": "echo"})
    assert [requests.take(database, 7).id for _ in range(2)] == [first, second]
    assert requests.take(database, 7) is None
    requests.put_back(database, requests.read(database, first))
    assert requests.take(database, 8).worker == 8
    taken = requests.read(database, second)
    requests.answer(database, second, {"said": "hello"})
    requests.put_back(database, taken)  # too late: it has an answer
    assert requests.read(database, second).state is RequestState.DONE


def test_no_request_stays_behind(store):
    ask(store, "echo")
    assert requests.take(store.database, 1) is None


def test_nobody_waits_for_ever(store):
    with pytest.raises(RunFailed, match="No answer came within 1 seconds"):
        call(store, RECIPE, Acting(act="wait"), timeout=1)


def test_an_idle_resident_leaves(store):
    settings = ServeSettings(idle_seconds=0.1, code=code_version())
    run_id = submit(store, RESIDENT, settings, slot="resident").id
    run = RunHandle(store, run_id).wait(30)
    assert (run.state, run.result) == (RunState.SUCCEEDED, {"answered": 0})
    assert not is_warm(store)
