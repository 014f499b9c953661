"""What takes space, and what goes."""

import multiprocessing
import os
import time
from contextlib import ExitStack

import pytest

from core.drafts import new_file, new_folder
from core.errors import NotFound, SettingsError
from core.runs.processes import start_time
from core.runs.run import RunState
from core.runs.store import housekeeping
from core.runs.supervisor.loop import supervise
from core.sources import keep_uploads, place_of


def make(store, run_id, state=RunState.SUCCEEDED, **more):
    store.add(run_id, "distill_student", {}, run_id, None, **more)
    folder = store.workspace.root / "runs" / run_id
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "log.txt").write_bytes(b"x" * 100)
    (folder / "checkpoints" / "weights").write_bytes(b"x" * 1000)
    if state is not RunState.QUEUED:
        store.begin(run_id, os.getpid(), start_time(os.getpid()))
        store.write(run_id, {}, [], [{"at": 1.0, "step": 1, "name": "a", "value": 1.0}])
    if state.is_over:
        store.finish(run_id, state)
    return folder


def make_leftover(store, *, now=False):
    folder = store.workspace.root / "students" / ".s.1a2b3c4d"
    folder.mkdir(parents=True)
    (folder / "model").write_bytes(b"x" * 5000)
    if not now:
        os.utime(folder, (1, 1))
    return folder


def test_disk_use_is_told_by_kind_and_run(store):
    make(store, "a")
    make_leftover(store)
    use = housekeeping.disk_use(store)
    assert use.runs == {"a": 1100}
    assert (use.kinds["runs"], use.kinds["students"], use.checkpoints) == (1100, 5000, 1000)
    assert use.leftovers == 5000
    assert use.store > 0 and use.free > 0


def test_a_deleted_run_leaves_nothing(store):
    folder = make(store, "a")
    assert housekeeping.delete_run(store, "a") == 1100
    assert not folder.exists()
    assert store.runs() == store.metrics("a") == []
    with pytest.raises(NotFound):
        housekeeping.delete_run(store, "a")


def test_a_run_that_goes_on_or_is_waited_for_is_not_deleted(store):
    make(store, "a", RunState.RUNNING)
    make(store, "b", RunState.QUEUED, after=["a"])
    with pytest.raises(SettingsError, match="The run a is running: stop it first"):
        housekeeping.delete_run(store, "a")
    store.finish("a", RunState.FAILED)
    with pytest.raises(SettingsError, match="The run b waits for a: stop that one first"):
        housekeeping.delete_run(store, "a")


def test_pruning_takes_the_old_the_leftovers_and_checkpoints_of_what_succeeded(store, monkeypatch):
    make(store, "old", RunState.FAILED)
    later = time.time() + 10 * housekeeping.DAY
    monkeypatch.setattr(housekeeping.time, "time", lambda: later)
    done, failed = make(store, "done"), make(store, "failed", RunState.FAILED)
    leftover = make_leftover(store)
    gone, freed = housekeeping.prune(store, days=5)
    assert gone == ["old"]
    assert freed == 1100 + 5000 + 1000
    assert (done / "log.txt").exists() and not (done / "checkpoints").exists()
    assert (failed / "checkpoints").exists()  # it may be resumed
    assert not leftover.exists()


def test_what_a_run_is_writing_is_no_leftover(store):
    make(store, "a", RunState.RUNNING)
    leftover = make_leftover(store, now=True)
    assert housekeeping.leftovers(store) == []
    os.utime(leftover, (1, 1))  # from before the run began
    assert housekeeping.leftovers(store) == [leftover]
    store.finish("a", RunState.FAILED)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (1234, "1.2 kB"), (5_600_000_000, "5.6 GB")]
)
def test_sizes_in_words(count, words):
    assert housekeeping.size(count) == words


def test_uploads_go_when_no_run_needs_them(store):
    def upload(age):
        (source,) = keep_uploads(store.workspace, [("a.tsv", b"x")])
        folder = place_of(store.workspace, source).parent.parent
        os.utime(folder, (time.time() - age,) * 2)
        return source, folder

    ages = {"failed": 60, "succeeded": 7200, "queued": 7200, "never begun": 7200, "new": 60}
    made = {name: upload(age) for name, age in ages.items()}
    for name, state in (
        ("failed", RunState.FAILED),
        ("succeeded", RunState.SUCCEEDED),
        ("queued", RunState.QUEUED),
    ):
        store.add(name, "import_graph", {"files": [made[name][0]]}, name, None)
        if state.is_over:
            store.begin(name, os.getpid(), start_time(os.getpid()))
            store.finish(name, state)
    assert housekeeping.disk_use(store).uploads == 5
    assert housekeeping.clear_uploads(store) == 2
    left = {name for name, (_, folder) in made.items() if folder.exists()}
    assert left == {"failed", "queued", "new"}
    assert housekeeping.delete_run(store, "failed") == 1
    assert not made["failed"][1].exists()


def make_and_be_killed(workspace, elsewhere, pipe):
    """An import, an index of names, a checkpoint and an export, all half made."""
    root = workspace.root
    with ExitStack() as stack:
        stack.enter_context(workspace.publish("graphs", "g"))
        stack.enter_context(new_folder(root / "graphs" / "whole" / "names-x"))
        stack.enter_context(new_folder(root / "runs" / "r" / "checkpoints" / "step-00000001"))
        stack.enter_context(new_folder(elsewhere / "s"))
        stack.enter_context(new_file(root / "runs" / "r" / "result.json"))
        pipe.send("made")
        time.sleep(600)


def hidden(*folders):
    return [
        path for folder in folders for path in folder.rglob(".*") if ".checked" not in path.name
    ]


def test_what_a_killed_process_left_half_made_is_cleared_at_the_next_start(store, tmp_path):
    workspace, elsewhere = store.workspace, tmp_path / "elsewhere"
    with workspace.publish("graphs", "whole") as folder:
        (folder / "file").touch()
    settings = {"student": "s", "to": str(elsewhere / "s")}
    store.add("export-1", "export_student", settings, "", None)
    store.finish("export-1", RunState.FAILED)
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    process = fork.Process(target=make_and_be_killed, args=(workspace, elsewhere, theirs))
    process.start()
    assert ours.recv() == "made"
    assert housekeeping.clear_drafts(store) == [] == housekeeping.leftovers(store)
    assert len(hidden(workspace.root, elsewhere)) == 5
    process.kill()
    process.join()
    assert sorted(housekeeping.leftovers(store)) == sorted(hidden(workspace.root, elsewhere))
    supervise(store, idle_seconds=0.0)
    assert hidden(workspace.root, elsewhere) == []
    assert workspace.open("graphs", "whole")
