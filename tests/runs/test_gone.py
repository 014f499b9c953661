"""A workspace or store that is moved, deleted or replaced under programs that use it."""

import os
import shutil
import subprocess
import sys
import time

import pytest
from stand_ins.acting import Acting
from waiting import PATIENCE, until

from core import roots
from core.errors import WorkspaceGone
from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.runs.worker import attempts
from core.workspace import Workspace

RECIPE = "stand_ins.acting"


def begun(store, act):
    run_id = submit(store, RECIPE, Acting(act=act)).id
    until(lambda: store.run(run_id).stage == "waiting")
    return store.run(run_id)


def has_ended(run):
    return not is_alive(run.pid, run.process_started)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A store whose workspace the tests do away with."""
    monkeypatch.setenv("PYTHONPATH", str(presence.PROJECT / "tests"))
    return Store(Workspace(tmp_path / "old"))


def test_what_was_used_is_not_made_again(tmp_path):
    workspace = Workspace(tmp_path / "home")
    workspace.ensure()
    workspace.root.rename(tmp_path / "elsewhere")
    for attempt in (workspace.ensure, workspace.enter, Workspace(workspace.root).ensure):
        with pytest.raises(WorkspaceGone, match="was moved or deleted while this program used it"):
            attempt()
    with pytest.raises(WorkspaceGone), workspace.publish("students", "s"):
        pass
    with pytest.raises(WorkspaceGone):
        roots.make_folder(workspace.root / "runs" / "r" / "checkpoints")
    assert not workspace.root.exists()
    workspace.root.mkdir()  # another folder of that name is another workspace
    with pytest.raises(WorkspaceGone):
        workspace.ensure()


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_store_that_is_gone_is_said_at_the_next_look(own, how):
    own.add("r", RECIPE, {}, "", None)
    file = own.workspace.root / "store.sqlite"
    if how == "deleted":
        file.unlink()
    elif how == "moved":
        file.rename(file.with_name("kept.sqlite"))
    else:
        shutil.copy(file, file.with_name("copy"))
        file.with_name("copy").replace(file)
    with pytest.raises(WorkspaceGone, match=r"store\.sqlite was moved, deleted or replaced"):
        own.run("r")
    with pytest.raises(WorkspaceGone):
        own.add("s", RECIPE, {}, "", None)
    assert file.exists() == (how == "replaced")
    own.close()


@pytest.mark.parametrize("act", ["wait", "deaf"])
def test_a_moved_workspace_goes_on_in_its_new_place_and_leaves_none_in_the_old(own, act, tmp_path):
    run = begun(own, act)
    other = presence.present(own)
    own.close()
    new = tmp_path / "new"
    own.workspace.root.rename(new)
    until(lambda: has_ended(run) and has_ended(other))
    assert not own.workspace.root.exists()
    assert "was moved" in (new / "supervisor.log").read_text(encoding="utf-8")
    assert "was moved" in (new / "runs" / run.id / "log.txt").read_text(encoding="utf-8")
    moved = Store(Workspace(new))
    presence.ensure(moved)
    until(lambda: moved.run(run.id).attempt == 2 and moved.run(run.id).stage == "waiting")
    assert presence.end(moved)
    RunHandle(moved, run.id).stop(hard=True)
    assert not own.workspace.root.exists()
    moved.close()


def test_a_deleted_store_ends_its_worker_and_supervisor_with_a_sentence(own):
    run = begun(own, "deaf")
    other = presence.present(own)
    (own.workspace.root / "store.sqlite").unlink()
    until(lambda: has_ended(run) and has_ended(other))
    for log in (own.workspace.root / "supervisor.log", own.workspace.root / "runs" / run.id):
        text = (log / "log.txt" if log.is_dir() else log).read_text(encoding="utf-8")
        assert "store.sqlite was moved, deleted or replaced" in text
        assert "Traceback" not in text
    assert not (own.workspace.root / "store.sqlite").exists()


def test_a_store_that_is_put_back_in_time_ends_no_run(own):
    run = begun(own, "wait")
    file = own.workspace.root / "store.sqlite"
    file.rename(file.with_name("aside"))
    time.sleep(1.0)
    file.with_name("aside").rename(file)
    heard = own.run(run.id).heartbeat
    until(lambda: own.run(run.id).heartbeat > heard)
    assert own.run(run.id).attempt == 1
    presence.end(own)
    RunHandle(own, run.id).stop(hard=True)
    assert own.run(run.id).state is RunState.STOPPED


@pytest.mark.parametrize("module", ["core.runs.worker", "core.runs.supervisor"])
def test_who_starts_where_nothing_is_any_more_makes_nothing(tmp_path, module):
    gone = tmp_path / "gone"
    ended = subprocess.run(
        [sys.executable, "-m", module, "some-run", "1"],
        cwd=presence.PROJECT,
        env={**os.environ, "PATHDISTILL_HOME": str(gone)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert "There is no workspace" in ended.stdout and "Traceback" not in ended.stderr
    assert not gone.exists()
    assert module != "core.runs.worker" or ended.returncode == attempts.GONE
