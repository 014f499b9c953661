"""What a reader of the store sees: a run, and the rows that it leaves behind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core import errors
from core.messages import Message
from core.runs.processes import machine

NOT_RESPONDING_SECONDS = 10.0
"""A worker that was not heard of for so long does not respond; one that lives beats every two."""
NO_PROGRESS_SECONDS = 120.0
"""A recipe that has said nothing for so long is worth a word to a person."""


class RunState(StrEnum):
    """Where a run stands.

    queued -> starting -> running <-> paused        (stopping from any of these)
                             |
                             `-> succeeded | stopped | failed | lost

    `lost` means that its process vanished and the run was not, or not again, resumed by itself.
    """

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether the run has ended; only resuming it changes it again."""
        return self not in ACTIVE

    @property
    def has_process(self) -> bool:
        """Whether a process works on the run, or was started to."""
        return self in WORKING


WAITING = (RunState.QUEUED, RunState.STARTING)
WORKING = (RunState.STARTING, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING)
ACTIVE = (RunState.QUEUED, *WORKING)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a recipe, as the store knows it at the moment of reading.

    Times are seconds since 1970. `done` and `total` count the present stage in the recipe's own
    unit; `total` is 0 where nothing was said yet.

    Attributes:
        error: One sentence for a person, where the run failed or was lost.
        error_kind: Name of the error's class, e.g. `NotFound`.
        cause: What kind of thing went wrong, a value of `diagnosis.Cause`.
        stage_started: When the present stage began.
        progressed: When `done` was last said.
        process_started: When the process `pid` began, by `processes.start_time`.
        machine: Where it runs, by `processes.machine`; all three name one process for good.
        heartbeat: When the worker was last heard of.
        beat: The same by the clock of its machine that counts from its start.
        quiet: For how many seconds its recipe had said nothing by then.
        backend: What starts its process: `local` or `ray`.
        who: Whose run it is.
        priority: The higher goes first; equals go in the order they came.
        attempt: 1 at first, one more each time it is resumed.
        parent: The run that it was branched from.
        stopping: When someone asked it to stop.
        message: The error, to be said in any language; None where only its sentence is known.
    """

    id: str
    recipe: str
    title: str
    settings: dict[str, Any]
    state: RunState
    stage: str
    done: float
    total: float
    note: str
    created: float
    started: float | None
    ended: float | None
    result: dict[str, Any] | None
    error: str | None
    error_kind: str | None
    pid: int | None
    process_started: float | None
    heartbeat: float | None
    beat: float | None
    quiet: float
    stage_started: float | None
    progressed: float | None
    backend: str
    who: str
    priority: int
    attempt: int
    parent: str | None
    machine: str | None
    cause: str | None
    stopping: float | None
    message: Message | None

    @property
    def share(self) -> float | None:
        """How much of the present stage is done, 0 to 1, or None where nothing was said yet."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total > 0 else None

    def silence(self) -> float:
        """Seconds since its worker was last heard of; 0 where it has none.

        On the worker's own machine by the clock that nobody sets, and that stands still while the
        machine sleeps; from elsewhere by the time of day.
        """
        if not self.state.has_process or self.pid is None:
            return 0.0
        if self.beat is not None and self.machine == machine():
            return max(0.0, time.monotonic() - self.beat)
        return max(0.0, time.time() - (self.heartbeat or self.created))

    @property
    def responds(self) -> bool:
        """Whether its worker, if it has one, was heard of of late."""
        return self.silence() <= NOT_RESPONDING_SECONDS

    def without_progress(self) -> float:
        """Seconds for which its recipe has said nothing; 0 where it says so for a reason."""
        return self.quiet + self.silence() if self.state is RunState.RUNNING else 0.0

    def elapsed(self, now: float | None = None) -> float:
        """Seconds from start to end, or to now; 0 while queued."""
        if self.started is None:
            return 0.0
        return max(0.0, (self.ended or now or time.time()) - self.started)

    def seconds_left(self, now: float | None = None) -> float | None:
        """Seconds that the present stage will still take at its pace so far; None if unknown."""
        if self.state.is_over or not self.share or not self.stage_started or not self.progressed:
            return None
        spent = self.progressed - self.stage_started
        left = spent * (1 - self.share) / self.share
        return max(0.0, left - ((now or time.time()) - self.progressed))

    def failure(self) -> errors.CoreError:
        """The error that the run ended in, ready to be raised again."""
        if self.state is RunState.STOPPED:
            return errors.RunStopped("The run {id} was stopped.", id=self.id)
        unknown = Message("The run {id} is {state}.", id=self.id, state=self.state)
        return named_error(self.error_kind, self.message or self.error or unknown)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run.

    Recipes say `stage`, `log`, `control`, `example`, `warning`, `checkpoint`, `resumed`; those who
    look after it say `attempt`, `lost`, `asked`.
    """

    id: int
    at: float
    kind: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Metric:
    """One point of a curve; a value that is no number reads as NaN."""

    id: int
    at: float
    step: int
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Control:
    """A setting that a person changed while the run went on.

    Attributes:
        taken: When the run read it.
        who: Who asked.
        old: What the setting was before.
        step: From which step on it holds.
        applied: When the run said so; None where it has not yet, or a later change came first.
    """

    id: int
    at: float
    key: str
    value: float
    taken: float | None
    who: str = ""
    old: float | None = None
    step: int | None = None
    applied: float | None = None


NO_ERROR: Mapping[str, Any] = MappingProxyType({"error": None, "message": None})
"""Columns of a run that goes on, whatever had been wrong before."""


def error_columns(error: errors.CoreError) -> dict[str, Any]:
    """An error as rows hold it: its sentence, its class, and its message for any language."""
    return {
        "error": str(error),
        "error_kind": type(error).__name__,
        "message": error.message.as_record(),
    }


def stored_message(record: Mapping[str, Any] | None, sentence: str | None) -> Message | None:
    """The message of a row; None where it has none, or one that says something else.

    Args:
        record: As `Message.as_record` gave it.
        sentence: The error in English as the row holds it, which is what counts.
    """
    if record is None or sentence is None:
        return None
    try:
        message = Message.from_record(record)
    except (AttributeError, LookupError, TypeError, ValueError):
        return None
    return message if str(errors.CoreError(message)) == sentence else None


def named_error(kind: str | None, message: str) -> errors.CoreError:
    """An error by the name of its class, so that it crosses from process to process unchanged.

    A class that is none of ours comes back as `RunFailed`.
    """
    found = getattr(errors, kind or "", None)
    if isinstance(found, type) and issubclass(found, errors.CoreError):
        return found(message)
    return errors.RunFailed(message)
