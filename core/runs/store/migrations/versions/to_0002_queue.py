"""The queue, devices and leases, the supervisor, attempts, acknowledged controls, artefacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = None  # the tables of 0001


def upgrade() -> None:
    """Add what is new; a run that an older version left unfinished stays as it is."""
    for column in (
        sa.Column("backend", sa.String, nullable=False, server_default="local"),
        sa.Column("who", sa.String, nullable=False, server_default=""),
        sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
        sa.Column("parent", sa.String),
        sa.Column("machine", sa.String),
        sa.Column("cause", sa.String),
        sa.Column("stopping", sa.Float),
    ):
        op.add_column("job", column)
    for column in (
        sa.Column("who", sa.String, nullable=False, server_default=""),
        sa.Column("token", sa.String),
        sa.Column("old", sa.Float),
        sa.Column("step", sa.Integer),
        sa.Column("applied", sa.Float),
    ):
        op.add_column("control", column)
    op.create_index("control_by_token", "control", ["token"], unique=True)
    op.create_index("metric_by_curve", "metric", ["run", "name", "step", "id"])
    op.create_table(
        "need",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("on", sa.String, primary_key=True),
    )
    op.create_index("need_by_on", "need", ["on"])
    op.create_table(
        "device",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("slots", sa.Integer, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("ix_lease_device", "lease", ["device"])
    op.create_table(
        "supervisor",
        sa.Column("place", sa.String, primary_key=True),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("machine", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process_started", sa.Float),
        sa.Column("started", sa.Float, nullable=False),
        sa.Column("heartbeat", sa.Float, nullable=False),
    )
    op.create_table(
        "artefact",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.drop_table("schema_version")
