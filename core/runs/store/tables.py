"""The tables behind runs.

    job         one run of a recipe: its settings, where it stands, its process, how it ended
    need        a run that waits for another one
    device      what heavy runs compute on, and how many at a time
    lease       a device that a run holds while its process lives; GPUs as many as processes
    supervisor  the one process that starts runs and looks after them
    event       what happened in a run          metric    points of its curves
    control     what a person changed in it     artefact  what it made in the workspace
    request     a question to the resident worker

The rows of a run go with it. Nothing here is SQLite's own, so PostgreSQL stands behind the same
statements. Times are seconds since 1970. A change of these tables comes with a step in
`migrations`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

HEAD = "0005"
"""The revision that these tables are; the one that the last step in `migrations` leads to."""

metadata = MetaData()

revision = Table("alembic_version", metadata, Column("version_num", String(32), primary_key=True))

# SQLite counts rows by itself only where the key's type is spelled INTEGER.
Identity = BigInteger().with_variant(Integer(), "sqlite")


def _run(primary_key: bool = False) -> Column[str]:
    """The run that a row belongs to, and goes with."""
    key = ForeignKey("job.id", ondelete="CASCADE")
    return Column("run", String, key, primary_key=primary_key, nullable=False)


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
    Column("message", JSON(none_as_null=True)),  # the error, to be said in any language
    Column("pid", Integer),
    Column("process_started", Float),  # with machine and pid, names one process for good
    Column("heartbeat", Float),
    Column("beat", Float),  # the same moment by the clock of its machine that nobody sets
    Column("quiet", Float, nullable=False, server_default="0"),
    Column("stage_started", Float),
    Column("progressed", Float),
    Column("backend", String, nullable=False, server_default="local"),
    Column("who", String, nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("parent", String),
    Column("machine", String),
    Column("cause", String),
    Column("stopping", Float),  # when someone asked it to stop
)

needs = Table(
    "need",
    metadata,
    _run(primary_key=True),
    Column("on", String, primary_key=True),  # may be deleted: then the need stays, unmet
    Index("need_by_on", "on"),
)

devices = Table(
    "device",
    metadata,
    Column("name", String, primary_key=True),
    Column("slots", Integer, nullable=False),
)

leases = Table(
    "lease",
    metadata,
    _run(primary_key=True),
    Column("device", String, primary_key=True, index=True),
    Column("at", Float, nullable=False),
)

supervisors = Table(
    "supervisor",
    metadata,
    Column("place", String, primary_key=True),  # always "main": there is one
    Column("token", String, nullable=False),
    Column("machine", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("process_started", Float),
    Column("started", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
)

events = Table(
    "event",
    metadata,
    Column("id", Identity, primary_key=True),
    _run(),
    Column("at", Float, nullable=False),
    Column("kind", String, nullable=False),
    Column("payload", JSON, nullable=False),
    Index("event_by_run", "run", "id"),
    sqlite_autoincrement=True,
)

metrics = Table(
    "metric",
    metadata,
    Column("id", Identity, primary_key=True),
    _run(),
    Column("at", Float, nullable=False),
    Column("step", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("value", Float),  # null stands for NaN, which SQLite cannot hold
    Index("metric_by_run", "run", "id"),
    Index("metric_by_curve", "run", "name", "step", "id"),
    sqlite_autoincrement=True,
)

controls = Table(
    "control",
    metadata,
    Column("id", Identity, primary_key=True),
    _run(),
    Column("at", Float, nullable=False),
    Column("key", String, nullable=False),
    Column("value", Float, nullable=False),
    Column("taken", Float),
    Column("who", String, nullable=False, server_default=""),
    Column("token", String),
    Column("old", Float),
    Column("step", Integer),
    Column("applied", Float),
    Index("control_by_run", "run", "id"),
    Index("control_by_token", "token", unique=True),  # one message sent twice is one row
    sqlite_autoincrement=True,
)

artefacts = Table(
    "artefact",
    metadata,
    _run(primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("at", Float, nullable=False),
)

requests = Table(
    "request",
    metadata,
    Column("id", Identity, primary_key=True),
    Column("at", Float, nullable=False),
    Column("recipe", String, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("worker", Integer),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("error_kind", String),
    Column("message", JSON(none_as_null=True)),  # the error, to be said in any language
    sqlite_autoincrement=True,
)
