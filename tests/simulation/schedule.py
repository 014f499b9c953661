"""One seed, one schedule: a world is made, people and faults are let loose in it, it is watched.

outcome = simulate(4711)
outcome.wrong            what did not hold; empty where all is well
outcome.lines            all that happened
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from core.runs.run import Run
from core.runs.store import supervisor_lease
from core.runs.store.store import Store
from core.runs.supervisor import loop, recovery
from core.runs.worker import attempts
from core.workspace import Workspace
from tests.simulation import people, substitutes
from tests.simulation.faults import FAULTS
from tests.simulation.storage import Memory, OpenStore, borders
from tests.simulation.watch import Watch
from tests.simulation.world import Machine, Overrun, Process, World

STORM_SECONDS = 20.0
"""Faults happen for so long; then everything must come to its end."""
LAST_SECONDS = 600.0
STORM_MOMENTS = 110  # about as many as there are in that time
MOST_FAULTS = 8


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule."""

    seed: int
    wrong: tuple[str, ...]
    world: World

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many runs there were, how many attempts, and how many steps in all."""
        return len(self.world.ids), len(self.world.lives), self.world.moments

    @property
    def lines(self) -> list[str]:
        """All that happened, to read."""
        return list(self.world.lines())


class Cluster:
    """A cluster of one node, as the backend `ray` sees it: a job a name, and it is started once."""

    def __init__(self, there: World, wanted: float) -> None:
        self.world, self.wanted = there, wanted
        self.jobs: dict[str, Process] = {}

    @property
    def node(self) -> str:
        """The machine that it runs on; home where there is none."""
        return "node" if self.wanted else "home"

    def is_wanted(self) -> bool:
        """Whether the next run goes to it."""
        return self.wanted > 0 and self.world.dice.random() < self.wanted

    def launch(self, run: Run) -> None:
        """Start the worker of a run on the node."""
        there = self.world
        there.border(f"submit {run.id}")
        command = ["core.runs.worker", run.id, str(run.attempt)]
        name, main = there.programs(command)
        delay = there.dice.expovariate(1 / there.start_seconds)
        node = there.machines["node"]
        self.jobs[f"{run.id}-{run.attempt}"] = there.start(name, main, node, delay=delay)

    def has_ended(self, run: Run) -> bool:
        """Whether the job of a run is over or unknown."""
        job = self.jobs.get(f"{run.id}-{run.attempt}")
        return job is None or not job.is_alive

    def end(self, run: Run) -> None:
        """Kill the job of a run."""
        if job := self.jobs.get(f"{run.id}-{run.attempt}"):
            self.world.kill(job)


class Simulator:
    """Runs schedules, one after the other."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.memory = Memory(root)
        self.watch = Watch(self.memory.raw)

    def run(self, seed: int) -> Outcome:
        """Run the schedule of a seed."""
        self.memory.clear()
        self.watch.__init__(self.memory.raw)  # type: ignore[misc]
        there = self._world(seed)
        substitutes.enter(there)
        try:
            there.run(LAST_SECONDS)
            people.follow(there.store)
            self.watch.check_the_end(there.store.workspace)
        except Overrun as error:
            self.watch.wrong.append(f"{error}: {[tuple(r)[:3] for r in self.watch.runs.values()]}")
        finally:
            there.close()
            substitutes.enter(None)
        return Outcome(seed, tuple(self.watch.wrong), there)

    def _world(self, seed: int) -> World:
        there = World(seed, self.root)
        workspace = Workspace(self.root / "workspace")
        workspace.ensure()
        for entry in workspace.root.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        there.store = store = OpenStore(workspace, self.memory.database)
        there.programs = lambda command: program(store, command)
        there.is_present = self.watch.is_present
        dice = there.dice
        there.machines["node"] = Machine("node")
        there.cluster = Cluster(there, dice.choice((0.0, 0.0, 0.5)))
        there.stalls = dice.choice((0.0, 0.0, 0.02, 0.1))
        kinds = dice.sample(FAULTS, dice.randint(1, min(4, len(FAULTS))))
        for _ in range(dice.randint(0, MOST_FAULTS)):
            there.plan[dice.randint(1, STORM_MOMENTS)] = dice.choice(kinds)
        there.nature = there.start("nature", lambda: quieten(there), Machine("nature"))
        there.start("reader", people.reader(store), Machine("elsewhere"))
        for _ in range(dice.randint(1, 2)):
            there.start("visitor", people.visitor(store, dice.randint(0, 6)))
        return there


def program(store: Store, command: list[str]) -> tuple[str, Callable[[], int | None]]:
    """What a command runs, by a name for the kind of process."""
    there = substitutes.world()
    if command[0] == "core.runs.worker":
        there.launched.append(command)
        return "worker", lambda: work(store, command[1], int(command[2]))
    if command[0] == "core.runs.supervisor":
        return "supervisor", lambda: loop.supervise(store) and None
    raise AssertionError(f"nobody knows what {command} is")


def work(store: Store, run_id: str, attempt: int) -> int:
    """Be a worker whose last words go to the run's log."""
    process = substitutes.world().process
    process.log = store.workspace.root / "runs" / run_id / "log.txt"
    return attempts.work(store, run_id, attempt)


def quieten(there: World) -> None:
    """Let the storm pass, and have someone look after what it leaves."""
    there.sleep(STORM_SECONDS)
    there.say("the faults are over")
    there.plan.clear()
    there.in_transaction.clear()
    there.trouble, there.stalls = None, 0.0
    there.start("caretaker", people.caretaker(there.store))
    there.sleep(10 * LAST_SECONDS)


@contextmanager
def simulator() -> Iterator[Simulator]:
    """A simulator, with all that it replaces in place.

    Waits that are minutes are shorter here, and what is done all the time is done less often, so
    that a schedule need not be longer than it takes to see both.
    """
    memory = Path("/dev/shm")
    logging.disable()
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder,
        mock.patch.multiple(loop, GRACE_SECONDS=10.0, BEAT_SECONDS=4.0, SLOW_SECONDS=5.0),
        mock.patch.multiple(supervisor_lease, SILENT_SECONDS=10.0),
        mock.patch.multiple(recovery, STALE_SECONDS=15.0),
    ):
        here = Simulator(Path(folder))
        with substitutes.installed(), borders(here.watch.wrote, here.watch.before):
            try:
                yield here
            finally:
                logging.disable(logging.NOTSET)


def simulate(seed: int) -> Outcome:
    """Run the schedule of one seed."""
    with simulator() as here:
        return here.run(seed)


@dataclass(frozen=True)
class Part:
    """What came of some schedules: their counts in sum, and what is first wrong in which."""

    schedules: int
    counts: tuple[int, ...]
    wrong: dict[int, str]


def run_part(seeds: range) -> Part:
    """Run the schedules of some seeds."""
    with simulator() as here:
        outcomes = [here.run(seed) for seed in seeds]
    counts = tuple(map(sum, zip(*(outcome.counts for outcome in outcomes), strict=True)))
    wrong = {outcome.seed: outcome.wrong[0] for outcome in outcomes if outcome.wrong}
    return Part(len(seeds), counts, wrong)
