"""A distillation as a run of two processes makes the student that one process makes."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from core.recipes import distill_student
from core.report import Silent
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import DistillSettings
from core.workspace import Workspace

PATIENCE = 300  # seconds; only ever reached by a failing test


@pytest.fixture
def store(world, tmp_path):
    """A workspace with a teacher and no labels, so that one of the two processes must make them."""
    left_out = shutil.ignore_patterns("labels", "evaluations")
    shutil.copytree(world.root, tmp_path / "workspace", ignore=left_out)
    store = Store(Workspace(tmp_path / "workspace"))
    yield store
    presence.end(store)
    for run in store.runs():
        RunHandle(store, run.id).stop(hard=True)
    store.close()


@pytest.fixture
def without_dropout(world, tmp_path):
    """A student whose steps hold no chance of a process's own."""
    base = tmp_path / "base"
    shutil.copytree(world.folder("students", "s"), base)
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps({**config, "attention_dropout": 0.0}))
    return str(base)


def test_two_processes_make_the_student_of_one(store, without_dropout):
    common = {"teacher": "t", "student": without_dropout, "epochs": 2, "batch_size": 16}
    common |= {"device": "cpu", "learning_rate": 1e-3}
    two = DistillSettings(name="two", processes=2, **common)
    run_id = submit(store, "distill_student", two).id
    run = RunHandle(store, run_id).wait(PATIENCE)
    assert run.state is RunState.SUCCEEDED, RunHandle(store, run_id).log()
    stages = [event.payload["name"] for event in store.events(run_id) if event.kind == "stage"]
    assert stages == ["labels", "distil"]
    assert "another process" not in RunHandle(store, run_id).log()
    one = DistillSettings(name="one", **common)
    alone = distill_student.run(one, Silent(), store.workspace).as_record()
    for name in ("steps", "examples", "with_gold", "with_label"):
        assert run.result[name] == alone[name]
    before, after, shared = (
        load_file(file)
        for file in (
            f"{without_dropout}/model.safetensors",
            store.workspace.folder("students", "one") / "model.safetensors",
            store.workspace.folder("students", "two") / "model.safetensors",
        )
    )
    for name, weight in shared.items():
        torch.testing.assert_close(weight, after[name], rtol=0, atol=2e-4)
        assert (after[name] - before[name]).abs().max() > 2e-3
