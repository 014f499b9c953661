"""Machines, processes, threads and clocks, of which one thread moves at a time.

Each thread is a greenlet. It gives way at borders (before a transaction, before a process is
started) and where it sleeps or waits; who comes next is decided by virtual time alone, and how long
each step takes by the dice. So one seed gives one schedule, and many seeds give many interleavings.
A process that is killed is never given the floor again: nothing of it runs any more, as after
`kill -9`.
"""

from __future__ import annotations

import heapq
import random
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from greenlet import GreenletExit, greenlet

EPOCH = 1_700_000_000.0
STEP_SECONDS = 0.02
"""How long a step takes, in the mean."""


class Killed(BaseException):
    """The process is killed inside a transaction, which is rolled back on the way out."""


class Overrun(AssertionError):
    """A schedule that does not come to its end."""


@dataclass(eq=False)
class Machine:
    """A computer; its wall clock may be set, and it may start anew."""

    host: str
    ahead: float = 0.0  # seconds that its wall clock is before the true time
    starts: int = 1
    memory_kills: int = 0
    processes: dict[int, Process] = field(default_factory=dict)
    last_pid: int = 100

    @property
    def name(self) -> str:
        """As `processes.machine` tells it."""
        return f"{self.host}/{self.starts:08x}"


@dataclass(eq=False)
class Process:
    """A process; `attempt` is what it has begun to work on, if it is a worker."""

    machine: Machine
    pid: int
    started: float
    name: str
    parent: Process | None
    threads: list[Thread] = field(default_factory=list)
    handlers: dict[int, Any] = field(default_factory=dict)
    signals: list[int] = field(default_factory=list)  # that came while it was frozen
    own: dict[str, Any] = field(default_factory=dict)  # what would be global in it
    waiting: list[Thread] = field(default_factory=list)  # for its end
    frozen_until: float = 0.0
    held_up: list[tuple[Thread, int]] = field(default_factory=list)  # by that
    exit_code: int | None = None
    log: Path | None = None  # where its last words go
    collected: bool = False
    attempt: tuple[str, int] | None = None
    devices: tuple[str, ...] = ()

    @property
    def is_alive(self) -> bool:
        return self.exit_code is None

    def __str__(self) -> str:
        return f"{self.name} {self.machine.host}:{self.pid}"


@dataclass(eq=False)
class Thread:
    """A thread of a process; `ticket` tells its latest place in the queue from those before."""

    process: Process
    greenlet: greenlet
    ticket: int = 0
    over: bool = False
    waiting: list[Thread] = field(default_factory=list)  # for its end


class World:
    """All of it."""

    def __init__(self, seed: int, root: Path) -> None:
        self.dice = random.Random(seed)
        self.root = root
        self.now = 0.0
        self.machines = {"home": Machine("home")}
        self.current: Thread | None = None
        self.trace: list[tuple[float, Process | None, str]] = []
        self.moments = 0
        self.plan: dict[int, Callable[[Process], None]] = {}
        self.in_transaction: list[Callable[[Process], None]] = []  # for the next that writes
        self.stalls = 0.0  # how probable it is that a step takes seconds
        self.slowness = 1.0  # seconds that a sleep lasts too long, in the mean
        self.start_seconds = 0.5  # until a process has read its code, in the mean
        self.trouble: str | None = None  # what the disk is, one of `storage.TROUBLES`
        self.done = self.over = False
        self._keep_books()
        self._queue: list[tuple[float, int, int, Thread]] = []
        self._order = 0
        self._hub = greenlet.getcurrent()
        self._threads: list[Thread] = []

    def _keep_books(self) -> None:
        """What people and errands note beside the store, to compare with it in the end."""
        self.store: Any = None
        self.nature: Any = None
        self.cluster: Any = None
        self.programs: Any = None  # what a command runs
        self.is_present: Any = None  # whether an attempt is still the one of its run
        self.numbers = self.submitted = 0
        self.bells: dict[Path, Any] = {}
        self.locks: dict[tuple[str, Path], Process] = {}
        self.ids: list[str] = []  # of runs whose submission was confirmed
        self.launched: list[list[str]] = []
        self.said: dict[str, list[int]] = {}  # events that were acknowledged
        self.lives: list[tuple[tuple[str, int] | None, int]] = []  # attempts, and where from
        self.checkpoints: dict[str, tuple[int, float]] = {}
        self.changes: dict[str, list[float]] = {}
        self.stopped: set[str] = set()
        self.helped: dict[str, int] = {}
        self.seen: dict[str, list[int]] = {}
        self.memory_is_short = self.disk_was_full = False

    # --- time -------------------------------------------------------------------------------

    def run(self, deadline: float) -> None:
        """Let everything happen until someone says that it is done.

        Raises:
            Overrun: If nobody has said so at the deadline, or nothing is left that could happen.
        """
        while not self.done:
            if not self._queue or self.now > deadline:
                raise Overrun(f"it is not over after {self.now:.0f} s")
            at, _, ticket, thread = heapq.heappop(self._queue)
            process = thread.process
            if ticket != thread.ticket or thread.over or not process.is_alive:
                continue
            if process.frozen_until > at:
                process.held_up.append((thread, ticket))
                self._place(thread, process.frozen_until, ticket)
                continue
            self.now = max(self.now, at)
            self._deliver(process)
            if process.is_alive:
                self.current = thread
                thread.greenlet.switch()
                self.current = None

    def close(self) -> None:
        """Let go of every thread that has not ended; nothing that it does now counts."""
        self.over = True
        for thread in self._threads:
            self.current = thread
            if thread.greenlet:
                thread.greenlet.throw(GreenletExit)
        self.current = None

    def border(self, what: str) -> None:
        """Give way: others may come in between here, and faults may strike."""
        self.moment(what)
        step = self.dice.expovariate(1 / STEP_SECONDS)
        if self.stalls and self.dice.random() < self.stalls:
            step += self.dice.uniform(0.5, 6.0)
        self._give_way(self.now + step)

    def moment(self, what: str) -> None:
        """A place where faults may strike but nobody else comes in between."""
        thread = self._here()
        self.moments += 1
        self.say(what)
        if (fault := self.plan.pop(self.moments, None)) is not None:
            fault(thread.process)
        if not thread.process.is_alive:
            self.give_up()

    def sleep(self, seconds: float) -> None:
        """Sleep at least so long."""
        self._give_way(self.now + seconds + self._delay())

    def block(self, *lines: list[Thread], timeout: float | None = None) -> bool:
        """Wait in some lines until woken in one of them; False if the time is over first."""
        thread = self._here()
        for waiting in lines:
            waiting.append(thread)
        if timeout is None:
            thread.ticket += 1
            self._leave()
        else:
            self._give_way(self.now + timeout + self._delay())
        still = [waiting for waiting in lines if thread in waiting]
        for waiting in still:
            waiting.remove(thread)
        return len(still) < len(lines)

    def wake(self, waiting: list[Thread]) -> None:
        """Wake all who wait in a line."""
        for thread in waiting:
            thread.ticket += 1
            self._place(thread, self.now + self.dice.expovariate(1 / STEP_SECONDS), thread.ticket)
        waiting.clear()

    def _delay(self) -> float:
        return self.dice.expovariate(1 / self.slowness)

    def give_up(self) -> None:
        """Leave the floor for good."""
        while True:
            self._here().ticket += 1
            self._leave()

    def _give_way(self, until: float) -> None:
        thread = self._here()
        thread.ticket += 1
        self._place(thread, until, thread.ticket)
        self._leave()

    def _leave(self) -> None:
        if not self.over:
            self._hub.switch()
        if self.over:
            raise GreenletExit

    def _place(self, thread: Thread, at: float, ticket: int) -> None:
        self._order += 1
        heapq.heappush(self._queue, (at, self._order, ticket, thread))

    def _here(self) -> Thread:
        if self.over:
            raise GreenletExit
        assert self.current is not None
        return self.current

    # --- processes --------------------------------------------------------------------------

    @property
    def process(self) -> Process:
        """Whose code runs now."""
        return self._here().process

    def start(
        self,
        name: str,
        main: Callable[[], int | None],
        machine: Machine | None = None,
        parent: Process | None = None,
        delay: float = 0.0,
    ) -> Process:
        """Start a process."""
        machine = machine or self.machines["home"]
        process = Process(machine, self._pid(machine), self.now, name, parent)
        machine.processes[process.pid] = process
        self.say(f"starts {process}")

        def body() -> None:
            try:
                code = main() or 0
            except Exception as error:
                told = "".join(traceback.format_exception(error))
                self.say(f"ended by {type(error).__name__}: {error}\n{told}")
                if process.log is not None:
                    process.log.write_text(told, encoding="utf-8")
                code = 1
            self.end(process, code)

        self.start_thread(process, body, delay)
        return process

    def start_thread(
        self, process: Process, body: Callable[[], None], delay: float = 0.0
    ) -> Thread:
        """Start a thread in a process."""

        def whole() -> None:
            body()
            thread.over = True
            self.wake(thread.waiting)

        thread = Thread(process, greenlet(whole, self._hub))
        process.threads.append(thread)
        self._threads.append(thread)
        thread.ticket += 1
        self._place(thread, self.now + delay, thread.ticket)
        return thread

    def end(self, process: Process, code: int) -> None:
        """End a process, by itself or from outside."""
        if process.is_alive:
            self.say(f"{process} ends with {code}")
            process.exit_code = code
            self.wake(process.waiting)

    def kill(self, process: Process, number: int = signal.SIGKILL) -> None:
        """Send a signal to a process."""
        if number == signal.SIGKILL:
            self.end(process, -number)
        elif number == signal.SIGCONT:
            process.frozen_until = self.now
            for thread, ticket in process.held_up:
                self._place(thread, self.now, ticket)
            process.held_up.clear()
            self._deliver(process)
        else:
            process.signals.append(number)
            if process.frozen_until <= self.now:
                self._deliver(process)

    def freeze(self, process: Process, seconds: float) -> None:
        """Stop a process for a while, as SIGSTOP and SIGCONT do."""
        self.say(f"{process} is frozen for {seconds:.0f} s")
        process.frozen_until = self.now + seconds

    def restart(self, machine: Machine) -> None:
        """Switch a machine off and on."""
        self.say(f"{machine.host} starts anew")
        for process in self.living(machine):
            self.end(process, -signal.SIGKILL)
        machine.processes.clear()
        machine.starts, machine.last_pid = machine.starts + 1, 100

    def living(self, machine: Machine | None = None) -> list[Process]:
        """The processes that live, in the order they were started."""
        machines = [machine] if machine else list(self.machines.values())
        return [p for m in machines for p in m.processes.values() if p.is_alive]

    def _deliver(self, process: Process) -> None:
        while process.signals and process.is_alive:
            number = process.signals.pop(0)
            handler = process.handlers.get(number)
            if handler is None:
                self.end(process, -number)
            else:
                handler(number, None)

    def _pid(self, machine: Machine) -> int:
        """A number for a new process; now and then one that was used before."""
        for pid, old in machine.processes.items():
            free = old.collected or (old.parent is None or not old.parent.is_alive)
            if (
                not old.is_alive
                and free
                and self.now - old.started > 1
                and self.dice.random() < 0.3
            ):
                del machine.processes[pid]
                return pid
        machine.last_pid += 1
        return machine.last_pid

    # --- what is told -----------------------------------------------------------------------

    def say(self, what: str) -> None:
        """Note what happens."""
        who = self.current.process if self.current is not None else None
        self.trace.append((self.now, who, what))

    def lines(self) -> Iterator[str]:
        """All that happened, to read."""
        for at, who, what in self.trace:
            yield f"{at:9.3f}  {str(who or ''):24} {what}"
