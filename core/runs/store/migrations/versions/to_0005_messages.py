"""What belongs to a run goes with it; an error is stored as a message, in no language yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COUNTED = ("event", "metric", "control")
KEYED = ("need", "lease", "artefact")


def upgrade() -> None:
    """Remove the rows of runs that are gone, then bind those that are left to their runs."""
    for table in (*COUNTED, *KEYED):
        op.execute(f"DELETE FROM {table} WHERE run NOT IN (SELECT id FROM job)")
        more = {"sqlite_autoincrement": True} if table in COUNTED else {}
        with op.batch_alter_table(table, table_kwargs=more) as batch:
            batch.create_foreign_key(
                f"{table}_run_fkey", "job", ["run"], ["id"], ondelete="CASCADE"
            )
    op.add_column("job", sa.Column("message", sa.JSON))
    op.add_column("request", sa.Column("message", sa.JSON))
