"""What every fault is tried on: a small but real distillation, and what must hold afterwards."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import CoreError
from core.runs.client import RunHandle, submit
from core.runs.processes import is_alive, start_time
from core.runs.run import Event, Run, RunState
from core.runs.store import curves, supervisor_lease
from core.runs.store.store import Store
from core.runs.supervisor import presence
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
    processes: int = 1
    weights: str = ""
    scores: dict[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    made: int = 0
    stages: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.store = Store(world(self.folder))
        self.succeeded(submit(self.store, "train_teacher", teaching(epochs=2)).id)
        self._watch_undisturbed()

    def _watch_undisturbed(self) -> None:
        run = self.succeeded(self.start())
        self.seconds = run.elapsed()
        self.weights, self.scores = self.outcome(run)

    @contextmanager
    def shared(self, processes: int) -> Iterator[None]:
        """The bench with so many processes for each run, compared with as many undisturbed."""
        alone = self.processes, self.weights, self.scores, self.seconds
        self.processes = processes
        self._watch_undisturbed()
        try:
            yield
        finally:
            self.processes, self.weights, self.scores, self.seconds = alone

    def start(self) -> str:
        """Begin the same distillation once more, under a new name."""
        self.made += 1
        settings = distilling(
            name=f"s{self.made}", epochs=100, checkpoint_seconds=0.5, processes=self.processes
        )
        return submit(self.store, "distill_student", settings).id

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
        handle = RunHandle(self.store, run_id)
        run = handle.wait(PATIENCE)
        if run.state is not RunState.SUCCEEDED:
            raise Wrong(f"{run_id} is {run.state}: {run.error}\n{handle.log()}")
        return run

    @contextmanager
    def disturbed(self, begun: Callable[[str], object] = lambda _: None) -> Iterator[Moment]:
        """A run at a random moment of its life, to do something to; checked once it has ended.

        It has succeeded then, equals the undisturbed one, and has lost no event.

        Args:
            begun: Told the run as soon as it is queued.
        """
        moment = None
        while moment is None:
            run_id = self.start()
            begun(run_id)
            moment = self._at_a_random_moment(run_id)  # None where the run was over before it came
        self.stages[moment.stage] += 1
        with Truth(self.store, moment.run_id) as truth:
            yield moment
            self.ends_as_if_nothing_had_happened(moment.run_id, moment.events)
        moment.wrong_seconds = truth.longest

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

    def _at_a_random_moment(self, run_id: str) -> Moment | None:
        run = self.until(run_id, lambda run: run.pid is not None)
        time.sleep(self.dice.uniform(0, self.seconds))
        events = self.store.events(run_id)
        run = self.store.run(run_id)
        if run.state.is_over:
            self.seconds = min(self.seconds, run.elapsed())  # the machine was busier before
            return None
        if run.pid is None:
            raise Wrong(f"{run_id} has no process")
        return Moment(run_id, run.pid, run.stage or "before its first stage", events)

    def until(self, run_id: str, condition: Callable[[Run], object]) -> Run:
        """The run as soon as something holds for it, or it is over."""
        deadline = time.monotonic() + PATIENCE
        while not condition(run := self.store.run(run_id)) and not run.state.is_over:
            if time.monotonic() > deadline:
                raise Wrong(f"{run_id} hangs: {run}")
            time.sleep(0.05)
        return run


@dataclass
class Moment:
    """A run at the moment of a fault; `wrong_seconds` is known once it has ended."""

    run_id: str
    pid: int
    stage: str
    events: list[Event]
    wrong_seconds: float = 0.0


class Truth(threading.Thread):
    """Looks ten times a second whether the store tells the truth about a run.

    It does not where a run that claims a process has none, or one that claims none has one.
    """

    def __init__(self, store: Store, run_id: str) -> None:
        super().__init__(name=f"truth-{run_id}", daemon=True)
        self.store = store
        self.run_id = run_id
        self.longest = 0.0
        self.problem: Exception | None = None
        self._over = threading.Event()
        self._process: tuple[int | None, float | None] = (None, None)

    def run(self) -> None:
        """Watch until the block ends."""
        since = None
        try:
            while not self._over.wait(0.1):
                now = time.monotonic()
                since = (since or now) if self._is_wrong() else None
                self.longest = max(self.longest, now - since if since else 0.0)
        except CoreError as error:  # raised where the block ends: here nobody would hear it
            self.problem = error

    def __enter__(self) -> Truth:
        self.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._over.set()
        self.join()
        if self.problem is not None:
            raise Wrong(f"{self.run_id} could not be looked at: {self.problem}")
        if kind is None and self.longest > LIMIT_SECONDS:
            raise Wrong(f"{self.run_id} was in a wrong state for {self.longest:.1f} s")

    def _is_wrong(self) -> bool:
        run = self.store.run(self.run_id)
        if run.pid is not None:
            self._process = run.pid, run.process_started
        return run.state.has_process != is_alive(*self._process)


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


def supervisor_of(store: Store) -> supervisor_lease.SupervisorProcess:
    """The supervisor, once it is there."""
    deadline = time.monotonic() + 60
    while (found := presence.present(store)) is None:
        if time.monotonic() > deadline:
            raise Wrong("there is no supervisor")
        presence.ensure(store)
        time.sleep(0.05)
    return found


def fresh_store(bench: Bench, root: Path) -> Store:
    """A store in another place, with the graph, questions and teacher of the bench."""
    for kind in ("graphs", "questions", "teachers", "labels"):
        shutil.copytree(bench.store.workspace.root / kind, root / kind)
    return Store(Workspace(root))


def is_at_its_first_attempt(bench: Bench, run_id: str) -> None:
    """The fault did not reach the worker of the run."""
    attempt = bench.store.run(run_id).attempt
    if attempt != 1:
        raise Wrong(f"{run_id} was disturbed: it needed {attempt} attempts")


def kill(pid: int) -> None:
    """kill -9 a process, and wait until it is gone."""
    started = start_time(pid)
    with suppress(ProcessLookupError):  # it may have ended by itself just before
        os.kill(pid, signal.SIGKILL)
    while is_alive(pid, started):
        time.sleep(0.001)
