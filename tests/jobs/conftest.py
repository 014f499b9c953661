"""A store of its own for every test, and nothing left running behind it."""

from pathlib import Path

import pytest

from core.jobs.backends import local
from core.jobs.store import RESIDENT, Store
from core.workspace import Workspace


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where stand_ins lives
    store = Store(Workspace(tmp_path / "workspace"))
    yield store
    for run in store.runs() + store.runs(recipe=RESIDENT):
        local.stop(store, run.id, hard=True)
    store.close()
