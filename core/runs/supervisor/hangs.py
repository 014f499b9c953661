"""Whether a worker hangs: its process lives, and nothing is heard of it, or of its recipe.

    no heartbeat            the process was stopped, starves, or its interpreter is stuck
    beats, but no progress  the recipe has said and asked nothing for very long

Time counts only while the one who watches looks on: neither a clock that is set nor a machine that
sleeps makes a run hang. A paused run says so all the time; a worker that waits for its store is
heard of again when that can be written, or ends by itself before.
"""

from __future__ import annotations

import os

from core.errors import SettingsError
from core.runs.run import Run, RunState

HUNG = "PATHDISTILL_HUNG_SECONDS"
STALLED = "PATHDISTILL_STALLED_SECONDS"
DEFAULTS = {HUNG: 300.0, STALLED: 3600.0}
"""After so many seconds without a heartbeat, or without progress, a worker is ended.

Long enough for a model that is loaded in one go, and for a recipe that downloads or reads all at
once before it says the next word.
"""
LOOK_SECONDS = 5.0
"""No two looks of one who is awake lie further apart."""


def limit(name: str) -> float:
    """How many seconds `HUNG` or `STALLED` is, by the environment or by default.

    Raises:
        SettingsError: If the environment says no number above 0.
    """
    given = os.environ.get(name)
    if not given:
        return DEFAULTS[name]
    try:
        seconds = float(given)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise SettingsError(
            "{name} is a number of seconds above 0 (given: {given!r}).", name=name, given=given
        )
    return seconds


class HangDetector:
    """Counts for how long each worker was silent, from look to look."""

    def __init__(self) -> None:
        self._limits = {name: limit(name) for name in DEFAULTS}
        self._looked: float | None = None
        self._awake = 0.0
        self._heard: dict[str, tuple[object, float]] = {}  # by run: its last sign of life, and when

    def observe(self, now: float, runs: list[Run]) -> None:
        """Look at all runs that have a worker, at a moment of the clock that nobody sets."""
        since = 0.0 if self._looked is None else now - self._looked
        self._awake += min(max(since, 0.0), LOOK_SECONDS)
        self._looked = now
        before, self._heard = self._heard, {}
        for run in runs:
            sign = run.state is RunState.STARTING, run.pid, run.heartbeat, run.beat
            known = before.get(run.id)
            same = known is not None and known[0] == sign
            self._heard[run.id] = known if same and known is not None else (sign, self._awake)

    def silence(self, run: Run) -> float:
        """Seconds since a run was last heard of, as far as this one looked on."""
        return self._awake - self._heard[run.id][1] if run.id in self._heard else 0.0

    def is_hung(self, run: Run) -> bool:
        """Whether a run is to be ended since its worker hangs."""
        if run.pid is None:
            return False
        stalled = run.state is RunState.RUNNING and run.quiet > self._limits[STALLED]
        return stalled or self.silence(run) > self._limits[HUNG]
