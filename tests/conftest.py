"""What every test stands on: a workspace of its own, and no network."""

import os

import pytest

from core.jobs import supervision
from core.jobs.store import Store
from core.workspace import Workspace

os.environ["HF_HUB_OFFLINE"] = "1"
# As in a worker: threads that spin while they wait stall each other on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    """Whatever is made without naming a workspace is made here, and no supervisor outlives it."""
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
    yield
    if (tmp_path / "workspace" / "supervisor.log").exists():
        supervision.end(Store(Workspace(tmp_path / "workspace")))
