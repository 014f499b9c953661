"""Runs as processes on this machine.

A worker is a fresh interpreter in a session of its own: it outlives the page or terminal that asked
for it, and the supervisor that started it, and nothing typed there reaches it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

from core.errors import WorkspaceError
from core.roots import make_folder
from core.runs import processes, run_folder
from core.runs.processes import start_time
from core.runs.run import Run
from core.runs.store.devices import environment
from core.runs.store.store import Store
from core.runs.supervisor import presence
from core.workspace import writing


def check(store: Store) -> None:
    """Nothing is missing: a worker needs what this process has."""


def launch(store: Store, run: Run, held: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start the process of a run that is `starting`, on the devices that it holds.

    Raises:
        WorkspaceError: If the process cannot be started or its log not be written.
    """
    path = run_folder.log_path(store, run.id)
    with writing(path.parent):
        make_folder(path.parent)
        with path.open("ab") as log:
            if run.attempt > 1:
                log.write(f"{run_folder.attempt_mark(run.attempt)}\n".encode())
                log.flush()
            process = _start(store, run, log.fileno(), held)
    with suppress(WorkspaceError):  # a store that is away: the worker names itself when it begins
        store.name_process(run.id, process.pid, start_time(process.pid))
    return process


def has_ended(run: Run) -> bool:
    """Whether a run without a process never gets one: whoever was to start it is no more."""
    return run.pid is None


def end(run: Run) -> None:
    """Kill the process of a run, if it lives here, and all its children."""
    processes.kill_session(run.machine, run.pid, run.process_started)


def _start(store: Store, run: Run, log_file: int, held: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.runs.worker", run.id, str(run.attempt)],
        cwd=presence.PROJECT,
        env={
            # Threads that spin while they wait stall each other where a worker shares its cores.
            "OMP_WAIT_POLICY": "PASSIVE",
            **os.environ,
            **environment(held),
            "PATHDISTILL_HOME": str(store.workspace.root),
            "PYTHONUNBUFFERED": "1",
            "PYTHONUTF8": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=log_file,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
