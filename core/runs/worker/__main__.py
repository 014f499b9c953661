"""`python -m core.runs.worker RUN_ID ATTEMPT`: the process of one attempt at a run."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from core.drafts import scratch_folder
from core.errors import WorkspaceGone
from core.runs.store.store import Store
from core.runs.worker import attempts
from core.workspace import Workspace


def main() -> None:
    """Work on what the arguments name."""
    faulthandler.enable()
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stdout,
        format="%(asctime)s %(message)s",
        datefmt="%Y-%m-%d %H:%M:%S",
    )
    try:
        workspace = Workspace()
        workspace.enter()
        with _own_temporary_files():
            sys.exit(attempts.work(Store(workspace), sys.argv[1], int(sys.argv[2])))
    except WorkspaceGone as error:
        attempts.log.error("%s", error)
        sys.exit(attempts.GONE)


@contextmanager
def _own_temporary_files() -> Iterator[None]:
    """Whatever libraries leave among the temporary files goes with this process."""
    with scratch_folder() as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
        yield


if __name__ == "__main__":
    main()
