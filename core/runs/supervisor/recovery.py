"""Runs whose process is gone: tried again where that promises something, explained otherwise."""

from __future__ import annotations

import time
from typing import Any

from core.errors import RunFailed
from core.messages import Message
from core.runs.processes import is_gone
from core.runs.run import Run, RunState, error_columns
from core.runs.store import lost_runs
from core.runs.store.store import RESIDENT, Store
from core.runs.supervisor.diagnosis import Cause, sentence

MOST_ATTEMPTS = 3
"""A run is tried again by itself until one cause has ended so many attempts at it, counted from
when a person last had it tried again."""
AFRESH: dict[str, Any] = {"pid": None, "beat": None, "quiet": 0.0}
AFRESH |= {"stage": "", "note": "", "done": 0.0, "total": 0.0}
"""What a new attempt begins with."""
STALE_SECONDS = 60.0
"""A run on another machine is lost after so long without a word."""

UNKNOWN = Message(
    "The process of this run vanished without a word; the end of its log may say why (memory is "
    "the usual reason)."
)


def is_lost(run: Run, now: float | None = None) -> bool:
    """Whether a run should have a process and has none.

    On this machine its process is looked at; on another one only its silence tells.
    """
    if not run.state.has_process or run.pid is None:
        return False
    gone = is_gone(run.machine, run.pid, run.process_started)
    if gone is not None:
        return gone
    return (now or time.time()) - (run.heartbeat or run.created) > STALE_SECONDS


def recover(store: Store, run: Run, cause: Cause, exit_code: int | None = None) -> RunState | None:
    """Bring a lost run to where it belongs: stopped, queued once more, or lost.

    Args:
        store: The store.
        run: The run as it was found; had it been heard of since, nothing happens.
        cause: Why it vanished.
        exit_code: Of its process, where it is known.

    Returns:
        Where it stands now, or None if it lives after all.
    """
    promising = cause.is_transient and run.recipe != RESIDENT
    tried_again = promising and lost_runs.ended_by(store, run.id, cause) + 1 < MOST_ATTEMPTS
    after = RunState.LOST
    values: dict[str, Any] = {"cause": cause}
    if run.state is RunState.STOPPING:
        after, values = RunState.STOPPED, {}
    elif tried_again:
        after, values = RunState.QUEUED, {"attempt": run.attempt + 1, **AFRESH}
    else:
        values |= error_columns(RunFailed(sentence(cause, run.settings) or UNKNOWN))
    event = {"cause": str(cause), "exit_code": exit_code, "attempt": run.attempt}
    event["resumes"] = tried_again
    told = None if run.state is RunState.STOPPING else event
    return after if lost_runs.note_loss(store, run, after, values, told) else None
