"""Start a run and hold on to it, from a page, a terminal or a notebook.

    run = submit(store, "distill_student", DistillSettings(name="s", teacher="t"))
    for update in run.follow():
        print(update.run.stage, update.run.share, update.events)
    run.result()

A handle is a name and nothing more: any process may make one of any run of its store. Where the
process of the run is, here or on a cluster, is a matter of `backends`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.catalogue import result_of
from core.errors import CoreError
from core.runs import backends, processes, run_folder
from core.runs.backends import local
from core.runs.run import Event, Run, RunState, error_columns
from core.runs.store import queue
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.settings import Settings

ENSURE_SECONDS = 2.0
"""How often those who wait see that a supervisor is there."""
FOLLOW_SECONDS = 0.15
"""Between two looks of one who follows."""
WAIT_SECONDS = 0.05
"""Between two looks of one who waits."""


@dataclass(frozen=True, slots=True)
class Update:
    """What one look at a run that goes on shows: where it stands, and the events since the last."""

    run: Run
    events: list[Event]


@dataclass(frozen=True, slots=True)
class RunHandle:
    """One run of a store; each method reads it anew, and raises `NotFound` if there is none."""

    store: Store
    id: str

    def state(self) -> RunState:
        """Where the run stands."""
        return self.store.run(self.id).state

    def follow(self, after: int = 0) -> Iterator[Update]:
        """What happens in the run, look by look, until it is over.

        Meanwhile it sees that there is a supervisor, without which nothing would happen.

        Args:
            after: The id of the last event that is known already.
        """
        for run in self._looks(FOLLOW_SECONDS):
            events = self.store.events(self.id, after=after)
            after = events[-1].id if events else after
            yield Update(run, events)

    def wait(self, timeout: float | None = None) -> Run:
        """The run once it is over, or as it stands after `timeout` seconds."""
        began = time.monotonic()
        looks = self._looks(WAIT_SECONDS)
        run = next(looks)
        while not run.state.is_over and (timeout is None or time.monotonic() - began < timeout):
            run = next(looks)
        return run

    def result(self) -> Any:
        """What the recipe returned, once the run is over.

        Returns:
            What the catalogue says of the recipe; plain values from one outside the project.

        Raises:
            CoreError: The error that the run ended in; `RunStopped` if it was stopped.
            FormatError: If a newer version of PathDistill made the result.
        """
        run = self.wait()
        if run.state is not RunState.SUCCEEDED:
            raise run.failure()
        return result_of(run.recipe, run.result or {})

    def stop(self, hard: bool = False) -> None:
        """Stop the run; nothing happens if it is over.

        Args:
            hard: Kill it and all its children at once, rather than let it end at its next safe
                point.

        Raises:
            WorkspaceError: If it is on a cluster that cannot be reached.
        """
        if self.state().is_over:
            return
        self.store.ask_to_stop(self.id)
        # Once it is marked as stopping, its process is known or never begins.
        run = self.store.run(self.id)
        if hard:
            kill(run)
            self.store.finish(self.id, RunState.STOPPED, attempt=run.attempt)
        else:
            processes.ask_to_end(run.machine, run.pid, run.process_started)

    def log(self, last: int = 200) -> str:
        """The last lines of its log; of a line that was rewritten in place, its final form."""
        self.store.run(self.id)
        return run_folder.log_end(self.store, self.id, last)

    def _looks(self, pause: float) -> Iterator[Run]:
        """The run again and again until it is over, the end included."""
        ensured = time.monotonic()
        while True:
            if time.monotonic() - ensured > ENSURE_SECONDS:
                ensured = time.monotonic()
                presence.ensure(self.store)
            run = self.store.run(self.id)
            yield run
            if run.state.is_over:
                return
            time.sleep(pause)


def submit(
    store: Store,
    recipe: str,
    settings: Settings,
    title: str = "",
    slot: str | None = None,
    *,
    after: Sequence[str] = (),
    priority: int = 0,
    parent: str | None = None,
) -> RunHandle:
    """Queue a run of a recipe, see that a supervisor is there to start it, and come back at once.

    Args:
        store: Where the run is kept.
        recipe: Its name: `distill_student`, or the module path of a recipe outside the project.
        settings: What the recipe takes.
        title: What a person reads in the list of runs; by default from recipe and settings.
        slot: At most one run at a time may hold a slot of that name.
        after: Runs that must succeed before this one begins.
        priority: The higher goes first.
        parent: The run that this one was branched from.

    Returns:
        The run; its id is like `distill-20261121-003015-k3f`.

    Raises:
        NotFound: If a run that this one shall wait for does not exist.
        SettingsError: If a run that this one shall wait for has ended without success, the priority
            is out of range, or runs are to go to a cluster and the store is a file.
        AlreadyExists: If the slot is held.
        WorkspaceError: If the workspace is full or cannot be written; no folder is left behind.
    """
    queue.check_priority(priority)
    queue.check_needs(store, after)
    backend = backends.chosen()
    backends.BACKENDS[backend].check(store)
    more: dict[str, Any] = {"priority": priority, "parent": parent, "backend": backend}
    with _new_run(store, recipe, settings) as run_id:
        values = settings.model_dump(mode="json")
        title = title or _title(recipe, values)
        store.add(run_id, recipe, values, title, slot, after=after, **more)
    presence.ensure(store)
    return RunHandle(store, run_id)


def start_at_once(
    store: Store, recipe: str, settings: Settings, title: str, slot: str
) -> RunHandle:
    """Start a run on this machine past the queue: the resident, for which a person waits.

    Raises:
        AlreadyExists: If the slot is held.
        WorkspaceError: If the workspace is full or cannot be written.
    """
    with _new_run(store, recipe, settings) as run_id:
        values = settings.model_dump(mode="json")
        store.add(run_id, recipe, values, title, slot, state=RunState.STARTING)
        process = local.launch(store, store.run(run_id))
    # Collect the process when it ends, or it would stay a zombie for as long as we live.
    threading.Thread(target=process.wait, name=f"wait-{run_id}", daemon=True).start()
    return RunHandle(store, run_id)


def kill(run: Run) -> None:
    """End the process of a run, if it has one, and all its children, at once.

    Raises:
        WorkspaceError: If it is on a cluster that cannot be reached.
    """
    if run.state.has_process:
        backends.BACKENDS[run.backend].end(run)


@contextmanager
def _new_run(store: Store, recipe: str, settings: Settings) -> Iterator[str]:
    """A fresh id and its folder; where the block raises, the run has failed and has no folder."""
    with run_folder.new_folder(store, recipe, settings.model_dump(mode="json")) as run_id:
        try:
            yield run_id
        except CoreError as error:
            store.finish(run_id, RunState.FAILED, **error_columns(error))
            raise


def _title(recipe: str, values: dict[str, object]) -> str:
    words = recipe.rpartition(".")[2].removeprefix("run_").replace("_", " ").capitalize()
    about = values.get("name") or values.get("model") or values.get("baseline")
    return f"{words}: {about}" if about else words
