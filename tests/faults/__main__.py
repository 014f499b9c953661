"""Every fault on a real distillation: `make faults`, or `python -m tests.faults MOMENTS WORDS ...`.

After each: no event that was acknowledged is lost, no run claims for more than 15 seconds what is
not so, and the student that is made equals, bit for bit, that of an undisturbed run. Prints a table
of counts, and exits 1 if anything did not hold.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.runs.supervisor import presence
from tests.faults import cluster, hangs, kills, places, surroundings
from tests.faults.bench import Bench, Wrong
from tests.faults.surroundings import Skipped

FAULTS: dict[str, Callable[[Bench], float]] = {
    "kill -9 of the worker": kills.worker,
    "kill -9 of the supervisor": kills.supervisor,
    "kill -9 of both at once": kills.both,
    "kill -9 of the web server": kills.web_server,
    "kill -9 of one of two processes": kills.one_of_two,
    "disk full, then resumed": surroundings.full_disk,
    "clock set by an hour, both ways": surroundings.clock_jump,
    "database locked for 8 s": surroundings.locked_database,
    "store read-only for 8 s": surroundings.read_only_store,
    "last checkpoint damaged": surroundings.damaged_checkpoint,
    "worker held up (SIGSTOP)": hangs.held_up,
    "held-up worker stopped by a person": hangs.stopped_while_held_up,
    "recipe that spins while its worker beats": hangs.spinning,
    "memory ends, at four limits": hangs.memory_limits,
    "workspace moved": places.moved_workspace,
    "store deleted": places.deleted_store,
    "second supervisor, and a third that misses the row": places.doubled_supervisor,
    "kill -9 of a worker on a Ray cluster": cluster.worker,
    "kill -9 of one of two on a Ray cluster": cluster.one_of_two,
}
REPEATED = 4
"""The first so many are tried at that many moments, the others up to five times."""
MOST_OTHERS = 5


def main() -> int:
    """Try the faults and print what held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("moments", type=int, nargs="?", default=20)
    parser.add_argument("faults", nargs="*", help="Words of the faults to try; default: all.")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    dice = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        bench = Bench(Path(folder), dice)
        say(f"An undisturbed run takes {bench.seconds:.0f} s.\n")
        say("| fault | tried | held | longest in a wrong state |")
        say("|---|---|---|---|")
        failed = 0
        for place, (name, fault) in enumerate(FAULTS.items()):
            if given.faults and not any(word in name for word in given.faults):
                continue
            failed += try_out(
                bench,
                name,
                fault,
                given.moments if place < REPEATED else min(given.moments, MOST_OTHERS),
            )
        presence.end(bench.store)
    return 1 if failed else 0


def try_out(bench: Bench, name: str, fault: Callable[[Bench], float], times: int) -> int:
    """Try one fault so many times and print a row; gives how often something did not hold."""
    held, longest, problems = 0, 0.0, []
    bench.stages.clear()
    began = time.monotonic()
    for number in range(1, times + 1):
        try:
            longest = max(longest, fault(bench))
            held += 1
            told = f"{held} of {number} held, {longest:.1f} s in a wrong state at most"
            sys.stderr.write(f"  {name}: {told}\n")
        except Skipped as reason:
            say(f"| {name} | 0 | - | {reason} |")
            return 0
        except Wrong as problem:
            problems.append(str(problem))
    say(f"| {name} | {times} | {held} | {longest:.1f} s |")
    moments = ", ".join(f"{count} in {stage}" for stage, count in bench.stages.items())
    for line in (f"{name}: {time.monotonic() - began:.0f} s; {moments}", *problems):
        sys.stderr.write(f"  {line}\n")
    return len(problems)


def say(line: str) -> None:
    """One line of the table, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
