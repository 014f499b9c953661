"""The store: what every run is, was and said; the one thing that workers write and screens read.

Rows have growing ids, and a reader keeps the last id that it saw as its cursor:

    page = store.metrics(run_id, after=cursor)
    cursor = page[-1].id if page else cursor

States move by one conditional update each, so that a run that is over never changes. A run whose
worker was not heard of for `STALE_SECONDS` and whose process is gone turns `lost` when it is read.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.errors import AlreadyExists, NotFound, SettingsError
from core.jobs.database import Database, controls, events, jobs, metrics
from core.jobs.processes import is_alive
from core.jobs.runs import ACTIVE, Control, Event, Metric, Run, RunState
from core.settings import checked_control
from core.workspace import Workspace

__all__ = ["Control", "Event", "Metric", "Run", "RunState", "Store", "plain"]

STALE_SECONDS = 10.0
RESIDENT = "core.jobs.serving"
"""The recipe of the resident worker, which is no run that a person started."""

_FIELDS = [column for column in jobs.c if column.name != "slot"]


class Store:
    """Runs of one workspace. Cheap to make; safe to share between threads."""

    def __init__(self, workspace: Workspace) -> None:
        """Open the store, or make it.

        Raises:
            WorkspaceError: If the workspace cannot be written.
            Stale: If the store was made by another version.
        """
        workspace.ensure()
        self.workspace = workspace
        self.database = Database(workspace.root / "store.sqlite")

    def close(self) -> None:
        """Let go of the store's file."""
        self.database.engine.dispose()

    # --- reading ----------------------------------------------------------------------------

    def run(self, run_id: str) -> Run:
        """One run.

        Raises:
            NotFound: If there is none by that id.
        """
        with self.database.reading() as connection:
            row = connection.execute(select(*_FIELDS).where(jobs.c.id == run_id)).first()
        if row is None:
            raise NotFound(f"There is no run {run_id!r}; `runs list` shows which there are.")
        return self._alive_or_lost(_as_run(row))

    def runs(self, limit: int = 100, recipe: str | None = None) -> list[Run]:
        """Runs, newest first; the resident worker is listed only if asked for by its recipe."""
        chosen = jobs.c.recipe == recipe if recipe else jobs.c.recipe != RESIDENT
        newest = select(*_FIELDS).where(chosen).order_by(jobs.c.created.desc(), jobs.c.id.desc())
        with self.database.reading() as connection:
            rows = connection.execute(newest.limit(limit)).all()
        return [self._alive_or_lost(_as_run(row)) for row in rows]

    def events(self, run_id: str, after: int = 0, limit: int = 1000) -> list[Event]:
        """Events of a run beyond a cursor, oldest first."""
        columns = (events.c.id, events.c.at, events.c.kind, events.c.payload)
        beyond = select(*columns).where(events.c.run == run_id, events.c.id > after)
        with self.database.reading() as connection:
            rows = connection.execute(beyond.order_by(events.c.id).limit(limit)).all()
        return [Event(*row) for row in rows]

    def metrics(
        self,
        run_id: str,
        after: int = 0,
        names: Sequence[str] | None = None,
        limit: int = 10_000,
    ) -> list[Metric]:
        """Points of a run's curves beyond a cursor, in the order they were written."""
        columns = (metrics.c.id, metrics.c.at, metrics.c.step, metrics.c.name, metrics.c.value)
        beyond = select(*columns).where(metrics.c.run == run_id, metrics.c.id > after)
        if names is not None:
            beyond = beyond.where(metrics.c.name.in_(names))
        with self.database.reading() as connection:
            rows = connection.execute(beyond.order_by(metrics.c.id).limit(limit)).all()
        return [
            Metric(row.id, row.at, row.step, row.name, math.nan if row.value is None else row.value)
            for row in rows
        ]

    def controls(self, run_id: str) -> list[Control]:
        """Every change that was asked of a run, oldest first."""
        columns = (controls.c.id, controls.c.at, controls.c.key, controls.c.value, controls.c.taken)
        asked = select(*columns).where(controls.c.run == run_id).order_by(controls.c.id)
        with self.database.reading() as connection:
            return [Control(*row) for row in connection.execute(asked)]

    # --- asking -----------------------------------------------------------------------------

    def set_control(self, run_id: str, key: str, value: float) -> int:
        """Ask a run to change one of its settings at its next step.

        Returns:
            The row id of the request; the run acknowledges it by an event of kind `control`.

        Raises:
            NotFound: If there is no such run.
            SettingsError: If the setting cannot change, the value is out of bounds, the run has no
                such setting, or it is over.
        """
        value = checked_control(key, value)
        run = self.run(run_id)
        if run.state.is_over:
            raise SettingsError(f"The run {run_id} is over ({run.state}) and cannot change.")
        if key not in run.settings:
            raise SettingsError(f"The run {run_id} ({run.recipe}) has no setting {key!r}.")
        row = insert(controls).values(run=run_id, at=time.time(), key=key, value=value)
        with self.database.writing() as connection:
            return int(connection.execute(row.returning(controls.c.id)).scalar_one())

    def ask_to_stop(self, run_id: str) -> bool:
        """Mark a run as stopping; False if it is stopping or over already."""
        return self._move(run_id, (RunState.QUEUED, RunState.RUNNING), RunState.STOPPING)

    # --- what a backend writes --------------------------------------------------------------

    def add(
        self, run_id: str, recipe: str, settings: dict[str, Any], title: str, slot: str | None
    ) -> None:
        """Queue a run.

        Raises:
            AlreadyExists: If the id is taken, or `slot` is held by a run that is not over.
        """
        now = time.time()
        row = insert(jobs).values(
            id=run_id,
            recipe=recipe,
            title=title,
            settings=settings,
            slot=slot,
            state=RunState.QUEUED,
            created=now,
            heartbeat=now,
        )
        try:
            with self.database.writing() as connection:
                connection.execute(row)
        except IntegrityError as error:
            taken = f"slot {slot!r}" if slot else f"id {run_id!r}"
            raise AlreadyExists(f"Another run holds the {taken}.") from error

    def name_process(self, run_id: str, pid: int, process_started: float | None) -> None:
        """Note which process was started for a queued run."""
        values = {"pid": pid, "process_started": process_started}
        self._move(run_id, (RunState.QUEUED,), RunState.QUEUED, **values)

    # --- what a worker writes ---------------------------------------------------------------

    def begin(self, run_id: str, pid: int, process_started: float | None) -> bool:
        """Take a queued run; False if it is not queued any more."""
        now = time.time()
        return self._move(
            run_id,
            (RunState.QUEUED,),
            RunState.RUNNING,
            pid=pid,
            process_started=process_started,
            started=now,
            heartbeat=now,
        )

    def write(
        self,
        run_id: str,
        values: Mapping[str, Any],
        new_events: Iterable[Mapping[str, Any]] = (),
        new_metrics: Iterable[Mapping[str, Any]] = (),
    ) -> RunState:
        """Write what a worker has to say in one transaction, and say where its run stands.

        Args:
            run_id: The run.
            values: Columns of the run to set, e.g. `stage`, `done`; the heartbeat comes by itself.
            new_events: Rows with `at`, `kind`, `payload`.
            new_metrics: Rows with `at`, `step`, `name`, `value`.
        """
        event_rows = [{"run": run_id, **row} for row in new_events]
        metric_rows = [{"run": run_id, **row} for row in new_metrics]
        changed = update(jobs).where(jobs.c.id == run_id, jobs.c.state.in_(ACTIVE))
        with self.database.writing() as connection:
            connection.execute(changed.values(heartbeat=time.time(), **values))
            if event_rows:
                connection.execute(insert(events), event_rows)
            if metric_rows:
                connection.execute(insert(metrics), metric_rows)
            state = connection.scalars(select(jobs.c.state).where(jobs.c.id == run_id)).one()
        return RunState(state)

    def take_controls(self, run_id: str, after: int) -> list[Control]:
        """Changes asked for beyond a cursor, marked as taken."""
        asked = select(controls).where(controls.c.run == run_id, controls.c.id > after)
        with self.database.reading() as connection:
            rows = connection.execute(asked.order_by(controls.c.id)).all()
        if not rows:
            return []
        now = time.time()
        ids = [row.id for row in rows]
        with self.database.writing() as connection:
            connection.execute(update(controls).where(controls.c.id.in_(ids)).values(taken=now))
        return [Control(row.id, row.at, row.key, row.value, now) for row in rows]

    def finish(
        self,
        run_id: str,
        state: RunState,
        *,
        result: dict[str, Any] | None = None,
        error: str | None = None,
        error_kind: str | None = None,
    ) -> bool:
        """End a run; False if it had ended before, which then stands."""
        values = {"result": result, "error": error, "error_kind": error_kind}
        return self._move(run_id, ACTIVE, state, slot=None, ended=time.time(), **values)

    # --- inside -----------------------------------------------------------------------------

    def _move(
        self, run_id: str, before: Sequence[RunState], after: RunState, **values: object
    ) -> bool:
        moved = update(jobs).where(jobs.c.id == run_id, jobs.c.state.in_(before))
        with self.database.writing() as connection:
            return connection.execute(moved.values(state=after, **values)).rowcount == 1

    def _alive_or_lost(self, run: Run) -> Run:
        silent_for = time.time() - (run.heartbeat or run.created)
        if run.state.is_over or silent_for < STALE_SECONDS:
            return run
        if is_alive(run.pid, run.process_started):
            return run
        self._bury(run)
        with self.database.reading() as connection:
            row = connection.execute(select(*_FIELDS).where(jobs.c.id == run.id)).one()
        return _as_run(row)

    def _bury(self, run: Run) -> None:
        """End a run whose process is gone: stopped if that was asked for, lost otherwise."""
        values: dict[str, Any] = {"state": RunState.STOPPED}
        if run.state is not RunState.STOPPING:
            values = {
                "state": RunState.LOST,
                "error": "The process of this run vanished without a word; the end of its log may "
                "say why (memory is the usual reason).",
                "error_kind": "RunFailed",
            }
        # Only if the worker was not heard of since: otherwise it lives and the clock has jumped.
        same = (jobs.c.id == run.id, jobs.c.state == run.state, jobs.c.heartbeat == run.heartbeat)
        ended = update(jobs).where(*same).values(slot=None, ended=run.heartbeat, **values)
        with self.database.writing() as connection:
            connection.execute(ended)


def plain(value: Any) -> Any:
    """A value as JSON holds it: tuples become lists, and numbers that are none become null.

    Raises:
        TypeError: If the value holds anything that JSON cannot.
    """
    return json.loads(json.dumps(value, ensure_ascii=False), parse_constant=lambda _: None)


def _as_run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    return Run(**{**values, "state": RunState(values["state"])})
