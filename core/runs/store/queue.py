"""Which run goes next, and on what.

The higher priority goes first, equals in the order they came. A run waits until all that it needs
have succeeded and a device that suits it has a free slot, or as many as it wants; it holds up
nobody who wants another device, and nobody overtakes it on its own. A run whose need ended
otherwise is stopped, and queued again when that one is resumed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, exists, func, insert, select, update

from core.errors import RunStopped, SettingsError
from core.runs.run import NO_ERROR, Run, RunState, error_columns
from core.runs.store import devices
from core.runs.store.store import FIELDS, Store, as_run
from core.runs.store.tables import devices as device_table
from core.runs.store.tables import jobs, leases, needs

MOST_PRIORITY = 1000
DEPENDENCY = "dependency"
"""The cause of a run that was stopped because of another one."""

# Statements are built once: the supervisor asks them at every look.
_OTHER = jobs.alias("other")
_UNMET = exists().where(
    needs.c.run == jobs.c.id,
    ~exists().where(_OTHER.c.id == needs.c.on, _OTHER.c.state == RunState.SUCCEEDED),
)
_QUEUED = (
    select(*FIELDS)
    .where(jobs.c.state == RunState.QUEUED)
    .order_by(jobs.c.priority.desc(), jobs.c.created, jobs.c.id)
)
_READY = _QUEUED.where(jobs.c.backend == "local", ~_UNMET)
_FIRST_READY = _READY.limit(1)
_FIRST_REMOTE = _QUEUED.where(jobs.c.backend != "local", ~_UNMET).limit(1)
_WAITING_FOR = (
    select(needs.c.run, needs.c.on, _OTHER.c.state)
    .join(jobs, jobs.c.id == needs.c.run)
    .outerjoin(_OTHER, _OTHER.c.id == needs.c.on)
    .where(jobs.c.state == RunState.QUEUED)
)


def waiting(store: Store) -> list[Run]:
    """Queued runs in the order they will go, those that wait for another run among them."""
    with store.database.reading() as connection:
        return [as_run(row) for row in connection.execute(_QUEUED)]


def is_empty(store: Store) -> bool:
    """Whether no run waits for its turn or for another run."""
    any_of_them = select(jobs.c.id).where(jobs.c.state == RunState.QUEUED).limit(1)
    with store.database.reading() as connection:
        return connection.execute(any_of_them).first() is None


def needed(store: Store, run_id: str) -> list[str]:
    """The runs that a run waits for, or waited for."""
    asked = select(needs.c.on).where(needs.c.run == run_id).order_by(needs.c.on)
    with store.database.reading() as connection:
        return list(connection.scalars(asked))


def chain(store: Store, run_id: str) -> list[Run]:
    """All runs that hang together with a run by their needs, in the order they were made.

    Raises:
        NotFound: If there is no such run.
    """
    found, new = {run_id: store.run(run_id)}, {run_id}
    while new:
        either = select(needs).where(needs.c.run.in_(new) | needs.c.on.in_(new))
        with store.database.reading() as connection:
            pairs = connection.execute(either).all()
            ids = {name for pair in pairs for name in (pair.run, pair.on)} - found.keys()
            rows = connection.execute(select(*FIELDS).where(jobs.c.id.in_(ids))).all()
        new = {row.id for row in rows}
        found |= {row.id: as_run(row) for row in rows}
    return sorted(found.values(), key=lambda run: (run.created, run.id))


def check_needs(store: Store, after: Sequence[str]) -> None:
    """Refuse a run that could never begin.

    Raises:
        NotFound: If one that it shall wait for does not exist.
        SettingsError: If one has ended without success.
    """
    for run_id in after:
        other = store.run(run_id)
        if other.state.is_over and other.state is not RunState.SUCCEEDED:
            raise SettingsError(
                "The run {run_id} is {state}, so nothing can wait for it: resume it first.",
                run_id=run_id,
                state=other.state,
            )


def check_priority(priority: int) -> None:
    """Refuse a priority out of range.

    Raises:
        SettingsError: If it is.
    """
    if abs(priority) > MOST_PRIORITY:
        raise SettingsError(
            "A priority is a number from -{most_priority} to {most_priority} (given: {priority}).",
            most_priority=MOST_PRIORITY,
            priority=priority,
        )


def set_priority(store: Store, run_id: str, priority: int) -> None:
    """Let a queued run go earlier or later.

    Raises:
        NotFound: If there is no such run.
        SettingsError: If it is not queued, or the number is out of range.
    """
    check_priority(priority)
    state = store.run(run_id).state
    if not store.move(run_id, (RunState.QUEUED,), RunState.QUEUED, {"priority": priority}):
        raise SettingsError(
            "The run {run_id} is {state}: only a queued one has a place to change.",
            run_id=run_id,
            state=state,
        )


def claim(store: Store) -> tuple[Run, tuple[str, ...]] | None:
    """Take the next run that can begin: it holds its devices from now on, and is `starting`.

    Returns:
        The run and its devices, or None if none can begin.
    """
    with store.database.reading() as connection:  # mostly there is none: look before locking
        if connection.execute(_FIRST_READY).first() is None:
            return None
    with store.database.writing() as connection:
        free = {row.name: row.slots for row in connection.execute(select(device_table))}
        counted = select(leases.c.device, func.count()).group_by(leases.c.device)
        for name, count in connection.execute(counted):
            free[name] = free.get(name, 0) - count
        for row in connection.execute(_READY).all():
            chosen = devices.choose(row.settings, free)
            if not chosen:
                free |= dict.fromkeys(devices.suitable(row.settings, list(free)), 0)
                continue
            now = time.time()
            began = {"state": RunState.STARTING, "heartbeat": now, **NO_ERROR}
            mine = jobs.c.id == row.id, jobs.c.state == RunState.QUEUED
            if connection.execute(update(jobs).where(*mine).values(**began)).rowcount:
                held = [{"run": row.id, "device": name, "at": now} for name in chosen]
                connection.execute(insert(leases), held)
                return as_run(row), chosen
    return None


def claim_remote(store: Store) -> Run | None:
    """Take the next run that a cluster shall start; the cluster finds it a device."""
    with store.database.reading() as connection:
        row = connection.execute(_FIRST_REMOTE).first()
    if row is None:
        return None
    began = {"heartbeat": time.time(), **NO_ERROR}
    taken = store.move(row.id, (RunState.QUEUED,), RunState.STARTING, began)
    return store.run(row.id) if taken else None


def fail_unrunnable(store: Store) -> None:
    """End queued runs that can never begin: a need ended badly, or their device is not there."""
    _stop_dependents(store)
    there = {device.name: 1 for device in devices.known(store.database)}
    for run in waiting(store):
        if run.backend == "local" and not devices.choose(run.settings, there):
            over = error_columns(_without_a_device(run.settings, list(there)))
            over |= {"slot": None, "ended": time.time()}
            store.move(run.id, (RunState.QUEUED,), RunState.FAILED, over)


def requeue_dependents(store: Store, run_id: str) -> None:
    """Queue again what was stopped because of a run that now goes on, and so on down the chain."""
    after = select(needs.c.run).where(needs.c.on == run_id)
    with store.database.reading() as connection:
        dependents = list(connection.scalars(after))
    for name in dependents:
        run = store.run(name)
        if run.cause == DEPENDENCY and run.state is RunState.STOPPED:
            fresh: dict[str, Any] = {**NO_ERROR, "cause": None, "ended": None}
            store.move(name, (RunState.STOPPED,), RunState.QUEUED, fresh)
            requeue_dependents(store, name)


def _stop_dependents(store: Store) -> None:
    """Stop the queued runs whose need ended badly."""
    with store.database.reading() as connection:  # mostly there is none: look before locking
        if not _broken_needs(connection):
            return
    with store.database.writing() as connection:  # a need may have been resumed meanwhile
        for run_id, other, state in _broken_needs(connection):
            over = {"state": RunState.STOPPED, "slot": None, "ended": time.time()}
            over |= error_columns(_in_vain(other, state)) | {"error_kind": None}
            stopped = update(jobs).where(jobs.c.id == run_id)
            connection.execute(stopped.values(cause=DEPENDENCY, **over))


def _without_a_device(settings: Mapping[str, Any], there: list[str]) -> SettingsError:
    if suited := devices.suitable(settings, there):
        return SettingsError(
            "The run wants {processes} GPUs, one for each process, and this machine has {count}: "
            "ask for fewer processes and start again.",
            processes=settings["processes"],
            count=len(suited),
        )
    return SettingsError(
        "There is no device {device!r} on this machine (there: {there}): choose another device and "
        "start again.",
        device=settings.get("device", "light"),
        there=", ".join(there),
    )


def _in_vain(other: str, state: str | None) -> RunStopped:
    if state is None:
        return RunStopped(
            "It waited for the run {other}, which was deleted: resume that one, and this one "
            "follows.",
            other=other,
        )
    return RunStopped(
        "It waited for the run {other}, which is {state}: resume that one, and this one follows.",
        other=other,
        state=state,
    )


def _broken_needs(connection: Connection) -> list[tuple[str, str, str | None]]:
    return [
        (run, on, state)
        for run, on, state in connection.execute(_WAITING_FOR)
        if state is None or (RunState(state).is_over and state != RunState.SUCCEEDED)
    ]
