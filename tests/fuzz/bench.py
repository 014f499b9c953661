"""Many cases in a few processes, each case with its time: a process that hangs or dies is replaced.

The same seed and number give the same input: `replay` says how to try one again.
"""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.inputs import KINDS
from tests.fuzz.trial import Verdict, serve

LIMIT_SECONDS = 10.0
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
        self.is_alive = True

    def verdict(self, number: Number, seed: int) -> Verdict:
        kind, place = number
        self._ours.send((kind, f"{seed}:{kind}:{place}"))
        limit = LIMIT_SECONDS if kind in self._known else START_SECONDS
        self._known.add(kind)
        try:
            if self._ours.poll(limit):
                return self._ours.recv()  # type: ignore[no-any-return]
            problem = f"it hung for {limit:.0f} s"
        except EOFError:
            self._process.join()
            problem = f"its process ended by {self._process.exitcode}"
        self.end()
        return Verdict("", problem, (problem,), 0)

    def end(self) -> None:
        self.is_alive = False
        self._ours.close()
        self._process.kill()
        self._process.join()
