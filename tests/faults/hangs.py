"""Workers that hang, and memory that ends."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from core.runs import lifecycle
from core.runs.client import RunHandle, submit
from core.runs.run import RunState
from core.runs.supervisor import presence
from core.runs.supervisor.diagnosis import MEMORIES
from core.runs.supervisor.hangs import HUNG, STALLED
from tests.faults.bench import (
    LIMIT_SECONDS,
    Bench,
    Truth,
    Wrong,
    environment,
    supervisor_of,
)
from tests.stand_ins.acting import Acting

HUNG_SECONDS = 20
STALLED_SECONDS = 5
STOP_SECONDS = 30.0
MEGABYTES = (200, 350, 600, 700)
"""From one in which Python hardly starts to one in which a distillation hardly fits."""


def held_up(bench: Bench) -> float:
    """Hold the worker up; it is told as not responding, ended, and tried again."""
    with _supervised(bench, HUNG=HUNG_SECONDS), bench.disturbed() as moment:
        os.kill(moment.pid, signal.SIGSTOP)
        _is_told_in_time(bench, moment.run_id)
    _was_ended_for_it(bench, moment.run_id)
    return moment.wrong_seconds


def stopped_while_held_up(bench: Bench) -> float:
    """Stop a run whose worker is held up; resumed, it ends as if nothing had happened."""
    with bench.disturbed() as moment:
        os.kill(moment.pid, signal.SIGSTOP)
        _is_told_in_time(bench, moment.run_id)
        began = time.monotonic()
        RunHandle(bench.store, moment.run_id).stop()
        run = bench.until(moment.run_id, lambda run: run.state.is_over)
        took = time.monotonic() - began
        if run.state is not RunState.STOPPED or took > STOP_SECONDS:
            raise Wrong(f"{run.id} is {run.state} {took:.0f} s after it was asked to stop")
        lifecycle.resume(bench.store, moment.run_id)
    return moment.wrong_seconds


def spinning(bench: Bench) -> float:
    """A recipe that computes for ever: its worker beats, and says that nothing comes of it."""
    (bench.store.workspace.root / "spun").unlink(missing_ok=True)
    with _supervised(bench, STALLED=STALLED_SECONDS):
        run_id = submit(bench.store, "tests.stand_ins.acting", Acting(act="spin_once")).id
        bench.stages["the spin"] += 1
        with Truth(bench.store, run_id) as truth:
            bench.succeeded(run_id)
    _was_ended_for_it(bench, run_id)
    return truth.longest


def memory_limits(bench: Bench) -> float:
    """Let a run have too little memory, which is said; resumed with all, it ends as undisturbed."""
    most = MEGABYTES[bench.stages.total() % len(MEGABYTES)]
    bench.stages[f"{most} MB"] += 1
    presence.end(bench.store)
    presence.ensure(bench.store)
    limit = most * 2**20
    process = psutil.Process(supervisor_of(bench.store).pid)
    process.rlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))  # its workers inherit it
    run_id = bench.start()
    with Truth(bench.store, run_id) as truth:
        run = bench.until(run_id, lambda run: run.state.is_over)
    presence.end(bench.store)
    if run.state is RunState.SUCCEEDED:
        raise Wrong(f"{run_id} had enough with {most} MB")
    if run.cause not in MEMORIES or "memory" not in (run.error or ""):
        end = RunHandle(bench.store, run_id).log(last=15)
        raise Wrong(f"{run_id} with {most} MB: {run.cause}: {run.error}\n{end}")
    if run.attempt > 3:
        raise Wrong(f"{run_id} with {most} MB was tried {run.attempt} times")
    events = bench.store.events(run_id)
    lifecycle.resume(bench.store, run_id)
    bench.ends_as_if_nothing_had_happened(run_id, events)
    return truth.longest


@contextmanager
def _supervised(bench: Bench, **limits: float) -> Iterator[None]:
    """A supervisor of its own that is less patient with workers that hang."""
    names = {"HUNG": HUNG, "STALLED": STALLED}
    presence.end(bench.store)
    with environment(**{names[name]: str(value) for name, value in limits.items()}):
        yield
        presence.end(bench.store)


def _is_told_in_time(bench: Bench, run_id: str) -> None:
    began = time.monotonic()
    run = bench.until(run_id, lambda run: not run.responds)
    if run.state.is_over or time.monotonic() - began > LIMIT_SECONDS:
        raise Wrong(f"{run_id} was not told as one that does not respond ({run.state})")


def _was_ended_for_it(bench: Bench, run_id: str) -> None:
    lost = [event.payload for event in bench.store.events(run_id) if event.kind == "lost"]
    if [one["cause"] for one in lost] != ["hung"]:
        raise Wrong(f"{run_id} was not ended since it hung: {lost}")
