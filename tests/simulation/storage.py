"""The store in memory: one SQLite database, whose every transaction is a border of the world.

A transaction is atomic here as it is there: threads give way before it, never within. What a disk
does to it comes as SQLite would say it, so that the store's own words for it are made.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection
from sqlalchemy.exc import OperationalError

from core.runs.store.database import Database
from core.runs.store.store import Store
from core.workspace import Workspace
from tests.simulation.substitutes import world
from tests.simulation.world import Killed

TROUBLES = {
    "full": "database or disk is full",
    "read-only": "attempt to write a readonly database",
    "locked": "database is locked",
    "failing": "disk I/O error",
    "away": "unable to open database file",
}
"""What a disk may be, and what SQLite says then."""
BLIND = ("failing", "away")
"""Troubles in which nothing can be read either."""


class OpenStore(Store):
    """A store whose database is open already."""

    def __init__(self, workspace: Workspace, database: Database) -> None:
        self.workspace = workspace
        self.database = database


class Memory:
    """A database in memory, brought back to its beginning before each schedule.

    It is opened as a file, by the same door as any; its one connection then turns to memory.
    """

    def __init__(self, root: Path) -> None:
        self.database = Database(URL.create("sqlite", database=str(root / "store.sqlite")))
        with self.database.engine.connect() as connection:
            self.raw: sqlite3.Connection = connection.connection.dbapi_connection
        self.raw.execute("PRAGMA journal_mode = DELETE")  # memory knows no write-ahead log
        self._beginning = self.raw.serialize()

    def clear(self) -> None:
        """Forget everything."""
        self.raw.deserialize(self._beginning)


@contextmanager
def borders(wrote: Callable[[], None], before: Callable[[], None]) -> Iterator[None]:
    """Make every transaction a border; `before` and `wrote` look on around those that write."""
    reading, writing = Database.reading, Database.writing

    @contextmanager
    def reads(self: Database) -> Iterator[Connection]:
        if world().current is not None:
            world().border(f"reads  {_who(3)}")
            _refuse(self, blind=True)
        with reading(self) as connection:
            yield connection

    @contextmanager
    def writes(self: Database) -> Iterator[Connection]:
        there, who = world(), _who(3)
        there.border(f"writes {who}")
        _refuse(self)
        before()
        try:
            with writing(self) as connection:
                yield connection
                if there.in_transaction:
                    there.in_transaction.pop()(there.process)
                    if not there.process.is_alive:
                        raise Killed
        except Killed:
            there.give_up()
        wrote()
        there.moment(f"wrote  {who}")

    names: dict[str, Any] = {"reading": reads, "writing": writes}
    for name, function in names.items():
        setattr(Database, name, function)
    try:
        yield
    finally:
        Database.reading, Database.writing = reading, writing  # type: ignore[method-assign]


def _refuse(database: Database, blind: bool = False) -> None:
    trouble = world().trouble
    if trouble is not None and (not blind or trouble in BLIND):
        with database._in_words():
            raise OperationalError("BEGIN", {}, sqlite3.OperationalError(TROUBLES[trouble]))


def _who(depth: int) -> str:
    """The function that asks the database."""
    return sys._getframe(depth).f_code.co_name
