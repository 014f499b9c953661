"""The lease that makes a process the one supervisor of a store: who holds it, and since when."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from core.runs.processes import is_gone, machine, start_time
from core.runs.store.store import Store
from core.runs.store.tables import supervisors

SILENT_SECONDS = 30.0
"""A supervisor on another machine counts as absent after so long without a heartbeat."""
PLACE = "main"
"""The key of the one row there is."""

_HOLDER = select(*(column for column in supervisors.c if column.name != "place"))
_BEAT = update(supervisors).where(supervisors.c.token == bindparam("mine"))


@dataclass(frozen=True, slots=True)
class SupervisorProcess:
    """The process that holds the lease; times are seconds since 1970."""

    token: str
    machine: str
    pid: int
    process_started: float | None
    started: float
    heartbeat: float

    @property
    def is_gone(self) -> bool:
        """Whether it has ended without releasing the lease."""
        gone = is_gone(self.machine, self.pid, self.process_started)
        return time.time() - self.heartbeat > SILENT_SECONDS if gone is None else gone


def holder(store: Store) -> SupervisorProcess | None:
    """The process that holds the lease and lives, or None if there is none."""
    with store.database.reading() as connection:
        row = connection.execute(_HOLDER).first()
    found = SupervisorProcess(**row._mapping) if row is not None else None
    return None if found is None or found.is_gone else found


def acquire_lease(store: Store) -> str | None:
    """Become the supervisor; gives a token to prove it by, or None if there is one already."""
    if holder(store):
        return None
    token = uuid.uuid4().hex
    now, pid = time.time(), os.getpid()
    mine = {"place": PLACE, "token": token, "machine": machine(), "pid": pid}
    mine |= {"process_started": start_time(pid), "started": now, "heartbeat": now}
    try:
        with store.database.writing() as connection:
            row = connection.execute(_HOLDER).first()
            if row is not None:
                held = SupervisorProcess(**row._mapping)
                if not held.is_gone:
                    return None
                connection.execute(delete(supervisors).where(supervisors.c.token == held.token))
            connection.execute(insert(supervisors).values(**mine))
    except IntegrityError:  # another was quicker
        return None
    return token


def renew_lease(store: Store, token: str) -> bool:
    """Beat; False if somebody else holds the lease by now."""
    with store.database.writing() as connection:
        beat = {"mine": token, "heartbeat": time.time()}
        return connection.execute(_BEAT, beat).rowcount == 1


def release_lease(store: Store, token: str) -> None:
    """Let another become the supervisor."""
    with store.database.writing() as connection:
        connection.execute(delete(supervisors).where(supervisors.c.token == token))
