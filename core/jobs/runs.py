"""What a reader of the store sees: a run, and the rows that it leaves behind."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core import errors


class RunState(StrEnum):
    """Where a run stands; `lost` means that its process vanished without a word."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"

    @property
    def is_over(self) -> bool:
        """Whether the run has ended; a run that is over never changes again."""
        return self not in ACTIVE


ACTIVE = (RunState.QUEUED, RunState.RUNNING, RunState.STOPPING)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a recipe, as the store knows it at the moment of reading.

    Times are seconds since 1970. `done` and `total` count the present stage in the recipe's own
    unit; `total` is 0 where nothing was said yet.

    Attributes:
        error: One sentence for a person, where the run failed or was lost.
        error_kind: Name of the error's class, e.g. `NotFound`.
        stage_started: When the present stage began.
        progressed: When `done` was last said.
        process_started: When the process `pid` began: both together name one process for good.
        heartbeat: When the worker was last heard of.
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
    stage_started: float | None
    progressed: float | None

    @property
    def share(self) -> float | None:
        """How much of the present stage is done, 0 to 1, or None where nothing was said yet."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total > 0 else None

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
            return errors.RunStopped(f"The run {self.id} was stopped.")
        return named_error(self.error_kind, self.error or f"The run {self.id} is {self.state}.")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run: `stage`, `log`, `control`, `example` or `warning`."""

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
    """A setting that a person changed while the run went on; `taken` is when the run read it."""

    id: int
    at: float
    key: str
    value: float
    taken: float | None


def named_error(kind: str | None, message: str) -> errors.CoreError:
    """An error by the name of its class, so that it crosses from process to process unchanged.

    A class that is none of ours comes back as `RunFailed`.
    """
    found = getattr(errors, kind or "", None)
    if isinstance(found, type) and issubclass(found, errors.CoreError):
        return found(message)
    return errors.RunFailed(message)
