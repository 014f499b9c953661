"""Spoilt inputs of every kind: `make fuzz`, or `python -m tests.fuzz COUNT --seed S`.

No traceback, no process that ends or hangs, nothing half-made, no 300 MB more memory. Prints a
table, and how to try again each case that did not hold; exits 1 if there is any.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.bench import numbers, replay, try_all
from tests.fuzz.inputs import KINDS


def main() -> int:
    """Try the cases and print what held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS), choices=KINDS)
    parser.add_argument("--case", help="One case alone, as it was printed: KIND:NUMBER.")
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    cases = numbers(given.count, given.kinds)
    if given.case:
        kind, _, place = given.case.partition(":")
        cases = [(kind, int(place))]
    began = time.monotonic()
    outcome = try_all(cases, given.seed, given.processes)
    for number, problem in sorted(outcome.failures.items()):
        say(f"{replay(number, given.seed)}\n{problem}\n")
    say("| inputs | tried | refused in a sentence | did not hold |")
    say("|---|---|---|---|")
    for kind, tried in outcome.tried.items():
        failed = sum(name == kind for name, _ in outcome.failures)
        say(f"| {kind} | {tried} | {outcome.refused[kind]} | {failed} |")
    seconds = time.monotonic() - began
    say(
        f"\nSeed {given.seed}: {sum(outcome.tried.values())} inputs in {seconds:.0f} s; "
        f"{len(outcome.failures)} did not hold; the most memory of one: {outcome.grown >> 20} MB."
    )
    return 1 if outcome.failures else 0


def say(text: str) -> None:
    """One line of the report."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
