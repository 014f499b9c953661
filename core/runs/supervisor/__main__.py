"""`python -m core.runs.supervisor`: look after the runs of the workspace in `PATHDISTILL_HOME`."""

from __future__ import annotations

import logging
import sys

from core.errors import WorkspaceGone
from core.runs.store.store import Store
from core.runs.supervisor import loop
from core.workspace import Workspace


def main() -> None:
    """Supervise until there is nothing to do."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format="%(asctime)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    workspace = Workspace()
    try:
        workspace.enter()
        loop.supervise(Store(workspace))
    except WorkspaceGone as error:
        loop.log.error("%s", error)


if __name__ == "__main__":
    main()
