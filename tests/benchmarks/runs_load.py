"""What the store and the supervisor bear: `python -m tests.benchmarks.runs_load [PART ...]`.

queue     200 queued runs of one second, 4 at a time: each finishes once, in order
readers   50 readers follow one run: what that costs the worker in steps a second
points    a run with 1,000,000 points of curves is opened, its file in memory or only on disk
control   a change of alpha under steps of 50 ms: asked until acknowledged
idle      what supervisor, worker and resident take of a core, with nothing to do and with one run
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil

from core.runs import resident
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.store import curves, devices
from core.runs.store.store import RESIDENT, Store
from core.runs.supervisor import presence
from core.runs.worker.store_report import StoreReport
from core.workspace import Workspace
from tests.stand_ins.acting import Acting

RECIPE = "tests.stand_ins.acting"
RUNS, AT_ONCE = 200, 4
READERS, ROUNDS, ROUND_SECONDS, SETTLE_SECONDS = 50, 20, 4.0, 0.5
POINTS, CURVES, OPENINGS = 1_000_000, 10, 5
CHANGES = 40
WATCHED_SECONDS = 45.0


def queue(store: Store) -> str:
    """Two hundred runs of one second."""
    devices.register(store.database)
    devices.set_slots(store.database, "light", AT_ONCE)
    began = time.monotonic()
    ids = [submit(store, RECIPE, Acting(act="soon", name=str(n))).id for n in range(RUNS)]
    for run_id in ids:
        RunHandle(store, run_id).wait()
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
    """A worker's loop with and without fifty readers, turn by turn."""
    store.add("followed", RECIPE, {}, "", None)
    store.begin("followed", os.getpid(), 1.0)
    report, step = StoreReport(store, "followed"), itertools.count(1)
    by_clock, by_work = [], []
    with _readers(store.workspace.root, "followed") as reading:
        for number in range(ROUNDS):
            rates = {}
            for watched in (False, True) if number % 2 else (True, False):
                reading.set() if watched else reading.clear()
                time.sleep(SETTLE_SECONDS)
                rates[watched] = _rates(report, step)
            by_clock.append(1 - rates[True][0] / rates[False][0])
            by_work.append(1 - rates[True][1] / rates[False][1])
    return (
        f"{READERS} readers cost a worker {statistics.median(by_clock):.1%} of its steps in a "
        f"second, and {statistics.median(by_work):.1%} of those in a second of its own computing "
        f"(medians of {ROUNDS} pairs of {ROUND_SECONDS:.0f} s; quartiles "
        f"{_quartiles(by_clock)} and {_quartiles(by_work)})"
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
    cold = [_opened(store, forget=True) for _ in range(OPENINGS)]
    warm = [_opened(store, forget=False) for _ in range(OPENINGS)]
    seconds = (
        f"{statistics.median(clock):.2f} s ({max(clock):.2f} at most; "
        f"{statistics.median(busy):.2f} s of it computing)"
        for clock, busy, _ in (zip(*cold, strict=True), zip(*warm, strict=True))
    )
    return (
        f"{POINTS} points in {CURVES} curves opened as {cold[0][2]}: nothing of the file in memory "
        f"{next(seconds)}, all of it {next(seconds)}; medians of {OPENINGS}"
    )


def _opened(store: Store, forget: bool) -> tuple[float, float, int]:
    """Open the long run as a page does; gives seconds, seconds of computing, and points shown."""
    store.close()
    if forget:
        for part in store.workspace.root.glob("store.sqlite*"):
            with part.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    began, busy = time.monotonic(), time.process_time()
    curves.cursor(store.database, "long")
    names = curves.names(store.database, "long")
    shown = sum(len(curves.thinned(store.database, "long", name)) for name in names)
    return time.monotonic() - began, time.process_time() - busy, shown


def control(store: Store) -> str:
    """Changes of alpha, asked from here, applied by a worker that steps every 50 ms."""
    run_id = submit(store, RECIPE, Acting(act="step_slowly")).id
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
    RunHandle(store, run_id).stop()
    RunHandle(store, run_id).wait()
    waits.sort()
    return (
        f"{CHANGES} changes: median {statistics.median(waits) * 1000:.0f} ms, "
        f"longest {waits[-1] * 1000:.0f} ms from asking to acknowledgement"
    )


def idle(store: Store) -> str:
    """Shares of a core, by the processes' own counts over a minute each."""
    quick = RunHandle(store, submit(store, RECIPE, Acting(act="echo")).id).wait()
    looking = presence.present(store)
    assert looking is not None
    alone = _share(looking.pid)
    run_id = submit(store, RECIPE, Acting(act="step_slowly")).id
    while store.run(run_id).stage != "waiting":
        time.sleep(0.05)
    began = store.run(run_id)
    with_run = _share(looking.pid)
    RunHandle(store, run_id).stop()
    RunHandle(store, run_id).wait()
    asked = resident.call(store, RECIPE, Acting(act="echo"))
    answering = _share(asked["pid"])
    for one in store.runs(recipe=RESIDENT):
        RunHandle(store, one.id).stop()
    return (
        f"supervisor {alone:.2%} of a core with nothing to do, {with_run:.2%} with a run; resident "
        f"{answering:.2%} (over {WATCHED_SECONDS:.0f} s each); two queued runs began after "
        f"{(quick.started or 0) - quick.created:.2f} s (the supervisor's start included) and "
        f"{(began.started or 0) - began.created:.2f} s"
    )


def _share(pid: int) -> float:
    """What a process takes of a core, once it has settled."""
    process = psutil.Process(pid)
    time.sleep(3 * SETTLE_SECONDS)
    before, began = sum(process.cpu_times()[:2]), time.monotonic()
    time.sleep(WATCHED_SECONDS)
    return (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began)


@contextmanager
def _readers(root: Path, run_id: str) -> Iterator[Event]:
    """Fifty readers that follow a run by cursor, once a second each, while the event is set."""
    spawned = multiprocessing.get_context("spawn")
    reading, over = spawned.Event(), spawned.Event()
    # Five processes of ten readers each: a web server has threads, not fifty interpreters.
    processes = [
        spawned.Process(target=_follow, args=(root, run_id, 10, reading, over))
        for _ in range(READERS // 10)
    ]
    for process in processes:
        process.start()
    try:
        yield reading
    finally:
        over.set()
        reading.set()
        for process in processes:
            process.join()


def _follow(root: Path, run_id: str, count: int, reading: Event, over: Event) -> None:
    store = Store(Workspace(root))
    cursors = [(0, 0)] * count
    while not over.is_set():
        reading.wait()
        for reader, (metric, event) in enumerate(cursors):
            store.run(run_id)
            new_points = store.metrics(run_id, after=metric)
            new_events = store.events(run_id, after=event)
            metric = new_points[-1].id if new_points else metric
            cursors[reader] = (metric, new_events[-1].id if new_events else event)
        over.wait(1.0)


def _rates(report: StoreReport, numbers: Iterator[int]) -> tuple[float, float]:
    """Steps a second, by the clock and by the process's own computing.

    A step computes for 20 ms and reports as a distillation does.
    """
    began, busy, steps = time.monotonic(), time.process_time(), 0
    while time.monotonic() - began < ROUND_SECONDS:
        working = time.thread_time()
        while time.thread_time() - working < 0.02:
            pass
        steps, number = steps + 1, next(numbers)
        report.controls()
        report.check_stop()
        report.progress(number, 1e6)
        if number % 25 == 0:
            report.metrics(number, {f"distil/{n}": 1.0 for n in range(10)})
    return steps / (time.monotonic() - began), steps / (time.process_time() - busy)


def _quartiles(costs: list[float]) -> str:
    first, _, third = statistics.quantiles(costs, n=4)
    return f"{first:.1%} to {third:.1%}"


PARTS: dict[str, Callable[[Store], str]] = {
    "queue": queue,
    "readers": readers,
    "points": points,
    "control": control,
    "idle": idle,
}


def main() -> None:
    """Measure the parts that are named, or all."""
    os.environ["PYTHONPATH"] = str(presence.PROJECT)
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory(prefix="load-", ignore_cleanup_errors=True) as folder:
            store = Store(Workspace(Path(folder) / "home"))
            sys.stdout.write(f"{name}: {PARTS[name](store)}\n")
            sys.stdout.flush()
            presence.end(store)
            store.close()


if __name__ == "__main__":
    main()
