"""What every fault is tried on: a small but real distillation, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from core.jobs import curves, supervision
from core.jobs.backends import local
from core.jobs.processes import is_alive
from core.jobs.runs import Event, Run, RunState
from core.jobs.store import Store
from core.workspace import Workspace
from tests.family_loop import distilling, teaching, world

PATIENCE = 900  # seconds; only ever reached where a run hangs
LIMIT_SECONDS = 15.0
"""For so long at most a run may say something else than the truth."""


class Wrong(AssertionError):
    """Something that must hold did not; the message says what."""


@dataclass
class Bench:
    """A workspace with a teacher and what an undisturbed distillation makes of it."""

    folder: Path
    dice: random.Random
    store: Store = field(init=False)
    weights: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    made: int = 0

    def __post_init__(self) -> None:
        self.store = Store(world(self.folder))
        self.succeeded(local.submit(self.store, "train_teacher", teaching(epochs=2)))
        run = self.succeeded(self.start())
        self.seconds = run.elapsed()
        self.weights, self.scores = self.outcome(run)

    def start(self) -> str:
        """Begin the same distillation once more, under a new name."""
        self.made += 1
        settings = distilling(name=f"s{self.made}", epochs=60, checkpoint_seconds=0.5)
        return local.submit(self.store, "distill_student", settings)

    def outcome(self, run: Run) -> tuple[str, dict[str, float | None]]:
        """The student's weights as a hash, and its last scores on held-out questions.

        What is logged between them is averaged over as many steps as fit into half a second, and so
        never comes out the same twice.
        """
        model = self.store.workspace.folder("students", run.settings["name"]) / "model.safetensors"
        weights = hashlib.sha256(model.read_bytes()).hexdigest()
        latest = curves.latest(self.store.database, run.id)
        return weights, {name: value for name, value in latest.items() if "/dev_" in name}

    def succeeded(self, run_id: str) -> Run:
        """The run once it has succeeded."""
        run = local.wait(self.store, run_id, PATIENCE)
        if run.state is not RunState.SUCCEEDED:
            raise Wrong(f"{run_id} is {run.state}: {run.error}\n{local.log(self.store, run_id)}")
        return run

    def ends_as_if_nothing_had_happened(self, run_id: str, before: list[Event]) -> Run:
        """A disturbed run has succeeded, equal to the undisturbed one, and lost no event.

        Args:
            run_id: The run.
            before: Its events as they were read just before the fault.
        """
        run = self.succeeded(run_id)
        after = {event.id: event for event in self.store.events(run_id)}
        if any(after.get(event.id) != event for event in before):
            raise Wrong(f"{run_id} has lost events")
        weights, scores = self.outcome(run)
        if (weights, scores) != (self.weights, self.scores):
            raise Wrong(f"{run_id} made another student: {scores} instead of {self.scores}")
        return run

    def at_a_random_moment(self, run_id: str) -> tuple[int, list[Event]]:
        """Wait for some moment of a run; gives its process and its events as they are then."""
        self.until(run_id, lambda run: run.pid is not None)
        time.sleep(self.dice.uniform(0, self.seconds))
        events = self.store.events(run_id)
        pid = self.store.run(run_id).pid
        if pid is None:
            raise Wrong(f"{run_id} has no process")
        return pid, events

    def until(self, run_id: str, condition: Callable[[Run], object]) -> Run:
        """The run as soon as something holds for it, or it is over."""
        deadline = time.monotonic() + PATIENCE
        while not condition(run := self.store.run(run_id)) and not run.state.is_over:
            if time.monotonic() > deadline:
                raise Wrong(f"{run_id} hangs: {run}")
            time.sleep(0.05)
        return run

    def truth_is_told(self, run_id: str) -> float:
        """Seconds until a run no longer claims a process that is gone."""
        began = time.monotonic()
        while True:
            run = self.store.run(run_id)
            if not run.state.has_process or is_alive(run.pid, run.process_started):
                return time.monotonic() - began
            if time.monotonic() - began > LIMIT_SECONDS:
                raise Wrong(f"{run_id} says {run.state} and its process is gone")
            time.sleep(0.02)


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Variables for every process that is started in the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def supervisor_of(store: Store) -> supervision.Supervisor:
    """The supervisor, once it is there."""
    deadline = time.monotonic() + 60
    while (found := supervision.present(store)) is None:
        if time.monotonic() > deadline:
            raise Wrong("there is no supervisor")
        supervision.ensure(store)
        time.sleep(0.05)
    return found


def fresh_store(bench: Bench, root: Path) -> Store:
    """A store in another place, with the graph, questions and teacher of the bench."""
    for kind in ("graphs", "questions", "teachers", "labels"):
        shutil.copytree(bench.store.workspace.root / kind, root / kind)
    return Store(Workspace(root))
