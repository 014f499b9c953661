"""A sweep queues what is missing, waits, and reads what came of it from the runs."""

import shutil
from collections import namedtuple

import pytest
from stand_ins import screens
from stand_ins.results import evaluation

from core.errors import AlreadyExists, RunFailed, RunStopped, SettingsError
from core.recipes import sweep_knobs
from core.report import Silent
from core.runs.run import RunState
from core.runs.store import queue
from core.runs.store.housekeeping import delete_run
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import DistillSettings, SweepSettings
from core.workspace import Workspace, write_json

GRID = SweepSettings(student="demo", alphas=(0.5, 0, 1), temperatures=(2, 1))
CELLS = ["demo-a0-t1", "demo-a0-t2", "demo", "demo-a0.5-t2", "demo-a1-t1"]
"""In their order; `demo` itself was distilled at alpha 0.5 and T = 1."""


@pytest.fixture
def store(monkeypatch):
    """The small world, whose student has a report, and nobody to start what is queued."""
    screens.make_world()
    put_student("demo", DistillSettings(name="demo", teacher="demo"), replace=True)
    monkeypatch.setattr(presence, "ensure", lambda store: None)
    monkeypatch.setattr(sweep_knobs, "LOOK_SECONDS", 0)
    store = Store(Workspace())
    yield store
    store.close()


def put_student(name, settings, replace=False, **more):
    card = Workspace().read("students", "demo", "card.json")
    told = {**card, "name": name, "settings": settings.model_dump(mode="json"), "result": {}}
    with Workspace().publish("students", name, replace=replace) as folder:
        write_json(folder / "card.json", {**told, **more})


class Worker(Silent):
    """Does the next run of the queue at each look; stops the sweep once so many were done."""

    def __init__(self, store, stop_after=None, broken=()):
        self.store, self.stop_after, self.broken = store, stop_after, broken
        self.done = []

    def check_stop(self):
        if self.stop_after is not None and len(self.done) >= self.stop_after:
            raise RunStopped("Stopped.")
        queue.fail_unrunnable(self.store)
        for run in queue.waiting(self.store):
            needs = [self.store.run(one) for one in queue.needed(self.store, run.id)]
            if all(one.state is RunState.SUCCEEDED for one in needs):
                self.work(run)
                return

    def work(self, run):
        assert run.priority == sweep_knobs.LAST
        name = run.settings.get("name") or run.settings["model"]
        self.done.append((run.recipe, name))
        if (run.recipe, name) in self.broken:
            self.store.finish(run.id, RunState.FAILED, error="It broke.")
        elif run.recipe == "distill_student":
            put_student(name, DistillSettings(**run.settings))
            self.store.finish(run.id, RunState.SUCCEEDED, result={})
        else:
            hits = 0.9 if name == "demo-a0-t2" else 0.5
            found = evaluation("student", model=name, split="dev", hits_at_1=hits, questions=20)
            self.store.finish(run.id, RunState.SUCCEEDED, result=found.as_record())


@pytest.fixture(autouse=True)
def known_devices(monkeypatch):
    monkeypatch.setattr(queue.devices, "choose", lambda settings, there: ("cpu",))


def test_each_cell_is_made_and_scored_and_the_best_is_told(store):
    worker = Worker(store)
    report = sweep_knobs.run(GRID, worker, store.workspace)
    assert [one.student for one in report.cells] == CELLS
    assert [(one.alpha, one.temperature) for one in report.cells] == [
        (0, 1), (0, 2), (0.5, 1), (0.5, 2), (1, 1),
    ]  # fmt: skip
    assert [name for recipe, name in worker.done if recipe == "evaluate"] == CELLS
    assert ("distill_student", "demo") not in worker.done and len(worker.done) == 9
    assert (report.best, report.questions, report.rivals) == ("demo-a0-t2", 20, 0)
    card = store.workspace.read("students", "demo-a0.5-t2", "card.json")
    wanted = {"name": "demo-a0.5-t2", "alpha": 0.5, "temperature": 2.0}
    assert card["settings"] == {**DistillSettings(teacher="demo", **wanted).model_dump()}


def test_stopped_it_stops_its_cells_and_begun_again_it_makes_the_missing_ones(store):
    first = Worker(store, stop_after=3)
    with pytest.raises(RunStopped):
        sweep_knobs.run(GRID, first, store.workspace)
    queue.fail_unrunnable(store)
    assert queue.waiting(store) == []
    second = Worker(store)
    report = sweep_knobs.run(GRID, second, store.workspace)
    assert [one.student for one in report.cells] == CELLS
    assert len(first.done) + len(second.done) == 9 and not set(first.done) & set(second.done)


def test_killed_it_finds_its_cells_in_the_queue(store, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(sweep_knobs, "_wait", lambda *_: 1 / 0)  # ends without a word, as kill -9
        with pytest.raises(ZeroDivisionError):
            sweep_knobs.run(GRID, Silent(), store.workspace)
    before = {run.id for run in queue.waiting(store)}
    sweep_knobs.run(GRID, Worker(store), store.workspace)
    assert {run.id for run in store.runs()} == before and len(before) == 9


def test_a_student_without_its_runs_is_scored_again_and_not_made_again(store):
    sweep_knobs.run(GRID, Worker(store), store.workspace)
    for run in store.runs():
        delete_run(store, run.id)
    worker = Worker(store)
    sweep_knobs.run(GRID, worker, store.workspace)
    assert worker.done == [("evaluate", name) for name in CELLS]


def test_a_cell_that_fails_leaves_the_others_alone(store):
    broken = {("distill_student", "demo-a0-t2"), ("evaluate", "demo-a1-t1")}
    report = sweep_knobs.run(GRID, Worker(store, broken=broken), store.workspace)
    errors = {one.student: one.error for one in report.cells if one.error}
    assert errors == {"demo-a0-t2": "It broke.", "demo-a1-t1": "It broke."}
    assert report.best == "demo-a0-t1" and report.rivals == 2


def test_a_sweep_of_which_nothing_comes_fails_with_the_first_reason(store):
    one = SweepSettings(student="demo", alphas=(0,), temperatures=(1,))
    broken = {("distill_student", "demo-a0-t1")}
    with pytest.raises(RunFailed, match=r"the first ended so: It broke\."):
        sweep_knobs.run(one, Worker(store, broken=broken), store.workspace)


def test_a_student_that_was_steered_by_hand_is_no_cell(store):
    steered = {"changes": [{"step": 1, "key": "alpha", "value": 0.1}]}
    settings = DistillSettings(name="demo", teacher="demo")
    put_student("demo", settings, replace=True, schedule=steered)
    cells = sweep_knobs.cells_of(GRID, store.workspace)
    assert "demo-a0.5-t1" in [one.distilling.name for one in cells]


@pytest.mark.parametrize("moved", [{"alpha_end": 0.0}, {"temperature_end": 2.0}, {"replay": "x"}])
def test_a_student_whose_knobs_moved_has_no_map(store, moved):
    put_student("demo", DistillSettings(name="demo", teacher="demo", **moved), replace=True)
    with pytest.raises(SettingsError, match="moved while it learned"):
        sweep_knobs.run(GRID, Silent(), store.workspace)


def test_what_does_not_fit_is_refused_and_nothing_queued(store, monkeypatch):
    put_student("demo-a0-t1", DistillSettings(name="x", teacher="demo", epochs=99))
    with pytest.raises(AlreadyExists, match="'demo-a0-t1' was distilled with other settings"):
        sweep_knobs.run(GRID, Silent(), store.workspace)
    store.workspace.delete("students", "demo-a0-t1")
    usage = namedtuple("Usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda root: usage(5000))
    with pytest.raises(SettingsError, match=r"4 students .* the disk of .* has 5\.0 kB left"):
        sweep_knobs.run(GRID, Silent(), store.workspace)
    assert store.runs() == []
