"""The group `runs` of the command line, on runs that stand in the store; nothing is started."""

import io
import json
import os
import time

import pytest
from stand_ins.acting import Acting

from core.command_line.main import main
from core.runs.client import submit
from core.runs.processes import start_time
from core.runs.run import RunState
from core.runs.store import devices, queue
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import DistillSettings
from core.workspace import Workspace

STUDENT = DistillSettings(name="s", teacher="t", batch_size=32)


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def store():
    store = Store(Workspace())
    yield store
    store.close()


@pytest.fixture
def command(capfd):
    """Run `runs ...`; gives its exit code, standard output and standard error."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main(["runs", *words])
        out, err = capfd.readouterr()
        return ended.value.code, out, err

    return run


@pytest.fixture
def queued(store):
    return submit(store, "distill_student", STUDENT).id


@pytest.fixture
def running(store, queued):
    store.begin(queued, os.getpid(), start_time(os.getpid()))
    yield queued
    if queued in [run.id for run in store.runs()]:
        store.finish(queued, RunState.STOPPED)


@pytest.fixture
def failed(store, running):
    store.finish(running, RunState.FAILED, error="Out of memory.", cause="memory")
    return running


def say(store, run_id, name, values):
    rows = [{"at": 0.0, "step": s, "name": name, "value": v} for s, v in enumerate(values)]
    store.write(run_id, {}, [], rows)


def test_the_list_is_filtered_by_state(command, store, failed):
    other = submit(store, "stand_ins.acting", Acting(act="echo")).id
    runs = json.loads(command("list", "--json", "--state", "failed")[1])
    assert [run["id"] for run in runs] == [failed]
    runs = json.loads(command("list", "--json")[1])
    assert [run["id"] for run in runs] == [other, failed]


def test_a_run_that_does_not_respond_is_told_so(command, store, running):
    assert "not responding" not in command("list")[1]
    assert json.loads(command("show", running, "--json")[1])["responds"] is True
    store.write(running, {"quiet": 600.0})
    assert "running, no progress for 10 min" in command("show", running)[1]
    store.write(running, {"beat": time.monotonic() - 12.0})
    told = json.loads(command("show", running, "--json")[1])
    assert (told["state"], told["responds"]) == ("running", False) and told["silence"] >= 12
    for words in (["list"], ["show", running]):
        assert "not responding for 1" in " ".join(command(*words)[1].split())


def test_what_happened_and_what_may_help_are_shown(command, store, running):
    store.set_control(running, "alpha", 0.2, who="ada")
    said = {"key": "alpha", "old": 0.5, "new": 0.2, "step": 7}
    lost = {"cause": "killed", "exit_code": -9, "attempt": 1, "resumes": True}
    kinds = {"lost": lost, "attempt": {"attempt": 2}, "resumed": {"step": 6}, "control": said}
    store.write(running, {}, [{"at": 0.0, "kind": k, "payload": p} for k, p in kinds.items()])
    say(store, running, "distil/loss", [3.0, 2.5])
    store.add_artefact(running, "students", "s")
    store.finish(running, RunState.FAILED, error="Out of memory.", cause="memory")
    code, out, _ = command("show", running)
    assert code == 0
    for words in (
        "attempt 1 vanished: killed (exit code -9); tried again",
        "attempt 2 began",
        "went on from the checkpoint at step 6",
        "alpha: 0.5 -> 0.2 since step 7",
        f"python -m core runs resume {running} batch_size=16",
        "students/s",
        "2.5",
    ):
        assert words in out
    told = json.loads(command("show", running, "--json")[1])
    assert told["metrics"] == {"distil/loss": 2.5}
    assert told["changes"][0]["who"] == "ada"
    assert told["artefacts"] == [["students", "s"]]


def test_pause_resume_and_stop(command, store, running):
    assert command("pause", running)[2] == f"The run {running} is paused.\n"
    assert json.loads(command("resume", running, "--json")[1])["state"] == "running"
    code, _, err = command("resume", running)
    assert (code, err) == (
        2,
        f"Error: The run {running} is running: there is nothing to resume.\n",
    )


def test_what_a_distillation_is_asked_for(command, store, running):
    assert (
        command("checkpoint", running)[2] == f"Asked {running} to checkpoint, at its next step.\n"
    )
    assert command("evaluate", running, "--json")[0] == command("stop", running, "--keep")[0] == 0
    asked = [control.key for control in store.controls(running)]
    assert asked == ["checkpoint", "evaluate", "keep"]
    assert store.run(running).state is RunState.RUNNING


def test_resume_with_a_fix(command, store, failed):
    assert command("resume", failed, "--fix")[2] == f"The run {failed} is queued.\n"
    assert store.run(failed).settings["batch_size"] == 16
    code, _, err = command("resume", failed, "--fix")
    assert code == 2
    assert "No change of settings is known" in err


def test_resume_with_changes_of_ones_own(command, store, failed):
    code, _, err = command("resume", failed, "batch_size=0")
    assert code == 2 and "Setting 'batch_size'" in err
    assert command("resume", failed, "batch_size=8", "gold-share=0.5")[0] == 0
    settings = store.run(failed).settings
    assert (settings["batch_size"], settings["gold_share"]) == (8, 0.5)


def test_a_branch(command, store, failed):
    code, out, _ = command("branch", failed, "name=s2", "alpha=0.2")
    assert code == 0
    new = store.run(out.strip())
    assert (new.parent, new.settings["alpha"]) == (failed, 0.2)
    assert command("branch", failed, "alpha=0.2")[0] == 2
    assert command("branch", failed, "alpha")[2].startswith("Error: 'alpha' is no change")


def test_a_chain(command, store):
    for kind in ("graphs", "questions"):
        with store.workspace.publish(kind, "films"):
            pass
    words = ["--graph", "films", "--questions", "films", "--teacher", "t", "--student", "s"]
    ids = json.loads(command("chain", *words, "--json")[1])["runs"]
    assert [store.run(run_id).recipe for run_id in ids] == [
        *("train_teacher", "label_questions", "distill_student", "evaluate")
    ]
    code, _, err = command("chain", *words[:3], "none", *words[4:])
    assert code == 2 and "nothing named 'none' among the questions" in err


def test_the_queue_and_its_order(command, store, queued):
    devices.register(store.database)
    other = submit(store, "stand_ins.acting", Acting(act="echo"), after=[queued]).id
    assert command("priority", other, "5")[2] == f"The run {other} has place 1 in the queue.\n"
    told = json.loads(command("queue", "--json")[1])
    assert [(one["run"], one["needs"]) for one in told["waiting"]] == [
        (other, [queued]),
        (queued, []),
    ]
    assert told["supervisor"] is None
    code, out, err = command("queue")
    assert code == 0
    assert other in out and "light" in out
    assert "No supervisor is there" in err


def test_devices_and_their_slots(command, store):
    told = json.loads(command("devices", "cpu=3", "--json")[1])
    assert {"name": "cpu", "slots": 3, "runs": []} in told
    assert command("devices", "tpu=1")[2].startswith("Error: There is no device 'tpu'")
    assert "write it like cpu=2" in command("devices", "cpu")[2]


def test_runs_side_by_side_show_where_they_differ(command, store, failed):
    other = steering_branch(store, failed, name="s2", alpha=0.2)
    say(store, failed, "distil/loss", [3.0, 2.0])
    say(store, other, "distil/loss", [1.0])
    told = json.loads(command("compare", failed, other, "--json")[1])
    assert told["settings"] == {"name": ["s", "s2"], "alpha": [0.5, 0.2]}
    assert told["metrics"] == {"distil/loss": [2.0, 1.0]}
    _, out, _ = command("compare", failed, other)
    assert "alpha" in out and "0.2" in out and "failed" in out


def steering_branch(store, run_id, **changes):
    settings = STUDENT.model_copy(update=changes)
    return submit(store, "distill_student", settings, parent=run_id).id


def test_delete_asks_first(command, store, failed, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert command("delete", failed)[0] == 1
    assert store.run(failed)
    assert json.loads(command("delete", failed, "--yes", "--json")[1])["run"] == failed
    assert store.runs() == []
    assert command("delete", failed, "--yes")[0] == 2


def test_out_and_in_again(command, store, failed, tmp_path):
    file = tmp_path / "run.zip"
    assert command("export", failed, "--to", str(file))[0] == 0
    assert command("delete", failed, "--yes")[0] == 0
    assert command("import", str(file))[1].strip() == failed
    assert store.run(failed).error == "Out of memory."


def test_disk_use_and_pruning(command, store, failed):
    told = json.loads(command("disk", "--json")[1])
    assert failed in told["runs"]
    assert failed in command("disk")[1]
    assert json.loads(command("prune", "--days", "1", "--yes", "--json")[1])["runs"] == []
    assert json.loads(command("prune", "--days", "0", "--yes", "--json")[1])["runs"] == [failed]


def test_the_log_is_followed_until_the_run_is_over(command, store, failed):
    log = store.workspace.root / "runs" / failed / "log.txt"
    log.write_text("first\nlast\n", encoding="utf-8")
    assert command("log", failed, "--follow")[1] == "first\nlast\n"


def test_a_queue_with_nothing_in_it(command, store):
    assert command("queue")[2].startswith("Nothing waits. No supervisor is there")
    assert queue.waiting(store) == []
