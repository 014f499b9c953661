"""What must hold: looked at after each transaction, and once more when everything is over.

A run moves as `RunState` says, and what has ended moves only when a person resumes it. Of a run
there is one worker: an attempt is begun once, not while the one before lives on that machine, and
one that is not the present one writes nothing. A device takes as many as it has slots. There is one
supervisor. In the end every run has succeeded, or is stopped because a person or what it waited for
was, and all that its worker has said is there, once.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import Any, NamedTuple

from core.runs.run import ACTIVE, WORKING
from core.runs.supervisor.recovery import MOST_ATTEMPTS
from core.workspace import Workspace
from tests.simulation.substitutes import world
from tests.simulation.world import EPOCH, Process

FRESH_SECONDS = 5.0
"""A supervisor whose heartbeat is no older lives, in the eyes of every machine."""


class Row(NamedTuple):
    """What is watched of a run."""

    id: str
    state: str
    attempt: int
    pid: int | None
    machine: str | None
    cause: str | None
    error: str | None
    ended: float | None
    slot: str | None
    backend: str
    priority: int
    created: float
    device: str
    processes: int


ROWS = f"""SELECT {", ".join(Row._fields[:-2])}, json_extract(settings, '$.device'),
    json_extract(settings, '$.processes') FROM job WHERE recipe != 'core.runs.worker.serving'"""
LEASES = "SELECT run, device FROM lease"
PLACE = "SELECT token, machine, pid, process_started, heartbeat FROM supervisor"
UNMET = """SELECT n."on" FROM need n LEFT JOIN job j ON j.id = n."on"
    WHERE n.run = ? AND coalesce(j.state, '') != 'succeeded'"""


class Violation(AssertionError):
    """Something that must hold does not."""


class Watch:
    """Looks at the database, past the code that is tried."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.runs: dict[str, Row] = {}
        self.place: tuple[str, str, int, float, float] | None = None
        self.begun: set[tuple[str, int]] = set()
        self.wrong: list[str] = []
        self._changes = 0

    def is_present(self, attempt: tuple[str, int]) -> bool:
        """Whether a run is still at this attempt."""
        return self.runs[attempt[0]].attempt == attempt[1]

    def before(self) -> None:
        """Look at what is there before a transaction."""
        self._changes = self.raw.total_changes

    def wrote(self) -> None:
        """Look at what a transaction has changed."""
        if self.raw.total_changes == self._changes:
            return
        writer = world().process
        old, self.runs = self.runs, {row[0]: Row(*row) for row in self.raw.execute(ROWS)}
        self._check_writer(writer, old)
        moved = [(old.get(run.id), run) for run in self.runs.values() if old.get(run.id) != run]
        for before, run in moved:
            self._check_move(writer, before, run)
        if any(before is None or before.state != run.state for before, run in moved):
            self._check_leases()
        if writer.name == "supervisor":
            self._check_place(writer)

    def _check_writer(self, writer: Process, old: dict[str, Row]) -> None:
        if writer.attempt is not None:
            run, attempt = writer.attempt
            if old[run].attempt > attempt:
                self._say(f"attempt {attempt} of {run} wrote during attempt {old[run].attempt}")

    def _check_move(self, writer: Process, before: Row | None, run: Row) -> None:
        if before is None:
            return
        was_over, is_over = before.state not in ACTIVE, run.state not in ACTIVE
        if was_over:
            self._check_revival(writer, before, run)
        elif is_over:
            self._check_end(writer, run)
        if run.attempt not in (before.attempt, before.attempt + 1):
            self._say(f"{run.id} went from attempt {before.attempt} to {run.attempt}")
        if before.state in WORKING and run.state not in WORKING:
            self._check_that_none_lives(writer, before)
        if before.state == "queued" and run.state == "starting":
            self._check_claim(run)
        if before.state != run.state == "running" and before.state in ("queued", "starting"):
            self._check_begin(writer, run)

    def _check_revival(self, writer: Process, before: Row, run: Row) -> None:
        by_person = writer.name in ("visitor", "caretaker")
        if run.state == before.state:
            if before != run:
                self._say(f"{run.id} is {run.state}, but changed from {before} to {run}")
        elif not (by_person and run.state == "queued" and before.state != "succeeded"):
            self._say(f"{run.id} was {before.state} and is {run.state}, by {writer.name}")
        elif run.attempt == before.attempt and before.cause != "dependency":
            self._say(f"{run.id} was resumed in the same attempt")

    def _check_end(self, writer: Process, run: Row) -> None:
        there = world()
        if run.slot is not None or run.ended is None:
            self._say(f"{run.id} is {run.state}, holds the slot {run.slot}, ended at {run.ended}")
        expected = (
            run.state in ("succeeded", "stopped")
            or (run.cause == "killed" and run.attempt >= MOST_ATTEMPTS)
            or (run.cause in ("machine", "hung") and run.attempt >= MOST_ATTEMPTS)
            or (run.cause == "memory" and there.memory_is_short)
            or (run.cause == "disk" and there.disk_was_full)
        )
        if not expected:
            self._say(f"{run.id} is {run.state} ({run.cause}) for no reason: {run.error}")

    def _check_that_none_lives(self, writer: Process, before: Row) -> None:
        for process in world().living(writer.machine):
            mine = process.attempt == (before.id, before.attempt)
            if mine and process is not writer and process.frozen_until <= world().now:
                self._say(f"{before.id} was given up by {writer} while {process} works on it")

    def _check_claim(self, run: Row) -> None:
        for (other,) in self.raw.execute(UNMET, (run.id,)):
            self._say(f"{run.id} begins before {other}, which it needs")
        if run.backend != "local":
            return
        for other_run in self.runs.values():
            like = other_run[-2:] == run[-2:] and other_run.backend == run.backend
            first = (-other_run.priority, other_run.created, other_run.id)
            waits = other_run.state == "queued" and like
            earlier = first < (-run.priority, run.created, run.id)
            if waits and earlier and not self.raw.execute(UNMET, (other_run.id,)).fetchall():
                self._say(f"{run.id} begins before {other_run.id}, whose turn it was")
        slots = dict(self.raw.execute("SELECT name, slots FROM device"))
        held = self.raw.execute(LEASES).fetchall()
        taken = Counter(device for _, device in held)
        for device in [device for name, device in held if name == run.id]:
            if taken[device] > slots[device]:
                self._say(f"{device} has {slots[device]} slots and {taken[device]} runs")

    def _check_begin(self, writer: Process, run: Row) -> None:
        if (run.id, run.attempt) in self.begun:
            self._say(f"attempt {run.attempt} of {run.id} was begun twice")
        self.begun.add((run.id, run.attempt))
        writer.attempt = (run.id, run.attempt)
        for process in world().living(writer.machine):
            here = process.machine.name == world().machines["home"].name  # elsewhere silence tells
            if here and process is not writer and process.attempt and process.attempt[0] == run.id:
                self._say(f"{writer} begins {run.id} while {process} works on it")
        holds = [device for name, device in self.raw.execute(LEASES) if name == run.id]
        if not holds and run.backend == "local":
            self._say(f"{run.id} begins without a device")

    def _check_leases(self) -> None:
        for name, device in self.raw.execute(LEASES):
            if name not in self.runs or self.runs[name].state not in WORKING:
                self._say(f"{name} holds {device} and has no process")

    def _check_place(self, writer: Process) -> None:
        before, self.place = self.place, self.raw.execute(PLACE).fetchone()
        if before and self.place and before[0] != self.place[0]:
            for process in world().living():
                named = (process.machine.name, process.pid, process.started)
                silent = EPOCH + world().now + process.machine.ahead - before[4]
                is_seen = process.machine is writer.machine or silent < FRESH_SECONDS
                if named == before[1:4] and process is not writer and is_seen:
                    self._say(f"{writer} has taken the place of {process}, which lives")

    def _say(self, what: str) -> None:
        world().say(f"WRONG  {what}")
        self.wrong.append(what)

    # --- at the end -------------------------------------------------------------------------

    def check_the_end(self, workspace: Workspace) -> None:
        """Look at everything once all is over."""
        self.runs = {row[0]: Row(*row) for row in self.raw.execute(ROWS)}
        for run_id in world().ids:
            if run_id not in self.runs:
                self._say(f"{run_id} is gone")
                continue
            self._check_final_state(self.runs[run_id])
            self._check_what_was_said(self.runs[run_id])
            self._check_the_reader(run_id)
            if self.runs[run_id].state == "succeeded":
                self._check_alpha(run_id)
                self._check_artefact(run_id, workspace)

    def _check_final_state(self, run: Row) -> None:
        broken = self.raw.execute(UNMET, (run.id,)).fetchall()
        fine = run.state == "succeeded" or (
            run.state == "stopped" and (run.id in world().stopped or broken)
        )
        if not fine:
            self._say(f"{run.id} is {run.state} in the end: {run.error}")

    def _check_what_was_said(self, run: Row) -> None:
        rows = self.raw.execute("SELECT kind, payload FROM event WHERE run = ?", (run.id,))
        told = [(kind, json.loads(payload)) for kind, payload in rows]
        numbers = Counter(payload["number"] for _, payload in told if "number" in payload)
        for number in world().said.get(run.id, []):
            if numbers[number] != 1:
                self._say(f"event {number} of {run.id} is there {numbers[number]} times")
        if any(count > 1 for count in numbers.values()):
            self._say(f"an event of {run.id} is there twice")
        points = self.raw.execute(
            "SELECT step, value FROM metric WHERE run = ? AND name = 'loss' ORDER BY id", (run.id,)
        ).fetchall()
        lives = [first for life, first in world().lives if life and life[0] == run.id]
        self._check_points(run, [step for step, _ in points], lives)

    def _check_points(self, run: Row, steps: list[int], lives: list[int]) -> None:
        """Each life's points follow each other; that of the last, which succeeded, is whole."""
        places = [
            place for place, step in enumerate(steps) if place and step != steps[place - 1] + 1
        ]
        if len(places) > max(0, len(lives) - 1):
            self._say(f"points of {run.id} are lost or doubled: {steps}, begun at {lives}")
        if run.state == "succeeded":
            total = json.loads(
                self.raw.execute("SELECT settings FROM job WHERE id = ?", (run.id,)).fetchone()[0]
            )["steps"]
            wanted = list(range(lives[-1] + 1, total + 1))
            if wanted and steps[-len(wanted) :] != wanted:
                self._say(f"points of {run.id} are missing: {steps}, wanted {wanted}")

    def _check_the_reader(self, run_id: str) -> None:
        rows = self.raw.execute("SELECT id FROM event WHERE run = ? ORDER BY id", (run_id,))
        if world().seen.get(run_id, []) != [row[0] for row in rows]:
            self._say(f"a reader of {run_id} has not seen each event once")

    def _check_alpha(self, run_id: str) -> None:
        """The latest change that was taken holds, and each was acknowledged or came too late."""
        rows = self.raw.execute(
            "SELECT id, value, taken, applied FROM control WHERE run = ? ORDER BY id", (run_id,)
        ).fetchall()
        values = [row[1] for row in rows]
        if doubled := [value for value, count in Counter(values).items() if count > 1]:
            self._say(f"a change of {run_id} sent twice counts twice: {doubled}")
        for value in world().changes.get(run_id, []):
            if value not in values:
                self._say(f"the change {value} of {run_id} is lost")
        result = json.loads(
            self.raw.execute("SELECT result FROM job WHERE id = ?", (run_id,)).fetchone()[0]
        )
        taken = [row for row in rows if row[2] is not None]
        wanted = taken[-1][1] if taken else 0.5
        if result["alpha"] != wanted:
            self._say(f"{run_id} ended with alpha {result['alpha']}; the last change was {wanted}")
        if taken and taken[-1][3] is None:
            self._say(f"the change {wanted} of {run_id} was taken and never acknowledged")
        self._check_acknowledgements(run_id)

    def _check_acknowledgements(self, run_id: str) -> None:
        """In one life a change is acknowledged once."""
        rows = self.raw.execute(
            "SELECT kind, payload FROM event WHERE run = ? ORDER BY id", (run_id,)
        )
        seen: set[float] = set()
        for kind, text in rows:
            payload: dict[str, Any] = json.loads(text)
            if kind in ("attempt", "stage"):
                seen.clear()
            if kind == "control":
                if payload["new"] in seen:
                    self._say(f"{run_id} took the change {payload['new']} twice")
                seen.add(payload["new"])

    def _check_artefact(self, run_id: str, workspace: Workspace) -> None:
        rows = self.raw.execute(
            "SELECT kind, name FROM artefact WHERE run = ?", (run_id,)
        ).fetchall()
        if len(rows) != 1:
            self._say(f"{run_id} has made {rows}")
            return
        made = json.loads((workspace.folder(*rows[0]) / "made.json").read_text())
        last = max(attempt for run, attempt in self.begun if run == run_id)
        if made != {"run": run_id, "attempt": [run_id, last]}:
            self._say(f"what {run_id} has made is of {made}, not of attempt {last}")
