"""Faults of what surrounds a run: disk, clock, database, checkpoints."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.checkpoints import checkpoints, step_of
from core.runs import lifecycle
from core.runs.run import RunState
from core.runs.supervisor import presence
from core.runs.supervisor.diagnosis import Cause
from tests.faults.bench import (
    Bench,
    Truth,
    Wrong,
    environment,
    fresh_store,
    is_at_its_first_attempt,
    kill,
    supervisor_of,
)

HERE = Path(__file__).parent
SMALL = "128m"  # room for the space that is kept back
HOUR = 3600
JUMP_SECONDS = 3
SOME_SECONDS = 8


class Skipped(Exception):
    """This machine does not let the fault happen; the message says why."""


def full_disk(bench: Bench) -> float:
    """Fill a small disk, see it said, free it, resume."""
    with _small_disk(bench) as place:
        run_id = bench.start()
        bench.until(run_id, lambda run: checkpoints(_checkpoints(bench, run_id)))
        events = bench.store.events(run_id)
        ballast = place / "ballast"
        with Truth(bench.store, run_id) as truth:
            _fill(ballast)
            run = bench.until(run_id, lambda run: run.state.is_over)
        ballast.unlink()
        if run.state is RunState.SUCCEEDED:
            raise Wrong(f"{run_id} did not notice that the disk was full")
        if run.cause != Cause.DISK or "disk is full" not in (run.error or "").lower():
            raise Wrong(f"{run_id} ended by {run.cause}: {run.error}")
        lifecycle.resume(bench.store, run_id)
        bench.ends_as_if_nothing_had_happened(run_id, events)
        return truth.longest


def clock_jump(bench: Bench) -> float:
    """Set the clock an hour on, then two back, under worker and supervisor."""
    presence.end(bench.store)
    clock = bench.folder / "clock"
    paths = f"{HERE / 'shifted_clock'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    with environment(SHIFTED_CLOCK=str(clock), PYTHONPATH=paths):
        with bench.disturbed() as moment:
            for offset in (HOUR, -HOUR):
                clock.write_text(str(offset), encoding="ascii")
                time.sleep(JUMP_SECONDS)
        presence.end(bench.store)
    clock.unlink()
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


def locked_database(bench: Bench) -> float:
    """Hold the database for some seconds; the run waits for it."""
    with bench.disturbed() as moment:
        connection = sqlite3.connect(_database(bench), timeout=30)
        connection.isolation_level = None
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(SOME_SECONDS)
        connection.execute("ROLLBACK")
        connection.close()
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


def read_only_store(bench: Bench) -> float:
    """Let nobody write the database for some seconds, not even who has it open."""
    if not _may_change(_database(bench)):
        raise Skipped("making a file read-only for everybody needs more rights than this user has")
    with bench.disturbed() as moment:
        parts = [_database(bench), _database(bench).with_name("store.sqlite-wal")]
        subprocess.run(["chattr", "+i", *parts], check=True)
        try:
            time.sleep(SOME_SECONDS)
        finally:
            subprocess.run(["chattr", "-i", *parts], check=True)
    is_at_its_first_attempt(bench, moment.run_id)
    return moment.wrong_seconds


def damaged_checkpoint(bench: Bench) -> float:
    """Kill the worker and damage its last checkpoint before it is resumed."""
    run_id = bench.start()
    run = bench.until(run_id, lambda run: len(checkpoints(_checkpoints(bench, run_id))) > 1)
    events = bench.store.events(run_id)
    with Truth(bench.store, run_id) as truth:
        kill(supervisor_of(bench.store).pid)
        kill(run.pid or 0)
        last = checkpoints(_checkpoints(bench, run_id))[-1]
        victim = max(last.iterdir(), key=lambda path: path.stat().st_size)
        content = bytearray(victim.read_bytes())
        content[len(content) // 2] ^= 255
        victim.write_bytes(content)
        presence.ensure(bench.store)
        bench.ends_as_if_nothing_had_happened(run_id, events)
    resumed = [e.payload["step"] for e in bench.store.events(run_id) if e.kind == "resumed"]
    if not resumed or resumed[0] >= step_of(last):
        raise Wrong(f"{run_id} went on from {resumed}, and {last.name} was damaged")
    return truth.longest


def _database(bench: Bench) -> Path:
    return bench.store.workspace.root / "store.sqlite"


def _may_change(path: Path) -> bool:
    """Whether this user may make a file of that disk read-only for everybody."""
    try:
        made = subprocess.run(["chattr", "+i", path], capture_output=True)
        subprocess.run(["chattr", "-i", path], capture_output=True)
        return made.returncode == 0
    except FileNotFoundError:
        return False


def _checkpoints(bench: Bench, run_id: str) -> Path:
    return bench.store.workspace.root / "runs" / run_id / "checkpoints"


def _fill(ballast: Path) -> None:
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
        except OSError:
            return  # full, as intended


@contextmanager
def _small_disk(bench: Bench) -> Iterator[Path]:
    """The bench on a small disk of its own; needs the right to mount one."""
    place = bench.folder / f"small-{bench.made}"  # never two stores at one path
    place.mkdir(exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", place], capture_output=True
    )
    if made.returncode:
        raise Skipped("mounting a small disk needs more rights than this user has")
    large = bench.store
    presence.end(large)
    try:
        bench.store = fresh_store(bench, place / "home")
        yield place
    finally:
        presence.end(bench.store)
        bench.store.close()
        bench.store = large
        subprocess.run(["umount", "-l", place], check=True)
        shutil.rmtree(place)
