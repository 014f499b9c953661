"""From the tables of an older version to those of this one, by Alembic.

Each step is a module in `versions`, never changed once released. To add one: change `tables.py`,
raise its `HEAD`, and write the step that leads there; a test compares both ways. The tables of the
first version, 0001, are where Alembic begins.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

FIRST = "0001"


def scripts() -> ScriptDirectory:
    """The steps, as Alembic reads them."""
    from alembic.script import ScriptDirectory  # only an old store needs it, and it is slow

    here = Path(__file__).parent
    return ScriptDirectory(str(here), version_locations=[str(here / "versions")])


def upgrade(connection: Connection, found: str) -> bool:
    """Bring the tables behind a connection from revision `found` to the last one.

    It happens inside the connection's transaction: whole or not at all.

    Returns:
        False if no step begins at that revision: then nothing happens.
    """
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    steps = scripts()
    if found != FIRST and found not in {step.revision for step in steps.walk_revisions()}:
        return False
    # What `alembic upgrade head` does, but without a file of settings and an environment.
    way = {"fn": lambda revision, _: steps._upgrade_revs("head", revision)}
    context = MigrationContext.configure(connection, opts=way)
    with Operations.context(context):
        context.run_migrations()
    return True
