"""What the store notes of a run whose process is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from core.runs.run import Run, RunState
from core.runs.store.store import Store, add_event
from core.runs.store.tables import events, jobs, leases
from core.runs.supervisor.diagnosis import Cause


def note_loss(
    store: Store,
    run: Run,
    after: RunState,
    values: Mapping[str, Any],
    event: Mapping[str, Any] | None,
) -> bool:
    """Bring a run from where it was found to another state, and take its devices from it.

    Args:
        store: The store.
        run: The run as it was found.
        after: The state that it comes to.
        values: Columns of the run to set with it.
        event: What its event `lost` says; None: there is none.

    Returns:
        False if the run was heard of, or moved, since it was found: then nothing happens.
    """
    over = {} if after is RunState.QUEUED else {"slot": None, "ended": time.time()}
    same = (jobs.c.id == run.id, jobs.c.state == run.state, jobs.c.heartbeat == run.heartbeat)
    moved = update(jobs).where(*same).values(state=after, **values, **over)
    with store.database.writing() as connection:
        if not connection.execute(moved).rowcount:
            return False
        connection.execute(delete(leases).where(leases.c.run == run.id))
        if event is not None:
            add_event(connection, run.id, "lost", **event)
    return True


def ended_by(store: Store, run_id: str, cause: Cause) -> int:
    """How many attempts a cause has ended since a person last had the run tried again."""
    told = select(events.c.kind, events.c.payload).where(events.c.run == run_id)
    told = told.where(events.c.kind.in_(("lost", "asked"))).order_by(events.c.id)
    count = 0
    with store.database.reading() as connection:
        for kind, payload in connection.execute(told):
            if kind == "lost":
                count += payload.get("cause") == cause
            elif payload.get("what") == "resume":
                count = 0
    return count
