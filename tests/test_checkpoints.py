"""Checkpoints: whole or absent, checked before use, making room for each other."""

import errno

import pytest

from core.checkpoints import (
    checkpoints,
    find_checkpoint,
    last_valid,
    new_checkpoint,
    step_of,
    what_is_wrong,
)
from core.errors import FormatError, NotFound, WorkspaceError
from core.workspace import Workspace


def write(folder, step, **kept):
    with new_checkpoint(folder, step, **kept) as draft:
        (draft / "weights").write_bytes(bytes([step % 256]) * 100)
        (draft / "state.json").write_text("{}")


def steps(folder):
    return [step_of(checkpoint) for checkpoint in checkpoints(folder)]


def test_the_last_one_is_found_by_its_step(tmp_path):
    assert checkpoints(tmp_path / "none") == [] and last_valid(tmp_path / "none") is None
    for step in (9, 10):
        write(tmp_path, step)
    assert steps(tmp_path) == [9, 10]
    assert last_valid(tmp_path) == tmp_path / "step-00000010"


@pytest.mark.parametrize("damage", ["cut", "flip", "lose", "no manifest", "broken manifest"])
def test_a_damaged_checkpoint_is_passed_over(tmp_path, damage):
    for step in (1, 2):
        write(tmp_path, step)
    last = last_valid(tmp_path)
    if damage == "cut":
        (last / "weights").write_bytes(b"\x02" * 99)
    elif damage == "flip":
        (last / "weights").write_bytes(b"\x02" * 99 + b"\x03")
    elif damage == "lose":
        (last / "state.json").unlink()
    elif damage == "no manifest":
        (last / "manifest.json").unlink()
    else:
        (last / "manifest.json").write_text('{"files": [')
    assert str(last) in what_is_wrong(last)
    assert step_of(last_valid(tmp_path)) == 1


def test_a_failure_while_writing_leaves_nothing(tmp_path):
    write(tmp_path, 1)
    with pytest.raises(KeyboardInterrupt), new_checkpoint(tmp_path, 2) as draft:
        (draft / "weights").write_bytes(b"half")
        raise KeyboardInterrupt
    assert [entry.name for entry in tmp_path.iterdir()] == ["step-00000001"]
    with pytest.raises(WorkspaceError, match="The disk is full"), new_checkpoint(tmp_path, 2):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [entry.name for entry in tmp_path.iterdir()] == ["step-00000001"]


def test_a_step_written_twice_is_the_later_one(tmp_path):
    write(tmp_path, 3)
    with new_checkpoint(tmp_path, 3) as draft:
        (draft / "weights").write_bytes(b"new")
    assert (last_valid(tmp_path) / "weights").read_bytes() == b"new"


def test_old_ones_make_room_but_for_those_kept_for_good(tmp_path):
    write(tmp_path, 1)
    write(tmp_path, 2, keep_for_good=True)
    for step in (3, 4, 5):
        write(tmp_path, step)
    assert steps(tmp_path) == [2, 4, 5]


def test_a_run_and_a_step_name_a_checkpoint(tmp_path):
    workspace = Workspace(tmp_path)
    folder = tmp_path / "runs" / "r1" / "checkpoints"
    for step in (10, 20):
        write(folder, step)
    assert step_of(find_checkpoint(workspace, "r1")) == 20
    assert step_of(find_checkpoint(workspace, "r1:10")) == 10
    with pytest.raises(NotFound, match=r"'r1' has no checkpoint 15 \(10, 20\)"):
        find_checkpoint(workspace, "r1:15")
    with pytest.raises(NotFound, match="nothing named 'r2' among the runs"):
        find_checkpoint(workspace, "r2")
    (folder / "step-00000020" / "weights").write_bytes(b"")
    assert step_of(find_checkpoint(workspace, "r1")) == 10
    with pytest.raises(FormatError, match="weights is not what was written. Take another"):
        find_checkpoint(workspace, "r1:20")
