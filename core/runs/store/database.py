"""The store's database: opened, brought to the present tables, and used in short transactions.

SQLite in write-ahead mode by default: readers never wait, writers wait their turn. A PostgreSQL
database stands behind the same statements where `PATHDISTILL_STORE` names one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from core import roots
from core.errors import SettingsError, Stale, WorkspaceError, WorkspaceGone
from core.runs.store import migrations
from core.runs.store.tables import HEAD, metadata, revision

BUSY_SECONDS = 15.0
"""How long a writer waits for its turn before it gives up."""


_DRIVERS = {"sqlite": "sqlite"} | dict.fromkeys(
    ("postgres", "postgresql", "postgresql+psycopg"), "postgresql+psycopg"
)

NO_ADDRESS = (
    "PATHDISTILL_STORE is no address of a database: write it like "
    "postgresql://user:password@host/database."
)


class Database:
    """The tables, opened by any number of processes at once."""

    def __init__(self, url: URL | str) -> None:
        """Open the tables; make them where there are none, migrate them where they are older.

        Raises:
            SettingsError: If the address is none, or its driver is not installed.
            WorkspaceError: If the database cannot be reached, read or written.
            Stale: If a newer version of PathDistill made it.
        """
        self.engine = _engine(url)
        url = self.engine.url
        self.place = url.database or ""
        if self.engine.dialect.name != "sqlite":
            self.place = url.set(query={}).render_as_string(hide_password=True)
        self._file = Path(self.place) if self.place and self.engine.name == "sqlite" else None
        self._identity: roots.Identity | None = None
        self._secrets = tuple(filter(None, (url.password, *map(str, url.query.values()))))
        try:
            with self._in_words():
                self.engine.connect().close()
        except (ArgumentError, OverflowError, TypeError, ValueError) as error:
            raise SettingsError(NO_ADDRESS) from error  # the driver's own words may tell a secret
        with self.reading() as connection:
            found = _revision(connection)
        if found != HEAD:
            try:
                self._bring_up_to_date()
            except IntegrityError as error:  # a version that is there cannot be read
                raise _damaged(str(error.orig), self.place) from error
        if self._file is not None:
            self._identity = roots.identity(self._file)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the store.

        Raises:
            WorkspaceError: If the store cannot be read.
        """
        with self._in_words(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of the block's changes or none.

        Raises:
            WorkspaceError: If the disk is full, or the store cannot be written.
        """
        with self._in_words(), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                yield connection

    def _bring_up_to_date(self) -> None:
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
                connection.execute(text("SELECT pg_advisory_xact_lock(7284)"))
            found = _revision(connection)  # another process may have been quicker
            if found is None:
                metadata.create_all(connection)
                connection.execute(insert(revision).values(version_num=HEAD))
            elif found != HEAD and not migrations.upgrade(connection, found):
                raise Stale(
                    "{place} was made by a newer version of PathDistill (tables {found}, "
                    "this one knows {head}): use that version, or name another folder in "
                    "PATHDISTILL_HOME.",
                    place=self.place,
                    found=found,
                    head=HEAD,
                )

    def _check_that_it_is_there(self) -> None:
        """Refuse a file that went away: SQLite would go on with one that has no name any more."""
        if self._file is None or self._identity is None:
            return
        roots.check(self._file)
        if roots.identity(self._file) != self._identity:
            raise WorkspaceGone(
                "The store {place} was moved, deleted or replaced while this program used "
                "it: put it back, or start the program again to go on with what is there now.",
                place=self.place,
            )

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        self._check_that_it_is_there()
        try:
            yield
        except IntegrityError:
            raise
        except DBAPIError as error:
            said = str(error.orig).strip()
            for secret in self._secrets:
                said = said.replace(secret, "***")
            raise _as_workspace_error(said, self.place) from error
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise _damaged(str(error), self.place) from error


def _revision(connection: Connection) -> str | None:
    """The revision of the tables that are there, or None where there are none."""
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        return connection.scalar(select(revision.c.version_num))
    # The first version counted in a table of its own.
    if "schema_version" not in tables:
        return None
    return str(connection.scalar(text("SELECT version FROM schema_version"))).zfill(4)


def _engine(url: URL | str) -> Engine:
    try:
        made = make_url(url)
        driver = _DRIVERS.get(made.drivername)
        if driver == "sqlite":
            return _sqlite(made)
        if driver is not None:
            waits = {"connect_timeout": round(BUSY_SECONDS)}
            made = made.set(drivername=driver)
            return create_engine(made, pool_pre_ping=True, connect_args=waits)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(NO_ADDRESS) from error
    except ModuleNotFoundError as error:
        raise SettingsError(
            "PATHDISTILL_STORE names a PostgreSQL database, whose driver is not installed: "
            "pip install -r requirements-cluster.txt."
        ) from error
    raise SettingsError(
        "PATHDISTILL_STORE names a {kind} database; SQLite and PostgreSQL can hold a store.",
        kind=made.drivername[:40],
    )


def _sqlite(url: URL) -> Engine:
    place = Path(url.database or "")
    if url.host or url.query or url.database in (None, "", ":memory:"):
        raise SettingsError(
            "PATHDISTILL_STORE names no file: write it like sqlite:////folder/store.sqlite, with "
            "nothing behind it."
        )
    if place.exists() and not place.is_file():  # reading a pipe would never end
        raise WorkspaceError(
            "The store {place} is no file: take it away, or name another.", place=place
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says so
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait its turn in SQLite: it must
        # say at once that it will write.
        writes = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_DAMAGE = ("malformed", "not a database", "Could not decode", "no such column", "no such table")
"""What SQLite says where the file is not what it wrote. It keeps no hashes, so not every change to
a file makes it say so."""


def _damaged(said: str, place: str) -> WorkspaceError:
    return WorkspaceError(
        "The store {place} is damaged ({finding}): bring back a copy, or "
        "move it away with the files beside it to begin with an empty one; graphs, teachers and "
        "students are not in it and stay.",
        place=place,
        finding=said.splitlines()[0].rstrip("."),
    )


def _as_workspace_error(said: str, place: str) -> WorkspaceError:
    if "disk is full" in said or "No space left" in said:
        return WorkspaceError(
            "The disk is full at {place}: free some space and try again.", place=place
        )
    if "readonly" in said or "unable to open" in said:
        return WorkspaceError(
            "The store {place} cannot be written: change its permissions, or name another folder "
            "in PATHDISTILL_HOME.",
            place=place,
        )
    if "locked" in said:
        return WorkspaceError(
            "The store {place} stayed busy for {busy_seconds:.0f} seconds: keep the workspace "
            "on a local disk, and try again.",
            place=place,
            busy_seconds=BUSY_SECONDS,
        )
    if any(words in said for words in _DAMAGE):
        return _damaged(said, place)
    if "connection" in said.lower():
        first = said.splitlines()[0].rstrip(".")
        return WorkspaceError(
            "The store {place} cannot be reached ({reason}): start that database, or mend "
            "PATHDISTILL_STORE.",
            place=place,
            reason=first,
        )
    return WorkspaceError("The store {place} cannot be used: {said}.", place=place, said=said)
