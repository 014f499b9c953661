"""A store of its own for every test, and nothing left running behind it."""

from pathlib import Path

import postgres_server
import pytest

from core.runs.client import RunHandle
from core.runs.store.store import RESIDENT, Store
from core.runs.supervisor import presence
from core.workspace import Workspace


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store in a file of its own workspace."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))  # where stand_ins lives
    store = Store(Workspace(tmp_path / "workspace"))
    yield store
    presence.end(store)
    for run in store.runs() + store.runs(recipe=RESIDENT):
        RunHandle(store, run.id).stop(hard=True)
    store.close()


@pytest.fixture(scope="session")
def postgres():
    """The address of a PostgreSQL server, where one is installed."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if postgres_server.binary("postgres") is None or postgres_server.binary("initdb") is None:
        pytest.skip("there is no PostgreSQL server on this machine")
    with postgres_server.server() as address:
        yield address
