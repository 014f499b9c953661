"""Whether the supervisor is there, and how to have one: for whoever queues or watches runs.

ensure(store)        start it if it is absent; it leaves by itself when there is nothing to do

There is one for a store, by its lease there, and one for a workspace, by a lock on the folder
itself: that holds even where the store was deleted or put back from a copy.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import core
from core.runs.processes import machine
from core.runs.store import supervisor_lease
from core.runs.store.store import Store
from core.runs.store.supervisor_lease import SupervisorProcess
from core.runs.supervisor import hangs
from core.workspace import writing

with suppress(ModuleNotFoundError):  # Windows has none
    import fcntl

PROJECT = Path(core.__file__).resolve().parents[1]
_begun: dict[Path, subprocess.Popen[bytes]] = {}


def present(store: Store) -> SupervisorProcess | None:
    """The supervisor of this store, or None if there is none."""
    return supervisor_lease.holder(store)


def ensure(store: Store) -> None:
    """Start a supervisor if there is none. Two started at once settle it among themselves.

    Raises:
        WorkspaceError: If the workspace cannot be written.
        SettingsError: If the environment says after how long a worker hangs, and it is no time.
    """
    root = store.workspace.root
    begun = _begun.get(root)
    if present(store) or (begun is not None and begun.poll() is None):
        return
    hangs.HangDetector()  # it would end by what this refuses, and nobody be there to hear it
    with writing(root), (root / "supervisor.log").open("ab") as log:
        _begun[root] = process = subprocess.Popen(
            [sys.executable, "-m", "core.runs.supervisor"],
            cwd=PROJECT,
            env={**os.environ, "PATHDISTILL_HOME": str(root), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Collect it when it ends, or it would stay a zombie for as long as we live.
    threading.Thread(target=process.wait, name="wait-supervisor", daemon=True).start()


def end(store: Store, timeout: float = 30.0) -> bool:
    """Ask the supervisor to leave; runs go on without it. False if it is still there."""
    begun = _begun.pop(store.workspace.root, None)
    if begun is not None and begun.poll() is None:  # it may not hold the lease yet
        begun.terminate()
    deadline = time.monotonic() + timeout
    while (found := present(store)) is not None:
        if found.machine != machine() or time.monotonic() >= deadline:
            return False
        with suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
        time.sleep(0.05)
    return True


@contextmanager
def alone(root: Path) -> Iterator[bool]:
    """Whether this process is the only supervisor of a workspace folder, and stays so in the block.

    Where a system or a disk knows no such lock, the lease in the store alone tells.
    """
    folder = None
    try:
        folder = os.open(root, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_alone = True
    except BlockingIOError:
        is_alone = False
    except (OSError, NameError):
        is_alone = True
    try:
        yield is_alone
    finally:
        if folder is not None:
            os.close(folder)
