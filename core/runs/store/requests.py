"""Requests to the resident worker: rows that one side posts and the other answers, in order.

waiting -> working -> done | failed          (the asker removes the row once it has read it)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.messages import Message
from core.runs.run import stored_message
from core.runs.store.database import Database
from core.runs.store.tables import requests


class RequestState(StrEnum):
    """Where a request stands."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `worker` is the process number of the resident that took it."""

    id: int
    recipe: str
    settings: dict[str, Any]
    state: RequestState
    worker: int | None
    result: dict[str, Any] | None
    error: str | None
    error_kind: str | None
    message: Message | None


_COLUMNS = [column for column in requests.c if column.name != "at"]


def post(database: Database, recipe: str, settings: dict[str, Any]) -> int:
    """Put a request in the queue; returns its id."""
    row = insert(requests).values(
        at=time.time(), recipe=recipe, settings=settings, state=RequestState.WAITING
    )
    with database.writing() as connection:
        return int(connection.execute(row.returning(requests.c.id)).scalar_one())


def read(database: Database, request_id: int) -> Request:
    """A request as it stands."""
    with database.reading() as connection:
        row = connection.execute(select(*_COLUMNS).where(requests.c.id == request_id)).one()
    return _as_request(row._mapping)


def take(database: Database, worker: int) -> Request | None:
    """The oldest waiting request, now this worker's, or None."""
    oldest = select(*_COLUMNS).where(requests.c.state == RequestState.WAITING)
    oldest = oldest.order_by(requests.c.id).limit(1)
    with database.reading() as connection:  # mostly there is none: look before locking
        if connection.execute(oldest).first() is None:
            return None
    with database.writing() as connection:
        row = connection.execute(oldest).first()
        if row is None:
            return None
        mine = update(requests).where(requests.c.id == row.id)
        connection.execute(mine.values(state=RequestState.WORKING, worker=worker))
    return _as_request({**row._mapping, "state": RequestState.WORKING, "worker": worker})


def answer(database: Database, request_id: int, result: dict[str, Any]) -> None:
    """Answer a request."""
    _set(database, request_id, state=RequestState.DONE, result=result)


def refuse(database: Database, request_id: int, error: Mapping[str, Any]) -> None:
    """Answer a request by an error, as `run.error_columns` gives it."""
    _set(database, request_id, state=RequestState.FAILED, **error)


def put_back(database: Database, request: Request) -> None:
    """Let another worker take a request whose worker has died, unless it has an answer by now."""
    same = (
        requests.c.id == request.id,
        requests.c.state == RequestState.WORKING,
        requests.c.worker == request.worker,
    )
    with database.writing() as connection:
        waiting = {"state": RequestState.WAITING, "worker": None}
        connection.execute(update(requests).where(*same).values(**waiting))


def remove(database: Database, request_id: int) -> None:
    """Forget a request: it was read, or nobody waits for it any more."""
    with database.writing() as connection:
        connection.execute(delete(requests).where(requests.c.id == request_id))


def _set(database: Database, request_id: int, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(update(requests).where(requests.c.id == request_id).values(**values))


def _as_request(values: Any) -> Request:
    message = stored_message(values["message"], values["error"])
    return Request(**{**values, "state": RequestState(values["state"]), "message": message})
