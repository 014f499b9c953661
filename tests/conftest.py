"""What every test stands on: a workspace of its own, and no network."""

import os
import sys
from pathlib import Path

import pytest
from family_graph import family

from core import limited_process
from core.pretrained import reading
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.workspace import Workspace

os.environ["HF_HUB_OFFLINE"] = "1"
# As in a worker: threads that spin while they wait stall each other on a shared machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, the browser's: two processes then end at about one time.

    Files of few tests would come last without `--no-loadscope-reorder`, as `make test` has it.
    """
    items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.fixture(autouse=True)
def own_main_module():
    """AppTest leaves a page as the main module, which processes begun later would run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def own_workspace(tmp_path, monkeypatch):
    """Whatever is made without naming a workspace is made here, and no supervisor outlives it."""
    monkeypatch.setenv("PATHDISTILL_HOME", str(tmp_path / "workspace"))
    yield
    if (tmp_path / "workspace" / "supervisor.log").exists():
        presence.end(Store(Workspace(tmp_path / "workspace")))


@pytest.fixture(autouse=True)
def trial_in_this_process(monkeypatch):
    """A foreign model is tried without a process of its own, which takes seconds to start."""

    def ask(module, argument):
        if module != "core.pretrained.models.trial":
            return limited_process.ask(module, argument)
        from core.pretrained.models.trial import attempt

        return attempt(Path(argument))

    monkeypatch.setattr(reading, "ask", ask)


@pytest.fixture
def trial_in_its_own_process(monkeypatch, trial_in_this_process):
    """The real thing after all."""
    monkeypatch.setattr(reading, "ask", limited_process.ask)


@pytest.fixture(scope="session")
def graph(tmp_path_factory):
    """The family of `family_graph.py`; a graph is read only, so that all may share it."""
    return family(tmp_path_factory.mktemp("family"))


@pytest.fixture
def workspace(tmp_path):
    """An empty workspace, and not the one that is taken where none is named."""
    return Workspace(tmp_path / "home")
