"""Drafts: whole or not there, one winner of a race, nothing left of processes that were killed."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from core import drafts
from core.drafts import abandoned, clear, new_file, new_folder
from core.errors import AlreadyExists
from core.workspace import Workspace

TAKEN = (
    "AlreadyExists: The name 'one' is taken among the graphs; choose another or delete it first."
)
FORK = multiprocessing.get_context("fork")


def inside(folder):
    return sorted(path.name for path in folder.iterdir())


def publish(place, text, *, replace=False):
    with new_folder(place, replace=replace) as draft:
        (draft / "file").write_text(text)


def in_a_process(action, *arguments):
    process = FORK.Process(target=action, args=arguments)
    process.start()
    return process


def waited_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def write_and_wait(place):
    with new_folder(place) as draft:
        (draft / "file").touch()
        time.sleep(600)


def write_a_file_and_wait(place):
    with new_file(place) as draft:
        draft.write_text("half")
        time.sleep(600)


@pytest.mark.parametrize("write", [write_and_wait, write_a_file_and_wait])
def test_a_draft_is_its_writers_until_it_is_killed_and_then_nobodys(tmp_path, write):
    process = in_a_process(write, tmp_path / "one")
    waited_for(lambda: any(tmp_path.iterdir()))
    waited_for(lambda: abandoned(tmp_path) == [])  # it is locked once it is there
    (draft,) = tmp_path.iterdir()
    assert clear(tmp_path) == [] and draft.exists()
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert abandoned(tmp_path) == [draft]
    assert clear(tmp_path) == [draft]
    assert inside(tmp_path) == []


def killed_after(renames, place):
    """Replace what is there, and be killed after so many renames."""
    rename, done = Path.rename, []

    def count(self, target):
        if len(done) == renames:
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(target)
        return rename(self, target)

    Path.rename = count
    publish(place, "new", replace=True)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize(("renames", "left"), [(0, "old"), (1, "old"), (2, "new")])
def test_a_kill_while_replacing_loses_nothing(tmp_path, renames, left):
    place = tmp_path / "one"
    publish(place, "old")
    in_a_process(killed_after, renames, place).join()
    assert (place / "file").exists() == (renames != 1)
    clear(tmp_path)
    assert inside(tmp_path) == ["one"]
    assert (place / "file").read_text() == left


def test_a_kill_before_the_old_is_removed_keeps_the_new(tmp_path):
    publish(tmp_path / "one", "new")
    (tmp_path / f".one.{drafts._machine()}.0123abcd.old").mkdir()
    clear(tmp_path)
    assert inside(tmp_path) == ["one"]
    assert (tmp_path / "one" / "file").read_text() == "new"


def test_drafts_of_other_machines_and_other_hidden_folders_stay(tmp_path):
    for name in (".one.00000000.0123abcd", ".one.0123abcd", ".git", ".checked.json"):
        (tmp_path / name).mkdir()
    assert clear(tmp_path) == []
    assert clear(tmp_path / "none") == []
    assert len(inside(tmp_path)) == 4


def race(root, barrier, results, number, replace):
    workspace = Workspace(root)
    try:
        with workspace.publish("graphs", "one", replace=replace) as draft:
            (draft / "file").write_text(str(number))
            barrier.wait(60)
        results.put((number, "won"))
    except Exception as error:
        results.put((number, f"{type(error).__name__}: {error}"))


@pytest.mark.parametrize("replace", [False, True])
def test_of_many_that_take_a_name_at_once_one_has_it_and_the_others_hear_so(tmp_path, replace):
    for turn in range(5):
        root, count = tmp_path / str(turn), 4
        barrier, results = FORK.Barrier(count), FORK.Queue()
        processes = [
            in_a_process(race, root, barrier, results, number, replace) for number in range(count)
        ]
        said = dict(results.get(timeout=60) for _ in processes)
        for process in processes:
            process.join()
        winners = [number for number, outcome in said.items() if outcome == "won"]
        assert {outcome for outcome in said.values() if outcome != "won"} <= {TAKEN}
        assert len(winners) == (count if replace else 1)
        workspace = Workspace(root)
        there = workspace.open("graphs", "one") / "file"
        assert int(there.read_text()) in winners
        assert inside(root / "graphs") == ["one"]


def test_who_loses_within_a_process_hears_it_too(tmp_path):
    with pytest.raises(AlreadyExists, match="'one' is taken"), new_folder(tmp_path / "one"):
        publish(tmp_path / "one", "quicker")
    assert (tmp_path / "one" / "file").read_text() == "quicker"
    assert inside(tmp_path) == ["one"]


def test_an_empty_folder_is_nothing(tmp_path):
    (tmp_path / "one").mkdir()
    publish(tmp_path / "one", "x")
    assert (tmp_path / "one" / "file").read_text() == "x"


def test_where_locks_are_unknown_drafts_are_left_alone(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(drafts.fcntl, "flock", refuse)
    with new_folder(tmp_path / "one") as draft:
        assert abandoned(tmp_path) == clear(tmp_path) == []
        (draft / "file").touch()
    assert inside(tmp_path) == ["one"]
