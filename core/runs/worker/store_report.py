"""A worker's `Report`: what a recipe says goes to the store, in batches, and to the log.

Progress and points are held back for a moment and written together, so that a recipe may report at
every step without the store growing slow; what is held back is never older than the next beat. A
store that cannot be written for a while is waited for.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RunStopped
from core.runs.run import RunState
from core.runs.store.retrying import retry_while_busy
from core.runs.store.store import Store, plain

PAUSE_SECONDS = 0.2
"""Least time between two writes that nobody waits for."""
BEAT_SECONDS = 2.0
"""How often a worker is heard of, whatever its recipe does."""
CONTROL_SECONDS = 0.05
"""Least time between two looks for changed settings."""

log = logging.getLogger("run")


class StoreReport:
    """The `Report` of one run; its methods may be called from several threads."""

    def __init__(self, store: Store, run_id: str, attempt: int | None = None) -> None:
        self.store = store
        self.run_id = run_id
        self.folder: Path | None = store.workspace.root / "runs" / run_id
        self.attempt = attempt
        self._stop = False
        self._paused = False
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {}
        self._events: list[dict[str, Any]] = []
        self._metrics: list[dict[str, Any]] = []
        self._applied: dict[int, dict[str, Any]] = {}
        self._taken: dict[str, int] = {}  # by setting, the control that was taken last
        self._written = time.monotonic() - PAUSE_SECONDS
        self._said = time.monotonic()  # when the recipe last said or asked anything
        self._quiet = 0.0  # seconds since then
        self._looked = 0.0

    # --- what a recipe says -----------------------------------------------------------------

    def stage(self, name: str) -> None:
        """Begin a named stage; progress starts anew."""
        now = time.time()
        self._said = time.monotonic()
        log.info("stage: %s", name)
        with self._lock:
            self._values.update(stage=name, stage_started=now, done=0.0, total=0.0)
            self._values.update(note="", progressed=None)
            self._events.append({"at": now, "kind": "stage", "payload": {"name": name}})
        retry_while_busy(self.flush)

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Say how much of the present stage is done."""
        self._said = time.monotonic()
        with self._lock:
            self._values.update(done=float(done), total=float(total), note=note)
            self._values["progressed"] = time.time()
        self._flush_after_a_pause()

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Log numbers at a step."""
        self._said = time.monotonic()
        now = time.time()
        rows = [
            {"at": now, "step": int(step), "name": name, "value": _number(value)}
            for name, value in values.items()
        ]
        with self._lock:
            self._metrics.extend(rows)
        self._flush_after_a_pause()

    def event(self, kind: str, **payload: object) -> None:
        """Log something that happened, at once.

        `control` (key, old, new, step) acknowledges a change, and `resumed` (step) says that the
        run goes on from a checkpoint.
        """
        self._said = time.monotonic()
        log.info("%s: %s", kind, payload)
        row = {"at": time.time(), "kind": kind, "payload": plain(payload)}
        with self._lock:
            self._events.append(row)
            if kind == "control" and (control := self._taken.pop(str(payload.get("key")), None)):
                self._applied[control] = {"old": payload.get("old"), "step": payload.get("step")}
        retry_while_busy(self.flush)
        if kind == "resumed":
            step = int(row["payload"]["step"])
            retry_while_busy(lambda: self.store.resumed(self.run_id, step, self.attempt))

    # --- what a recipe asks -----------------------------------------------------------------

    def controls(self) -> Mapping[str, float]:
        """Settings changed by a person since the last call; the latest value of each counts."""
        self._said = time.monotonic()
        now = time.monotonic()
        if now - self._looked < CONTROL_SECONDS:
            return {}
        self._looked = now
        taken = retry_while_busy(lambda: self.store.take_controls(self.run_id, self.attempt))
        self._taken |= {control.key: control.id for control in taken}
        return {control.key: control.value for control in taken}

    def check_stop(self) -> None:
        """Wait here while the run is paused; raise `RunStopped` if someone asked it to stop."""
        self._said = time.monotonic()
        while self._paused and not self._stop:
            time.sleep(PAUSE_SECONDS)
            self._said = time.monotonic()
            retry_while_busy(self.flush)
        if self._stop:
            raise RunStopped("The run {run_id} was stopped.", run_id=self.run_id)

    # --- what the worker does ---------------------------------------------------------------

    def ask_to_stop(self) -> None:
        """Make the next `check_stop` raise. Safe in a signal handler: it takes no lock."""
        self._stop = True

    def flush(self) -> None:
        """Write everything held back, and be heard of.

        A run that was paused or asked to stop, or that has ended in the store, learns of it here.

        Raises:
            WorkspaceError: If the store cannot be written; what is held back stays so.
        """
        with self._lock:
            self._count_the_quiet()
            said = self._values, self._events, self._metrics
            state = self.store.write(
                self.run_id, *said, applied=self._applied, attempt=self.attempt
            )
            self._values, self._events, self._metrics, self._applied = {}, [], [], {}
        self._paused = state is RunState.PAUSED
        if state is RunState.STOPPING or state.is_over:
            self.ask_to_stop()

    def _count_the_quiet(self) -> None:
        """Add the time since the last write, but none in which this very process was held up."""
        now = time.monotonic()
        if self._said > self._written:
            self._quiet, self._written = 0.0, self._said
        self._quiet += min(now - self._written, 2 * BEAT_SECONDS)
        self._written = now
        self._values["quiet"] = self._quiet

    def _flush_after_a_pause(self) -> None:
        if time.monotonic() - self._written >= PAUSE_SECONDS:
            retry_while_busy(self.flush)


def _number(value: float) -> float | None:
    number = float(value)
    return None if number != number else number
