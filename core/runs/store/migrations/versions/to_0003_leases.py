"""A run may hold several devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the lease's key its run and its device; what is held stays held."""
    connection = op.get_bind()
    held = [dict(row._mapping) for row in connection.execute(sa.text("SELECT * FROM lease"))]
    op.drop_table("lease")
    lease = op.create_table(
        "lease",
        sa.Column("run", sa.String, primary_key=True),
        sa.Column("device", sa.String, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("ix_lease_device", "lease", ["device"])
    op.bulk_insert(lease, held)
