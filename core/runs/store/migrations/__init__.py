"""From the tables of an older version to those of this one, by Alembic's operations.

Each step is a module with an `upgrade()`, never changed once released. To add one: change
`tables.py`, raise its `HEAD`, and name the step that leads there; a test compares both ways.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import Connection, insert, inspect, update

from core.runs.store.tables import revision

STEPS = {
    "0001": ("0002", "to_0002_queue"),
    "0002": ("0003", "to_0003_leases"),
    "0003": ("0004", "to_0004_silence"),
}
"""By revision: the next one, and the module of the step that leads there."""


def upgrade(connection: Connection, found: str) -> None:
    """Bring the tables behind a connection from revision `found` to the last one.

    It happens inside the connection's transaction: whole or not at all.
    """
    # Only an old store needs it, and it is slow to import.
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with Operations.context(MigrationContext.configure(connection)):
        while found in STEPS:
            found, module = STEPS[found]
            import_module(f"{__name__}.{module}").upgrade()
    if inspect(connection).has_table(revision.name):
        connection.execute(update(revision).values(version_num=found))
    else:
        revision.create(connection)
        connection.execute(insert(revision).values(version_num=found))
