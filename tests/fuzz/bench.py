"""Many cases in a few processes, each case with its time: a process that hangs or dies is replaced.

The same seed and number give the same input: `replay` says how to try one again.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.fuzz.inputs import KINDS
from tests.fuzz.trial import Verdict, serve

LIMIT_SECONDS = 30.0
"""For a case that computes, or sleeps; one that only waits for its turn on a busy machine, or
for the disk, has more, up to `START_SECONDS`."""
START_SECONDS = 120.0
"""For a process that has imported nothing yet, and prepares what its first case needs."""
MOST_GROWN = 300 << 20

Number = tuple[str, int]
"""A kind of input, and which of its cases."""


@dataclass
class Outcome:
    """What came of many cases.

    Attributes:
        tried: Cases by kind.
        refused: Cases by kind that ended in a sentence or in an exit code above 0.
        failures: By case, what did not hold.
        grown: The most bytes that a case took.
    """

    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failures: dict[Number, str] = field(default_factory=dict)
    grown: int = 0

    def add(self, number: Number, verdict: Verdict) -> None:
        """Count a case."""
        self.tried[number[0]] += 1
        self.refused[number[0]] += verdict.ended not in ("", "exit 0", "exit None")
        self.grown = max(self.grown, verdict.grown)
        problems = list(verdict.problems)
        if verdict.grown > MOST_GROWN:
            problems.append(f"it took {verdict.grown >> 20} MB")
        if problems:
            self.failures[number] = "\n".join(filter(None, (verdict.about, *problems)))


def numbers(count: int, kinds: Iterable[str] = KINDS) -> list[Number]:
    """So many cases, shared out evenly between the kinds."""
    names = list(kinds)
    return [(names[i % len(names)], i // len(names)) for i in range(count)]


def replay(number: Number, seed: int) -> str:
    """How to try one case again."""
    return f"python -m tests.fuzz --seed {seed} --case {number[0]}:{number[1]}"


def try_all(cases: Iterable[Number], seed: int, processes: int = 2) -> Outcome:
    """Try cases in so many processes at once."""
    waiting, lock, outcome = iter(cases), threading.Lock(), Outcome()

    def work() -> None:
        with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as root:
            trial: _Trial | None = None
            while True:
                with lock:
                    number = next(waiting, None)
                if number is None:
                    break
                trial = trial or _Trial(Path(root))
                verdict = trial.verdict(number, seed)
                if not trial.is_alive:
                    trial = None
                with lock:
                    outcome.add(number, verdict)
            if trial:
                trial.end()

    threads = [threading.Thread(target=work) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


class _Trial:
    """A process that tries one case after the other."""

    def __init__(self, root: Path) -> None:
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, str(root)), daemon=True)
        self._process.start()
        theirs.close()
        self._known: set[str] = set()
        self._root = root
        self._where: tuple[str, ...] = ()
        self.is_alive = True

    def verdict(self, number: Number, seed: int) -> Verdict:
        kind, place = number
        self._ours.send((kind, f"{seed}:{kind}:{place}"))
        limit = LIMIT_SECONDS if kind in self._known else START_SECONDS
        self._known.add(kind)
        try:
            if self._answers_within(limit):
                return self._ours.recv()  # type: ignore[no-any-return]
            problem = f"it hung for {limit:.0f} s"
            self._say_where()
        except EOFError:
            self._process.join()
            problem = f"its process ended by {self._process.exitcode}"
        self.end()
        return Verdict("", problem, (problem, *self._where), 0)

    def _say_where(self) -> None:
        """Have a process that hangs write down what each of its threads does."""
        os.kill(self._process.pid, signal.SIGUSR1)
        time.sleep(0.5)
        self._where = ((self._root / "said").read_text(errors="replace")[-3000:],)

    def _answers_within(self, limit: float) -> bool:
        began, spent = time.monotonic(), self._seconds_computed()
        while not self._ours.poll(limit):
            late = time.monotonic() - began > START_SECONDS
            if late or self._seconds_computed() - spent > limit or not self._wants_a_turn():
                return False
        return True

    def _seconds_computed(self) -> float:
        """Of the process and all that it has started."""
        return sum(times.user + times.system for times in self._asked("cpu_times"))

    def _wants_a_turn(self) -> bool:
        """Whether anything of it could go on, if only the machine let it."""
        held_up = {psutil.STATUS_RUNNING, psutil.STATUS_DISK_SLEEP}
        for _ in range(10):
            if held_up.intersection(self._asked("status")):
                return True
            time.sleep(0.05)
        return False

    def _asked(self, what: str) -> list[Any]:
        found = []
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._process.pid)
            for one in (process, *process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    found.append(getattr(one, what)())
        return found

    def end(self) -> None:
        self.is_alive = False
        self._ours.close()  # at which it leaves by itself, if it can
        self._process.join(5.0)
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                child.kill()
        self._process.kill()
        self._process.join()
