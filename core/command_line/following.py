"""Start a run, and watch it from the terminal until it ends.

The run is a process of its own: closing the terminal does not end it, Ctrl-C stops it at its next
safe point, and Ctrl-C once more kills it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from core.command_line.output import as_text, messages, say
from core.runs.client import RunHandle, Update, submit
from core.runs.run import Event, RunState
from core.runs.store.store import Store
from core.settings import Settings


class View(Protocol):
    """Whatever shows a run while it goes on."""

    def update(self, new: Update) -> None:
        """Show what is new."""


def follow(handle: RunHandle) -> dict[str, Any]:
    """Watch a run until it is over.

    Returns:
        The record of what its recipe returned.

    Raises:
        CoreError: The error that the run ended in; `RunStopped` if it was stopped.
    """
    with _view() as view:
        _watch(handle, view)
    run = handle.wait()
    if run.state is not RunState.SUCCEEDED:
        raise run.failure()
    return run.result or {}


def start(
    store: Store,
    recipe: str,
    settings: Settings,
    *,
    after: Sequence[str] = (),
    priority: int = 0,
) -> RunHandle:
    """Queue a run and say its id."""
    handle = submit(store, recipe, settings, after=after, priority=priority)
    say(f"Run {handle.id} (log: python -m core runs log {handle.id})")
    return handle


def _watch(handle: RunHandle, view: View) -> None:
    last, asked = 0, False
    while True:
        try:
            for update in handle.follow(after=last):
                last = update.events[-1].id if update.events else last
                view.update(update)
            return
        except KeyboardInterrupt:
            handle.stop(hard=asked)
            if not asked:
                say("Stopping at the next safe point; Ctrl-C once more kills the run.")
            asked = True


@contextmanager
def _view() -> Iterator[View]:
    console = messages()
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(complete_style="blue", finished_style="green"),
        TextColumn("{task.fields[note]}", markup=False, style="dim"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}", style="dim"),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)


class _Lines:
    """For a file or a pipe: one line per stage and warning."""

    def update(self, new: Update) -> None:
        for event in new.events:
            if line := _line(event):
                say(line)


class _Bars:
    """For a terminal: one bar per stage, the finished ones above."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def update(self, new: Update) -> None:
        for event in new.events:
            if event.kind == "stage":
                self._finish()
                name = str(event.payload["name"])
                self._task = self._progress.add_task(
                    str(as_text(name)), total=None, note="", left=""
                )
            elif line := _line(event):
                self._progress.console.print(as_text(line))
        if self._task is None:
            return
        run = new.run
        left = run.seconds_left()
        fields: dict[str, Any] = {"note": str(as_text(run.note))}
        fields["left"] = "" if left is None else f"{left:.0f} s left"
        self._progress.update(self._task, completed=run.done, total=run.total or None, **fields)
        if run.state is RunState.SUCCEEDED:
            self._finish()

    def _finish(self) -> None:
        if self._task is not None:
            self._progress.update(self._task, total=1, completed=1, note="", left="")
            self._progress.stop_task(self._task)


def _line(event: Event) -> str:
    """An event in words; empty for those that a screen shows better."""
    if event.kind == "stage":
        return f"Stage: {event.payload['name']}"
    if event.kind == "warning":
        return f"Warning: {event.payload.get('message', '')}"
    if event.kind == "control":
        return "Changed {key}: {old} -> {new} at step {step}".format_map(event.payload)
    return ""
