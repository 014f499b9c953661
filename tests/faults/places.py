"""A workspace that is moved, a store that is deleted, supervisors that are doubled."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import delete

from core.runs.processes import is_alive
from core.runs.run import Run
from core.runs.store import supervisor_lease
from core.runs.store.store import Store
from core.runs.store.tables import supervisors
from core.runs.supervisor import presence
from core.workspace import Workspace
from tests.faults.bench import (
    LIMIT_SECONDS,
    Bench,
    Truth,
    Wrong,
    fresh_store,
    is_at_its_first_attempt,
    supervisor_of,
)


def moved_workspace(bench: Bench) -> float:
    """Move the workspace under a run; it goes on in the new place, and the old one stays away."""
    with _elsewhere(bench) as root:
        run, events = _at_some_moment(bench)
        there = supervisor_of(bench.store)
        bench.store.close()
        new = root.with_name(f"{root.name}-moved")
        root.rename(new)
        bench.store = Store(Workspace(new))
        with Truth(bench.store, run.id) as truth:
            presence.ensure(bench.store)
            bench.ends_as_if_nothing_had_happened(run.id, events)
        _must_have_ended(there, run)
        if root.exists():
            raise Wrong(f"{root} was made again: {sorted(root.iterdir())}")
    return truth.longest


def deleted_store(bench: Bench) -> float:
    """Delete the store under a run; worker and supervisor say so and end."""
    with _elsewhere(bench) as root:
        run, _ = _at_some_moment(bench)
        there = supervisor_of(bench.store)
        began = time.monotonic()
        for part in root.glob("store.sqlite*"):
            part.unlink()
        _must_have_ended(there, run)
        took = time.monotonic() - began
        for log in (root / "supervisor.log", root / "runs" / run.id / "log.txt"):
            if "was moved, deleted or replaced" not in log.read_text(encoding="utf-8"):
                raise Wrong(f"{log} says nothing about a store that is gone")
        if (root / "store.sqlite").exists():
            raise Wrong("the store was made again")
        bench.store.close()
        bench.store = Store(Workspace(root))  # as another program finds it: new, and empty
    return took


def doubled_supervisor(bench: Bench) -> float:
    """Start a second one, and a third where the row of the first is gone: one works at a time."""
    with bench.disturbed() as moment:
        there = supervisor_of(bench.store)
        _one_steps_back(bench, there)
        with bench.store.database.writing() as connection:
            connection.execute(delete(supervisors))  # as a copy from before it came would say
        _one_steps_back(bench, there)
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


def _one_steps_back(bench: Bench, there: supervisor_lease.SupervisorProcess) -> None:
    """One more is started, and soon one is left: the new one where the old one has gone by then."""
    root = bench.store.workspace.root
    process = subprocess.Popen(
        [sys.executable, "-m", "core.runs.supervisor"],
        cwd=presence.PROJECT,
        env={**os.environ, "PATHDISTILL_HOME": str(root)},
        stdout=subprocess.DEVNULL,
    )
    threading.Thread(target=process.wait, daemon=True).start()
    deadline = time.monotonic() + LIMIT_SECONDS
    while process.poll() is None and is_alive(there.pid, there.process_started):
        if time.monotonic() > deadline:
            process.kill()
            raise Wrong("two supervisors are at work")
        time.sleep(0.05)


def _at_some_moment(bench: Bench) -> tuple[Run, list]:
    """A run somewhere in its work, and its events so far."""
    while True:
        run_id = bench.start()
        bench.until(run_id, lambda run: run.pid is not None)
        time.sleep(bench.dice.uniform(0, bench.seconds))
        events = bench.store.events(run_id)
        run = bench.store.run(run_id)
        if not run.state.is_over:
            bench.stages[run.stage or "before its first stage"] += 1
            return run, events


def _must_have_ended(there: supervisor_lease.SupervisorProcess, run: Run) -> None:
    """The programs of before end by themselves, in time."""
    deadline = time.monotonic() + LIMIT_SECONDS
    for pid, started in ((there.pid, there.process_started), (run.pid, run.process_started)):
        while is_alive(pid, started):
            if time.monotonic() > deadline:
                raise Wrong(f"the process {pid} goes on in a place that is gone")
            time.sleep(0.05)


@contextmanager
def _elsewhere(bench: Bench) -> Iterator[Path]:
    """The bench in a workspace of its own, that may come to harm."""
    near = bench.store
    presence.end(near)
    root = bench.folder / f"elsewhere-{os.urandom(4).hex()}"
    bench.store = fresh_store(bench, root)
    try:
        yield root
    finally:
        presence.end(bench.store)
        bench.store.close()
        bench.store = near
