"""When a worker was last heard of by a clock that nobody sets; how long its recipe was quiet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what is new; a run that goes on meanwhile says it at its next attempt."""
    op.add_column("job", sa.Column("beat", sa.Float))
    op.add_column("job", sa.Column("quiet", sa.Float, nullable=False, server_default="0"))
