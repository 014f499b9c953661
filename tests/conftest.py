"""What every test stands on: a workspace of its own, and no network."""

import os

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    """Whatever is made without naming a workspace is made here."""
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
