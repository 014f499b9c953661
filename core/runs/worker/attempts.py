"""One attempt at a run, in a process of its own: `python -m core.runs.worker RUN_ID ATTEMPT`.

It takes the run from the store, lets the recipe work, beats every two seconds so that readers know
it lives, turns SIGTERM into a stop at the recipe's next safe point, and writes down how it ended.
This is the only place that catches every error: what a person can read goes to the store, the
traceback to the log.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import (
    AlreadyExists,
    CoreError,
    RunFailed,
    RunStopped,
    WorkspaceError,
    WorkspaceGone,
)
from core.manifests import read_manifest
from core.report import Report
from core.results.record import Record
from core.runs.processes import start_time
from core.runs.run import RunState, error_columns
from core.runs.store.retrying import retry_while_busy
from core.runs.store.store import Store, plain
from core.runs.supervisor import diagnosis
from core.runs.supervisor.diagnosis import Cause
from core.runs.worker import ranks
from core.runs.worker.recipe_loading import load_recipe
from core.runs.worker.store_report import BEAT_SECONDS, StoreReport
from core.workspace import Workspace, write_json

GONE = 3
"""The exit code of a worker whose workspace or store was moved or deleted."""

log = logging.getLogger("run")


@dataclass(frozen=True)
class Outcome:
    """How an attempt at a recipe ended.

    Attributes:
        state: What the run comes to.
        result: What the recipe returned.
        error: One sentence for a person, where it failed; with its kind and its message as the
            store holds them: the error itself would keep all that its frames hold in memory.
        error_kind: See there.
        message: See there.
        is_unexpected: Whether it ended by an error that nobody foresaw.
    """

    state: RunState
    result: dict[str, Any] | None = None
    error: str | None = None
    error_kind: str | None = None
    message: Mapping[str, Any] | None = None
    is_unexpected: bool = False

    @classmethod
    def failed(cls, error: CoreError, is_unexpected: bool = False) -> Outcome:
        """It ended by an error."""
        return cls(RunState.FAILED, is_unexpected=is_unexpected, **error_columns(error))

    @property
    def columns(self) -> dict[str, Any]:
        """Its error as rows hold it."""
        return {"error": self.error, "error_kind": self.error_kind, "message": self.message}

    @property
    def cause(self) -> Cause | None:
        """What kind of thing went wrong, if anything did."""
        if self.error is None:
            return None
        return diagnosis.of_error(self.error_kind or "", self.error)


def attempt(recipe: str, settings: dict[str, Any], report: Report, space: Workspace) -> Outcome:
    """Run a recipe by name, whatever happens in it."""
    try:
        result = load_recipe(recipe)(settings, report, space)
        record = result.as_record() if isinstance(result, Record) else result
        return Outcome(RunState.SUCCEEDED, plain(record))
    except RunStopped as stopped:
        log.info("%s", stopped)
        return Outcome(RunState.STOPPED)
    except CoreError as error:
        log.exception("The run failed.")
        return Outcome.failed(error)
    except Exception as error:  # whatever else went wrong, a person is told and the log has it all
        log.exception("The run failed unexpectedly.")
        kind = type(error).__name__
        cause = diagnosis.of_error("RunFailed", f"{kind}: {error}")
        if memory := diagnosis.sentence(cause, settings) if cause in diagnosis.MEMORIES else None:
            return Outcome.failed(RunFailed(memory))
        unexpected = RunFailed(
            "An unexpected failure: {kind}: {first_line} (see the log).",
            kind=kind,
            first_line=(str(error).splitlines() or ["no message"])[0],
        )
        return Outcome.failed(unexpected, is_unexpected=True)


def work(store: Store, run_id: str, number: int) -> int:
    """Do one run that waits for its process, from beginning to end, in this one.

    Args:
        store: Where the run is kept.
        run_id: The run.
        number: The attempt that this process was started for; of a later one it keeps away.

    Returns:
        The exit code: 0 unless the run failed, or was ended by the system and not by a person.
    """
    pid = os.getpid()
    if not retry_while_busy(lambda: store.begin(run_id, pid, start_time(pid), number)):
        return 0  # it was stopped before it began, or another process has it
    run = retry_while_busy(lambda: store.run(run_id))
    log.info("run %s: %s %s", run_id, run.recipe, run.settings)
    report = StoreReport(store, run_id, number)
    signal.signal(signal.SIGTERM, lambda *_: report.ask_to_stop())
    processes = int(run.settings.get("processes", 1))
    with _heartbeat(report), ranks.others(run_id, processes) as others:
        space = _Recorded(store, run_id, number)
        outcome = attempt(run.recipe, run.settings, report, space)
        if outcome.is_unexpected and others and ranks.have_failed(others):
            outcome = Outcome.failed(
                RunFailed("Another process of this run ended by an error, which is in the log.")
            )
    if outcome.state is RunState.STOPPED:
        now = retry_while_busy(lambda: store.run(run_id))
        if now.state is not RunState.STOPPING or now.attempt != number:
            log.info("run %s: ended by the system", run_id)
            return diagnosis.TERMINATED  # the supervisor sees it and has the run go on
    try:
        retry_while_busy(report.flush)
        if outcome.result is not None:
            write_json(store.workspace.folder("runs", run_id) / "result.json", outcome.result)
    except WorkspaceError as error:
        outcome = Outcome.failed(error)
    retry_while_busy(
        lambda: store.finish(
            run_id,
            outcome.state,
            result=outcome.result,
            cause=outcome.cause,
            attempt=number,
            **outcome.columns,
        )
    )
    log.info("run %s: %s", run_id, outcome.state)
    return 1 if outcome.state is RunState.FAILED else 0


class _Recorded(Workspace):
    """The workspace as one run sees it: whatever it publishes is noted as its artefact.

    What is its own already, by the manifest, it may publish again: the attempt before was killed on
    its last metres.
    """

    def __init__(self, store: Store, run_id: str, number: int) -> None:
        super().__init__(store.workspace.root)
        self._store = store
        self._run_id = run_id
        self._attempt = number
        self.made_by = {"run": run_id}

    @contextmanager
    def publish(self, kind: str, name: str, *, replace: bool = False) -> Iterator[Path]:
        made = self._run_id, kind, name
        replace = replace or self._is_own(kind, name)
        try:
            with super().publish(kind, name, replace=replace) as folder:
                yield folder
                # Noted before it takes its place: a kill in between must not leave it unnoted.
                if not retry_while_busy(lambda: self._store.add_artefact(*made, self._attempt)):
                    raise RunStopped(
                        "Another attempt at the run {run_id} goes on.", run_id=self._run_id
                    )
        except AlreadyExists:  # another run was quicker: it is not this one's
            retry_while_busy(lambda: self._store.remove_artefact(*made))
            raise

    def _is_own(self, kind: str, name: str) -> bool:
        if not self.exists(kind, name):
            return False
        try:
            return read_manifest(self.folder(kind, name)).get("run") == self._run_id
        except ValueError:  # damaged, or from before there were manifests: not known to be
            return False


@contextmanager
def _heartbeat(report: StoreReport) -> Iterator[None]:
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                report.flush()
            except WorkspaceGone:
                _leave_unless_it_comes_back(report)
            except (WorkspaceError, MemoryError) as error:
                # The recipe meets the same and ends the run; a beat may be luckier the next time.
                log.warning("%s", str(error) or type(error).__name__)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _leave_unless_it_comes_back(report: StoreReport) -> None:
    """End this process, whatever its recipe does, when its store is gone for good."""
    try:
        retry_while_busy(report.flush)
    except WorkspaceGone as error:
        log.error("%s", error)
        logging.shutdown()
        os._exit(GONE)
    except WorkspaceError as error:
        log.warning("%s", error)
