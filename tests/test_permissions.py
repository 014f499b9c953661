"""What is in the workspace is its owner's alone: files 0600, folders 0700."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.workspace import Workspace
from tests.family_graph import write_family
from tests.flips import make

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def lax():
    """As most systems are set: others may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_to_others(folder):
    found = [folder, *folder.rglob("*")]
    return [str(path) for path in found if path.lstat().st_mode & 0o077]


def test_everything_that_recipes_make_is_its_owners_alone(tmp_path):
    Workspace(tmp_path / "home").ensure()
    assert make(tmp_path).root == tmp_path / "home"
    assert open_to_others(tmp_path / "home") == []


def test_so_is_what_the_command_line_the_supervisor_and_a_worker_make(tmp_path):
    files = write_family(tmp_path)
    home = tmp_path / "home"
    command = [sys.executable, "-m", "core", "graph", "import", *files, "--name", "family"]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PATHDISTILL_HOME": str(home)})
    presence.end(Store(Workspace(home)))
    there = {path.name for path in home.rglob("*")}
    assert {"store.sqlite", "supervisor.log", "log.txt", "graph.json", "result.json"} <= there
    assert open_to_others(home) == []


def test_what_an_earlier_version_left_open_is_closed_and_nothing_else(tmp_path):
    workspace = Workspace(tmp_path)
    (tmp_path / "graphs" / "old").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    (tmp_path / "store.sqlite").touch()
    tmp_path.chmod(0o755)
    workspace.ensure()
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"graphs": 0o700, "notes": 0o755, "store.sqlite": 0o600}
    assert tmp_path.stat().st_mode & 0o777 == 0o755
