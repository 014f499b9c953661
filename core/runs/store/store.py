"""The store: what every run is, was and said; the one thing that workers write and screens read.

Rows have growing ids, and a reader keeps the last id that it saw as its cursor:

    page = store.metrics(run_id, after=cursor)
    cursor = page[-1].id if page else cursor

States move by one conditional update each, so two who want to move a run cannot both succeed.
Reading never changes anything: lost runs are found by the supervisor (`recovery`). Whatever adds
rows to a run holds the run's own row first, so that a cursor never passes a row not yet visible.
"""

from __future__ import annotations

import functools
import getpass
import json
import math
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from core.catalogue import BY_RECIPE
from core.errors import AlreadyExists, NotFound, SettingsError
from core.runs.processes import machine
from core.runs.run import (
    ACTIVE,
    NO_ERROR,
    WAITING,
    Control,
    Event,
    Metric,
    Run,
    RunState,
    stored_message,
)
from core.runs.store.database import Database
from core.runs.store.tables import artefacts, controls, events, jobs, leases, metrics, needs
from core.runs.supervisor.wakeup import ring
from core.settings import CONTROLLABLE, VERBS, checked_control, renamed
from core.workspace import Workspace

__all__ = ["Control", "Event", "Metric", "Run", "RunState", "Store", "plain"]

RESIDENT = "core.runs.worker.serving"
"""The recipe of the resident worker, which is no run that a person started."""

BELL = "supervisor.bell"
"""Rung in the workspace when there may be something to do for the supervisor."""

FIELDS = [column for column in jobs.c if column.name != "slot"]
_CONTROL = [column for column in controls.c if column.name not in ("run", "token")]

# What workers and the supervisor ask all the time is built once, and filled in each time.
_RUN = select(*FIELDS).where(jobs.c.id == bindparam("run"))
_HELD = (
    select(jobs.c.state, jobs.c.attempt, jobs.c.started, jobs.c.pid)
    .where(jobs.c.id == bindparam("run"))
    .with_for_update()
)
_SAID = update(jobs).where(jobs.c.id == bindparam("run"))
_EVENTS = (
    select(events.c.id, events.c.at, events.c.kind, events.c.payload)
    .where(events.c.run == bindparam("run"), events.c.id > bindparam("after"))
    .order_by(events.c.id)
    .limit(bindparam("most"))
)
_ASKED = (
    select(*_CONTROL)
    .where(controls.c.run == bindparam("run"), controls.c.taken.is_(None))
    .order_by(controls.c.id)
)


class Store:
    """Runs of one workspace. Cheap to make; safe to share between threads."""

    def __init__(self, workspace: Workspace) -> None:
        """Open the store, or make it: in the workspace, or where `PATHDISTILL_STORE` says.

        Raises:
            WorkspaceError: If the workspace cannot be written, or the database not be reached.
            SettingsError: If `PATHDISTILL_STORE` is no address of a database.
            Stale: If the store was made by a newer version.
        """
        workspace.ensure()
        self.workspace = workspace
        here = URL.create("sqlite", database=str(workspace.root / "store.sqlite"))
        self.database = Database(os.environ.get("PATHDISTILL_STORE") or here)

    def close(self) -> None:
        """Let go of the database."""
        self.database.engine.dispose()

    # --- reading ----------------------------------------------------------------------------

    def run(self, run_id: str) -> Run:
        """One run.

        Raises:
            NotFound: If there is none by that id.
        """
        with self.database.reading() as connection:
            row = connection.execute(_RUN, {"run": run_id}).first()
        if row is None:
            raise _no_run(run_id)
        return as_run(row)

    def runs(
        self,
        limit: int = 100,
        recipe: str | None = None,
        states: Sequence[RunState] | None = None,
    ) -> list[Run]:
        """Runs, newest first; the resident worker is listed only if asked for by its recipe."""
        newest = _newest(recipe is not None, states is not None)
        asked = {"recipe": recipe or RESIDENT, "most": limit}
        if states is not None:
            asked["states"] = list(states)
        with self.database.reading() as connection:
            return [as_run(row) for row in connection.execute(newest, asked)]

    def events(self, run_id: str, after: int = 0, limit: int = 1000) -> list[Event]:
        """Events of a run beyond a cursor, oldest first."""
        beyond = {"run": run_id, "after": after, "most": limit}
        with self.database.reading() as connection:
            rows = connection.execute(_EVENTS, beyond).all()
        return [Event(*row) for row in rows]

    def metrics(
        self,
        run_id: str,
        after: int = 0,
        names: Sequence[str] | None = None,
        limit: int = 10_000,
    ) -> list[Metric]:
        """Points of a run's curves beyond a cursor, in the order they were written.

        A run that was resumed says the steps after its checkpoint again: of two points of one
        curve at one step the later holds. `curves` reads long runs thinned.
        """
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
        """Every change that was asked of a run, oldest first: who, what, and since which step."""
        asked = select(*_CONTROL).where(controls.c.run == run_id).order_by(controls.c.id)
        with self.database.reading() as connection:
            return [Control(**row._mapping) for row in connection.execute(asked)]

    def artefacts(self, run_id: str) -> list[tuple[str, str]]:
        """What a run made in the workspace, as (kind, name), e.g. `("students", "s")`."""
        made = select(artefacts.c.kind, artefacts.c.name).where(artefacts.c.run == run_id)
        with self.database.reading() as connection:
            rows = connection.execute(made.order_by(artefacts.c.at, artefacts.c.name))
            return [(row.kind, row.name) for row in rows]

    # --- asking -----------------------------------------------------------------------------

    def set_control(
        self, run_id: str, key: str, value: float, who: str = "", token: str | None = None
    ) -> int:
        """Ask a run to change one of its settings at its next step, or for one of `VERBS`.

        Args:
            run_id: The run.
            key: The setting.
            value: What it shall be.
            who: Who asks, for the audit trail; by default the user of this process.
            token: Names this very message: sent twice, it counts once.

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
            raise SettingsError(
                "The run {run_id} is over ({state}) and cannot change.",
                run_id=run_id,
                state=run.state,
            )
        steerable = any(name in run.settings for name in CONTROLLABLE)
        if key not in run.settings and not (key in VERBS and steerable):
            raise SettingsError(
                "The run {run_id} ({recipe}) has no setting {key!r}.",
                run_id=run_id,
                recipe=run.recipe,
                key=key,
            )
        values = {"run": run_id, "at": time.time(), "key": key, "value": value, "token": token}
        row = insert(controls).values(**values, who=who or user()).returning(controls.c.id)
        try:
            with self.database.writing() as connection:
                if _hold(connection, run_id) is None:  # deleted in this very moment
                    raise _no_run(run_id)
                return int(connection.execute(row).scalar_one())
        except IntegrityError:
            same = select(controls.c.id).where(controls.c.token == token)
            with self.database.reading() as connection:
                return int(connection.execute(same).scalar_one())

    def note(self, run_id: str, kind: str, **payload: object) -> None:
        """Add an event to a run on behalf of another than its worker."""
        with self.database.writing() as connection:
            if _hold(connection, run_id) is not None:
                add_event(connection, run_id, kind, **payload)

    def ask_to_stop(self, run_id: str) -> bool:
        """Mark a run as stopping, or as stopped while it waits; False if there was no need."""
        over: dict[str, Any] = {"slot": None, "ended": time.time(), **NO_ERROR}
        if self.move(run_id, (RunState.QUEUED,), RunState.STOPPED, over):
            return True
        before = (RunState.STARTING, RunState.RUNNING, RunState.PAUSED)
        return self.move(run_id, before, RunState.STOPPING, {"stopping": time.time()})

    # --- what a backend writes --------------------------------------------------------------

    def add(
        self,
        run_id: str,
        recipe: str,
        settings: dict[str, Any],
        title: str,
        slot: str | None,
        *,
        after: Sequence[str] = (),
        **more: Any,
    ) -> None:
        """Queue a run.

        Args:
            run_id: Its id.
            recipe: What it does.
            settings: With what.
            title: What a person reads.
            slot: At most one run that is not over may hold a slot of that name.
            after: Runs that must succeed first.
            **more: Further columns of its row, e.g. `priority`, `parent`, `backend`.

        Raises:
            AlreadyExists: If the id is taken, or `slot` is held by a run that is not over.
        """
        now = time.time()
        row: dict[str, Any] = {
            "id": run_id,
            "recipe": recipe,
            "title": title,
            "settings": settings,
            "slot": slot,
        }
        row |= {"state": RunState.QUEUED, "created": now, "heartbeat": now, "who": user(), **more}
        try:
            with self.database.writing() as connection:
                connection.execute(insert(jobs).values(**row))
                if after:
                    waits = [{"run": run_id, "on": other} for other in dict.fromkeys(after)]
                    connection.execute(insert(needs), waits)
        except IntegrityError as error:
            taken = f"slot {slot!r}" if slot else f"id {run_id!r}"
            raise AlreadyExists("Another run holds the {taken}.", taken=taken) from error
        ring(self.workspace.root / BELL)

    def name_process(self, run_id: str, pid: int, process_started: float | None) -> None:
        """Note which process of this machine was started for a run that waits for it."""
        values = {"pid": pid, "process_started": process_started, "machine": machine()}
        for state in (RunState.STARTING, RunState.STOPPING):
            self.move(run_id, (state,), state, values)

    # --- what a worker writes ---------------------------------------------------------------

    def begin(
        self, run_id: str, pid: int, process_started: float | None, attempt: int | None = None
    ) -> bool:
        """Take a run that waits for a process; False if it does not any more.

        A run that was asked to stop before its process came has stopped now. At a later attempt
        everything that a person had changed waits to be taken again, until `resumed` says which
        changes the checkpoint holds already.

        Args:
            run_id: The run.
            pid: The process.
            process_started: When it began.
            attempt: The one that it was started for; it takes no other.
        """
        now = time.time()
        process = {"pid": pid, "process_started": process_started, "machine": machine()}
        with self.database.writing() as connection:
            row = _hold(connection, run_id, attempt)
            if row is not None and row.state == RunState.STOPPING and row.pid in (None, pid):
                over = {"state": RunState.STOPPED, "slot": None, "ended": now}
                connection.execute(_SAID, {"run": run_id, **over})
                connection.execute(delete(leases).where(leases.c.run == run_id))
            if row is None or row.state not in WAITING:
                return False
            begun = {"state": RunState.RUNNING, "started": row.started or now, "heartbeat": now}
            begun |= {"beat": time.monotonic(), "quiet": 0.0}
            connection.execute(_SAID, {"run": run_id, **begun, **process})
            if row.attempt > 1:
                again = update(controls).where(controls.c.run == run_id)
                connection.execute(again.values(taken=None))
                add_event(connection, run_id, "attempt", attempt=row.attempt)
        return True

    def resumed(self, run_id: str, step: int, attempt: int | None = None) -> None:
        """Note that a run goes on from a checkpoint, which holds all changes up to its step.

        What was asked of a setting before the latest of them is over with it, applied or not.
        """
        mine = controls.c.run == run_id
        held = select(controls.c.key, func.max(controls.c.id).label("last"))
        held = held.where(mine, controls.c.step <= step).group_by(controls.c.key)
        with self.database.writing() as connection:
            if _hold(connection, run_id, attempt) is None:
                return
            for row in connection.execute(held).all():
                past = update(controls).where(
                    mine, controls.c.key == row.key, controls.c.id <= row.last
                )
                taken = func.coalesce(controls.c.applied, time.time())
                connection.execute(past.values(taken=taken))

    def write(
        self,
        run_id: str,
        values: Mapping[str, Any],
        new_events: Iterable[Mapping[str, Any]] = (),
        new_metrics: Iterable[Mapping[str, Any]] = (),
        *,
        applied: Mapping[int, Mapping[str, Any]] | None = None,
        attempt: int | None = None,
    ) -> RunState:
        """Write what a worker has to say in one transaction, and say where its run stands.

        Args:
            run_id: The run.
            values: Columns of the run to set, e.g. `stage`, `done`; the heartbeat comes by itself.
            new_events: Rows with `at`, `kind`, `payload`.
            new_metrics: Rows with `at`, `step`, `name`, `value`.
            applied: By control id, `old` and `step` of changes that now hold.
            attempt: The worker's; where the run is at a later one by now, nothing is written and
                the worker hears that its run has stopped.
        """
        with self.database.writing() as connection:
            row = _hold(connection, run_id, attempt)
            if row is None:
                return RunState.STOPPED
            state, now = RunState(row.state), time.time()
            if not state.is_over:
                beaten = {"heartbeat": now, "beat": time.monotonic()}
                connection.execute(_SAID, {"run": run_id, **beaten, **values})
            if rows := [{"run": run_id, **event} for event in new_events]:
                connection.execute(insert(events), rows)
            if rows := [{"run": run_id, **metric} for metric in new_metrics]:
                connection.execute(insert(metrics), rows)
            for control, ack in (applied or {}).items():
                mine = update(controls).where(controls.c.id == control)
                connection.execute(mine.values(applied=now, **ack))
        return state

    def take_controls(self, run_id: str, attempt: int | None = None) -> list[Control]:
        """Changes that were asked for and not taken yet, now marked as taken.

        Args:
            run_id: The run.
            attempt: The worker's; where the run is at a later one by now, they are left to that.
        """
        with self.database.reading() as connection:  # mostly there is none: look before locking
            if connection.execute(_ASKED, {"run": run_id}).first() is None:
                return []
        now = time.time()
        with self.database.writing() as connection:
            if _hold(connection, run_id, attempt) is None:
                return []
            rows = connection.execute(_ASKED, {"run": run_id}).all()
            taken = update(controls).where(controls.c.id.in_([row.id for row in rows]))
            connection.execute(taken.values(taken=now))
        return [Control(**{**row._mapping, "taken": now}) for row in rows]

    def add_artefact(self, run_id: str, kind: str, name: str, attempt: int | None = None) -> bool:
        """Note that a run makes something in the workspace; False if it is at another attempt."""
        same = {"run": run_id, "kind": kind, "name": name}
        with self.database.writing() as connection:
            if _hold(connection, run_id, attempt) is None:
                return False
            connection.execute(delete(artefacts).filter_by(**same))
            connection.execute(insert(artefacts).values(**same, at=time.time()))
        return True

    def remove_artefact(self, run_id: str, kind: str, name: str) -> None:
        """Note that a run did not make something after all."""
        with self.database.writing() as connection:
            same = {"run": run_id, "kind": kind, "name": name}
            connection.execute(delete(artefacts).filter_by(**same))

    def finish(
        self,
        run_id: str,
        state: RunState,
        *,
        result: dict[str, Any] | None = None,
        error: str | None = None,
        error_kind: str | None = None,
        message: Mapping[str, Any] | None = None,
        cause: str | None = None,
        attempt: int | None = None,
    ) -> bool:
        """End a run; False if it had ended before, or is at another attempt, which then stands.

        Of an error, `run.error_columns` gives all that is stored.
        """
        values: dict[str, Any] = {"result": result, "error": error, "error_kind": error_kind}
        values |= {"message": message, "cause": cause, "slot": None, "ended": time.time()}
        return self.move(run_id, ACTIVE, state, values, attempt=attempt)

    def move(
        self,
        run_id: str,
        before: Sequence[RunState],
        after: RunState,
        values: Mapping[str, Any] | None = None,
        *,
        attempt: int | None = None,
    ) -> bool:
        """Bring a run from one of some states to another; False if it is in none of them.

        A run that is over, or queued again, gives its device back, and the supervisor is rung for.

        Args:
            run_id: The run.
            before: The states that it may be in.
            after: The state that it comes to.
            values: Columns of the run to set with it.
            attempt: Only if the run is at this one.
        """
        moved = update(jobs).where(jobs.c.id == run_id, jobs.c.state.in_(before))
        if attempt is not None:
            moved = moved.where(jobs.c.attempt == attempt)
        with self.database.writing() as connection:
            done = connection.execute(moved.values(state=after, **values or {})).rowcount == 1
            if done and not after.has_process:
                connection.execute(delete(leases).where(leases.c.run == run_id))
        if done and not after.has_process:
            ring(self.workspace.root / BELL)
        return done


def plain(value: Any) -> Any:
    """A value as JSON holds it: tuples become lists, and numbers that are none become null.

    Raises:
        TypeError: If the value holds anything that JSON cannot.
    """
    return json.loads(json.dumps(value, ensure_ascii=False), parse_constant=lambda _: None)


def add_event(connection: Connection, run_id: str, kind: str, **payload: object) -> None:
    """Add an event to a run whose row the transaction holds."""
    row = {"run": run_id, "at": time.time(), "kind": kind, "payload": payload}
    connection.execute(insert(events).values(**row))


def user() -> str:
    """The user of this process; empty where the system does not know."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have a user without a name
        return ""


def _hold(connection: Connection, run_id: str, attempt: int | None = None) -> Any:
    """How a run stands, which nobody else changes until the transaction ends.

    Nothing where there is no such run, or where it is at another attempt than the one named.
    """
    row = connection.execute(_HELD, {"run": run_id}).first()
    return None if row is None or attempt not in (None, row.attempt) else row


@functools.cache
def _newest(of_one_recipe: bool, in_some_states: bool) -> Select[Any]:
    """Runs, newest first: all but the resident, or those of one recipe."""
    recipe: Any = bindparam("recipe")
    chosen = jobs.c.recipe == recipe if of_one_recipe else jobs.c.recipe != recipe
    newest = select(*FIELDS).where(chosen).order_by(jobs.c.created.desc(), jobs.c.id.desc())
    if in_some_states:
        newest = newest.where(jobs.c.state.in_(bindparam("states", expanding=True)))
    return newest.limit(bindparam("most"))


def as_run(row: Row[Any]) -> Run:
    """A run from its row; settings are called as they are today."""
    values = dict(row._mapping)
    entry = BY_RECIPE.get(values["recipe"])
    if entry is not None:
        values["settings"] = renamed(entry.settings, values["settings"])
    values["message"] = stored_message(values["message"], values["error"])
    return Run(**{**values, "state": RunState(values["state"])})


def _no_run(run_id: str) -> NotFound:
    return NotFound("There is no run {run_id!r}; `runs list` shows which there are.", run_id=run_id)
