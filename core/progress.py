"""A report drawn while a recipe works: one bar a stage, in a notebook or a terminal.

Drawn by tqdm, which needs no more than a line of text; rich, which draws for the command line,
would want widgets in a notebook.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from tqdm import tqdm

from core.foreign_text import printable
from core.report import Silent

FORMAT = "{desc:<16} {percentage:3.0f}%|{bar:30}| {elapsed}<{remaining}{postfix}"


class ProgressBars(Silent):
    """Draws on standard error; the last bar ends with the block."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end(whole=error is None)

    def stage(self, name: str) -> None:
        """Begin a bar."""
        self._end(whole=True)
        self._bar = tqdm(total=1, desc=_line(name), bar_format=FORMAT, miniters=0, file=sys.stderr)

    def progress(self, done: float, total: float, note: str = "") -> None:
        """Move the bar."""
        if self._bar is not None and total > 0:
            self._bar.total = total
            self._bar.set_postfix_str(_line(note), refresh=False)
            self._bar.update(done - self._bar.n)

    def event(self, kind: str, **payload: object) -> None:
        """Show a warning above the bar."""
        if kind == "warning":
            tqdm.write(f"Warning: {_line(str(payload.get('message', '')))}", file=sys.stderr)

    def _end(self, whole: bool) -> None:
        if self._bar is None:
            return
        if whole:
            self._bar.n = self._bar.total
            self._bar.set_postfix_str("", refresh=False)
        self._bar.refresh()
        self._bar.close()
        self._bar = None


def _line(text: str) -> str:
    return " ".join(printable(text).splitlines())
