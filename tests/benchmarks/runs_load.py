"""What the store and the supervisor bear: `python -m tests.benchmarks.runs_load [PART ...]`.

queue     200 queued runs of one second, 4 at a time: each finishes once, in order
readers   50 readers follow one run: what that costs the worker in steps a second
points    a run with 1,000,000 points of curves is opened
control   a change of alpha under steps of 50 ms: asked until acknowledged
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from core.jobs import curves, devices, supervision
from core.jobs.backends import local
from core.jobs.runs import RunState
from core.jobs.store import Store
from core.jobs.store_report import StoreReport
from core.workspace import Workspace
from tests.stand_ins.acting import Acting

RECIPE = "tests.stand_ins.acting"
RUNS, AT_ONCE = 200, 4
READERS, STEPS_SECONDS, ROUNDS = 50, 10.0, 3
POINTS, CURVES = 1_000_000, 10
CHANGES = 40


def queue(store: Store) -> str:
    """Two hundred runs of one second."""
    devices.register(store.database)
    devices.set_slots(store.database, "light", AT_ONCE)
    began = time.monotonic()
    ids = [local.submit(store, RECIPE, Acting(act="soon", name=str(n))) for n in range(RUNS)]
    for run_id in ids:
        local.wait(store, run_id)
    seconds = time.monotonic() - began
    runs = [store.run(run_id) for run_id in ids]
    succeeded = sum(run.state is RunState.SUCCEEDED and run.attempt == 1 for run in runs)
    taken = [run.started or 0 for run in runs]
    late = sum(one > other for one, other in zip(taken[:-AT_ONCE], taken[AT_ONCE:], strict=True))
    most = max(sum(o.started <= r.started < o.ended for o in runs) for r in runs)
    return (
        f"{succeeded} of {RUNS} succeeded at their only attempt in {seconds:.0f} s, at most {most} "
        f"at a time, {late} begun after one that was {AT_ONCE} places behind"
    )


def readers(store: Store) -> str:
    """A worker's loop with and without fifty readers, turn by turn in the same minute."""
    alone, watched = [], []
    for number in range(ROUNDS):
        for name, count, rates in (("alone", 0, alone), ("watched", READERS, watched)):
            run_id = f"{name}-{number}"
            store.add(run_id, RECIPE, {}, run_id, None)
            store.begin(run_id, os.getpid(), 1.0)
            with_readers = _Readers(store.workspace.root, run_id, count)
            rates.append(_steps(StoreReport(store, run_id)))
            with_readers.end()
            store.finish(run_id, RunState.SUCCEEDED)
    cost = 1 - statistics.median(watched) / statistics.median(alone)
    return (
        f"{statistics.median(alone):.1f} steps/s alone, {statistics.median(watched):.1f} with "
        f"{READERS} readers: {cost:.1%} fewer (median of {ROUNDS})"
    )


def points(store: Store) -> str:
    """Write a million points, open them as a page does."""
    store.add("long", RECIPE, {}, "", None)
    steps = POINTS // CURVES
    for first in range(0, steps, 10_000):
        rows = [
            {"at": 0.0, "step": step, "name": f"curve/{n}", "value": float(step % 97)}
            for step in range(first, first + 10_000)
            for n in range(CURVES)
        ]
        store.write("long", {}, [], rows)
    began, busy = time.monotonic(), time.process_time()
    curves.cursor(store.database, "long")
    names = curves.names(store.database, "long")
    shown = sum(len(curves.thinned(store.database, "long", name)) for name in names)
    seconds, busy = time.monotonic() - began, time.process_time() - busy
    return (
        f"{POINTS} points in {len(names)} curves opened as {shown} in {seconds:.2f} s, "
        f"{busy:.2f} s of them computing"
    )


def control(store: Store) -> str:
    """Changes of alpha, asked from here, applied by a worker that steps every 50 ms."""
    run_id = local.submit(store, RECIPE, Acting(act="step_slowly"))
    while store.run(run_id).stage != "waiting":
        time.sleep(0.05)
    waits = []
    for number in range(CHANGES):
        control_id = store.set_control(run_id, "alpha", (number + 1) / CHANGES)
        while True:
            row = next(one for one in store.controls(run_id) if one.id == control_id)
            if row.applied is not None:
                waits.append(row.applied - row.at)
                break
            time.sleep(0.005)
    local.stop(store, run_id)
    local.wait(store, run_id)
    waits.sort()
    return (
        f"{CHANGES} changes: median {statistics.median(waits) * 1000:.0f} ms, "
        f"longest {waits[-1] * 1000:.0f} ms from asking to acknowledgement"
    )


class _Readers:
    """Processes that follow a run by cursor as pages do, once a second each."""

    def __init__(self, root: Path, run_id: str, count: int) -> None:
        spawned = multiprocessing.get_context("spawn")
        self._over = spawned.Event()
        # Five processes of ten readers each: a web server has threads, not fifty interpreters.
        self._processes = [
            spawned.Process(target=_follow, args=(root, run_id, 10, self._over))
            for _ in range(count // 10)
        ]
        for process in self._processes:
            process.start()
        time.sleep(3 if count else 0)  # until they read

    def end(self) -> None:
        self._over.set()
        for process in self._processes:
            process.join()


def _follow(root: Path, run_id: str, count: int, over: object) -> None:
    store = Store(Workspace(root))
    cursors = [(0, 0)] * count
    while not over.is_set():  # type: ignore[attr-defined]
        for reader, (metric, event) in enumerate(cursors):
            store.run(run_id)
            new_points = store.metrics(run_id, after=metric)
            new_events = store.events(run_id, after=event)
            metric = new_points[-1].id if new_points else metric
            cursors[reader] = (metric, new_events[-1].id if new_events else event)
        over.wait(1.0)  # type: ignore[attr-defined]


def _steps(report: StoreReport) -> float:
    """Steps a second of a loop that works 20 ms a step and reports as a distillation does."""
    began, steps = time.monotonic(), 0
    while (now := time.monotonic()) - began < STEPS_SECONDS:
        while time.monotonic() - now < 0.02:
            pass
        steps += 1
        report.controls()
        report.check_stop()
        report.progress(steps, 1e6)
        if steps % 25 == 0:
            report.metrics(steps, {f"distil/{n}": 1.0 for n in range(10)})
    return steps / (time.monotonic() - began)


PARTS: dict[str, Callable[[Store], str]] = {
    "queue": queue,
    "readers": readers,
    "points": points,
    "control": control,
}


def main() -> None:
    """Measure the parts that are named, or all."""
    os.environ["PYTHONPATH"] = str(supervision.PROJECT)
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as folder:
            store = Store(Workspace(Path(folder) / "home"))
            sys.stdout.write(f"{name}: {PARTS[name](store)}\n")
            sys.stdout.flush()
            supervision.end(store)
            store.close()


if __name__ == "__main__":
    main()
