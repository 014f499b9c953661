"""What every test stands on: a workspace of its own, and no network."""

import os

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"
# As in a worker: threads that spin while they wait stall each other on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    """Whatever is made without naming a workspace is made here."""
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
