"""All rows of one run, table by table, to be written into an archive or read from one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.exc import IntegrityError

from core.errors import AlreadyExists
from core.runs.store.database import Database
from core.runs.store.tables import controls, events, jobs, metrics

TABLES: Mapping[str, Table] = MappingProxyType(
    {"events": events, "metrics": metrics, "controls": controls}
)
"""What a run says and is told, by name; each row has a growing id."""
PAGE = 10_000
"""Rows that are read or written at a time."""


def job_row(database: Database, run_id: str) -> dict[str, Any]:
    """The row of a run itself."""
    with database.reading() as connection:
        row = connection.execute(select(jobs).where(jobs.c.id == run_id)).one()
    return dict(row._mapping)


def rows(database: Database, table: str, run_id: str) -> Iterator[dict[str, Any]]:
    """The rows of a run in one of `TABLES`, page by page, without what means nothing elsewhere."""
    found, last = TABLES[table], 0
    columns = [column for column in found.c if column.name not in ("run", "token")]
    while True:
        beyond = select(*columns).where(found.c.run == run_id, found.c.id > last)
        with database.reading() as connection:
            page = connection.execute(beyond.order_by(found.c.id).limit(PAGE)).all()
        if not page:
            return
        last = page[-1].id
        yield from ({k: v for k, v in row._mapping.items() if k != "id"} for row in page)


@contextmanager
def adding(
    database: Database, job: Mapping[str, Any], tables: Mapping[str, Iterable[dict[str, Any]]]
) -> Iterator[None]:
    """Add a run with all its rows; whole once the block has ended, and not at all if it raises.

    Args:
        database: The store's.
        job: The row of the run.
        tables: By name of a table, its rows without the run's id.

    Raises:
        AlreadyExists: If somebody else has just added it.
    """
    try:
        with database.writing() as connection:
            connection.execute(insert(jobs).values(**job))
            for name, added in tables.items():
                left = iter(added)
                while page := [{**row, "run": job["id"]} for row in islice(left, PAGE)]:
                    connection.execute(insert(TABLES[name]), page)
            yield
    except IntegrityError as error:
        raise AlreadyExists(
            "There is a run {id} already: delete it first.", id=job["id"]
        ) from error
