"""So many schedules: `make simulate`, or `python -m tests.simulation COUNT`; `--seed S` shows one.

Prints the seeds of those in which something did not hold, and exits 1 if there are any.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator

from tests.simulation.schedule import Part, run_part, simulate

PART = 100
"""Schedules that a process runs before it hands in what it found."""


def main() -> int:
    """Run the schedules."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--from", type=int, default=0, dest="first", help="The first seed.")
    parser.add_argument("--seed", type=int, help="Run this one alone and tell all of it.")
    given = parser.parse_args()
    if given.seed is not None:
        return replay(given.seed)
    began, done, failed, counts = time.monotonic(), 0, 0, [0, 0, 0]
    for part in parts(given.first, given.count):
        done, failed = done + part.schedules, failed + len(part.wrong)
        counts = [one + more for one, more in zip(counts, part.counts, strict=True)]
        for seed, wrong in part.wrong.items():
            say(f"seed {seed}: {wrong}\n")
        say(f"{done} schedules, {time.monotonic() - began:.0f} s", "\r")
    runs, attempts, steps = counts
    say(f"{done} schedules with {runs} runs, {attempts} attempts and {steps} steps: ")
    say(f"{failed} wrong, {time.monotonic() - began:.0f} s\n")
    return 1 if failed else 0


def replay(seed: int) -> int:
    """Run one schedule and tell all that happens in it."""
    outcome = simulate(seed)
    say("\n".join(outcome.lines) + "\n")
    return 1 if outcome.wrong else 0


def parts(first: int, count: int) -> Iterator[Part]:
    """What is found, part by part, by one process a core."""
    starts = range(first, first + count, PART)
    ranges = [range(start, min(start + PART, first + count)) for start in starts]
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(run_part, ranges)


def say(text: str, end: str = "") -> None:
    """Print."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
