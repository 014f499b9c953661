"""What the commands of runs refuse: one sentence each, exit code 2, nothing changed."""

import pytest
from sqlalchemy import update

from core.command_line.main import main
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.store import devices, queue
from core.runs.store.store import Store
from core.runs.store.tables import jobs, revision
from core.runs.supervisor import presence
from core.settings import DistillSettings, EvaluateSettings
from core.workspace import Workspace

STUDENT = DistillSettings(name="s", teacher="t", device="cpu")
NOBODY = "There is no run 'nobody'; `runs list` shows which there are."


@pytest.fixture(autouse=True)
def no_supervisor(monkeypatch):
    monkeypatch.setattr(presence, "ensure", lambda store: None)


@pytest.fixture
def store():
    store = Store(Workspace())
    yield store
    store.close()


@pytest.fixture
def refused(capfd):
    """Run a command; gives the sentence by which it is refused."""

    def run(*words):
        with pytest.raises(SystemExit) as ended:
            main([*words])
        out, err = capfd.readouterr()
        assert (ended.value.code, out) == (2, ""), err
        assert err.startswith("Error: ") and err.count("\n") == 1
        return err.removeprefix("Error: ").rstrip("\n")

    return run


def queued(store, **changes):
    return submit(store, "distill_student", STUDENT.model_copy(update=changes)).id


def ended(store, state):
    run_id = queued(store)
    store.begin(run_id, 1, 1.0)
    store.finish(run_id, state)
    return run_id


@pytest.mark.parametrize(
    "words",
    [
        ["show", "nobody"],
        ["log", "nobody"],
        ["follow", "nobody"],
        ["set", "nobody", "alpha=0.3"],
        ["pause", "nobody"],
        ["resume", "nobody"],
        ["stop", "nobody"],
        ["stop", "nobody", "--hard"],
        ["stop", "nobody", "--keep"],
        ["checkpoint", "nobody"],
        ["evaluate", "nobody"],
        ["branch", "nobody", "name=x"],
        ["priority", "nobody", "3"],
        ["compare", "nobody", "no-one"],
        ["export", "nobody"],
        ["delete", "nobody", "--yes"],
    ],
    ids=" ".join,
)
def test_an_unknown_run(store, refused, words):
    assert refused("runs", *words) == NOBODY


@pytest.mark.parametrize("state", [state for state in RunState if state.is_over])
def test_a_change_of_a_run_that_is_over_or_dead(store, refused, state):
    run_id = ended(store, state)
    sentence = f"The run {run_id} is over ({state}) and cannot change."
    for words in (["set", run_id, "alpha=0.3"], ["checkpoint", run_id], ["stop", run_id, "--keep"]):
        assert refused("runs", *words) == sentence
    assert store.controls(run_id) == []
    paused = refused("runs", "pause", run_id)
    assert paused == f"The run {run_id} is {state}: only a running one can be paused."
    assert refused("runs", "priority", run_id, "3").startswith(f"The run {run_id} is {state}: only")


def test_a_run_that_has_succeeded_is_not_resumed(store, refused):
    run_id = ended(store, RunState.SUCCEEDED)
    said = refused("runs", "resume", run_id)
    assert said == f"The run {run_id} has succeeded: branch it to go on from there."


def test_settings_of_a_newer_version(store, refused):
    run_id = ended(store, RunState.STOPPED)
    newer = {**STUDENT.model_dump(mode="json"), "clairvoyance": 3}
    with store.database.writing() as connection:
        connection.execute(update(jobs).where(jobs.c.id == run_id).values(settings=newer))
    for words in (["branch", run_id, "name=x"], ["resume", run_id, "alpha=0.2"]):
        assert refused("runs", *words) == (
            "Setting 'clairvoyance' is unknown to this version of PathDistill (given: 3): leave it "
            "out, or use the version that knows it."
        )
    assert store.run(run_id).state is RunState.STOPPED


def test_a_store_of_a_newer_version(store, refused):
    with store.database.writing() as connection:
        connection.execute(update(revision).values(version_num="9999"))
    said = refused("runs", "list")
    assert "was made by a newer version of PathDistill (tables 9999" in said
    assert "use that version" in said


def test_a_device_that_is_not_there(store, refused, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    devices.register(store.database)
    said = refused("runs", "devices", "gpu:7=1")
    assert said == "There is no device 'gpu:7' (there: cpu, light)."
    run_id = queued(store, device="cuda")
    queue.fail_unrunnable(store)
    assert refused("runs", "follow", run_id) == (
        "There is no device 'cuda' on this machine (there: cpu, light): choose another device and "
        "start again."
    )


def test_a_run_whose_need_was_stopped(store, refused):
    first = queued(store)
    evaluation = EvaluateSettings(model="s", device="cpu")
    second = submit(store, "evaluate", evaluation, after=[first]).id
    RunHandle(store, first).stop()
    queue.fail_unrunnable(store)
    assert store.run(second).error == (
        f"It waited for the run {first}, which is stopped: resume that one, and this one follows."
    )
    told = refused("evaluate", "s", "--device", "cpu", "--after", first, "--detach")
    assert told == f"The run {first} is stopped, so nothing can wait for it: resume it first."
