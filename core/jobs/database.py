"""The tables behind runs, and short transactions on them.

SQLite in write-ahead mode by default: readers never wait, writers wait their turn. The tables use
nothing that is SQLite's own, so another database can stand behind the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, IntegrityError

from core.errors import Stale, WorkspaceError

SCHEMA_VERSION = 1
BUSY_SECONDS = 15.0
"""How long a writer waits for its turn before it gives up."""

metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

jobs = Table(
    "job",
    metadata,
    Column("id", String, primary_key=True),
    Column("recipe", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("slot", String, unique=True),  # held by at most one run that is not over
    Column("stage", Text, nullable=False, default=""),
    Column("done", Float, nullable=False, default=0.0),
    Column("total", Float, nullable=False, default=0.0),
    Column("note", Text, nullable=False, default=""),
    Column("created", Float, nullable=False, index=True),
    Column("started", Float),
    Column("ended", Float),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("error_kind", String),
    Column("pid", Integer),
    Column("process_started", Float),
    Column("heartbeat", Float),
    Column("stage_started", Float),
    Column("progressed", Float),
)

events = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Index("event_by_run", "run", "id"),
    sqlite_autoincrement=True,
)

metrics = Table(
    "metric",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("step", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("value", Float),  # null stands for NaN, which SQLite cannot hold
    Index("metric_by_run", "run", "id"),
    sqlite_autoincrement=True,
)

controls = Table(
    "control",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run", String, nullable=False),
    Column("at", Float, nullable=False),
    Column("key", String, nullable=False),
    Column("value", Float, nullable=False),
    Column("taken", Float),
    Index("control_by_run", "run", "id"),
    sqlite_autoincrement=True,
)

requests = Table(
    "request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("recipe", String, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("worker", Integer),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("error_kind", String),
    sqlite_autoincrement=True,
)


class Database:
    """Tables in one file, opened by any number of processes at once."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.engine = _engine(place)
        with self.writing() as connection:
            metadata.create_all(connection)
            version = connection.scalar(select(schema_version.c.version))
            if version is None:
                connection.execute(insert(schema_version).values(version=SCHEMA_VERSION))
        if version is not None and version != SCHEMA_VERSION:
            raise Stale(
                f"{place} was made by another version of PathDistill (schema {version}, this one "
                f"reads {SCHEMA_VERSION}): use that version, or name another folder in "
                "PATHDISTILL_HOME."
            )

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

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except DatabaseError as error:
            raise _as_workspace_error(error, self.place) from error


def _engine(place: Path) -> Engine:
    url = URL.create("sqlite", database=str(place))
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions begin where `begin` below says so
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later cannot wait its turn in SQLite: it must
        # say at once that it will write.
        writes = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _as_workspace_error(error: DatabaseError, place: Path) -> WorkspaceError:
    said = str(error.orig)
    if "disk is full" in said:
        return WorkspaceError(f"The disk is full at {place}: free some space and try again.")
    if "readonly" in said or "unable to open" in said:
        return WorkspaceError(
            f"The store {place} cannot be written: change its permissions, or name another folder "
            "in PATHDISTILL_HOME."
        )
    if "locked" in said:
        return WorkspaceError(
            f"The store {place} stayed busy for {BUSY_SECONDS:.0f} seconds: keep the workspace "
            "on a local disk, and try again."
        )
    return WorkspaceError(f"The store {place} cannot be used: {said}.")
