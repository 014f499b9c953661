"""What a recipe tells the outside while it works, and what it asks of it.

A recipe gets one `Report` and nothing else: it does not know whether a terminal, a worker
process or a test is listening.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol


class Report(Protocol):
    """The one line between a recipe and whoever runs it.

    Attributes:
        folder: Where the run keeps what it needs to go on after an interruption: a recipe that
            saves checkpoints writes them to `folder / "checkpoints"`, and continues from the last
            valid one that it finds there. None where nothing is kept.
    """

    folder: Path | None

    def stage(self, name: str) -> None:
        """Begin a named stage (`train teacher`, `label`, `distil` ...); progress starts anew."""

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Say how much of the present stage is done, in any unit."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Log numbers at a step; each name (`teacher/loss`, `distil/kl_path`) becomes a curve."""

    def event(self, kind: str, **payload: object) -> None:
        """Log something that happened; `payload` is JSON."""

    def controls(self) -> Mapping[str, float]:
        """Settings changed by a person since the last call, by name; empty most of the time."""

    def check_stop(self) -> None:
        """Raise `RunStopped` if someone asked the run to stop. Call it where stopping is safe."""


class Silent:
    """A report that nobody reads: for tests, scripts and notebooks."""

    folder: Path | None = None

    def stage(self, name: str) -> None:
        """Ignore the stage."""

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Ignore the progress."""

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Ignore the numbers."""

    def event(self, kind: str, **payload: object) -> None:
        """Ignore the event."""

    def controls(self) -> Mapping[str, float]:
        """Report no changes."""
        return {}

    def check_stop(self) -> None:
        """Never stop."""
