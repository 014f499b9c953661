"""Whether the supervisor is there, and how to have one: for whoever queues or watches runs.

ensure(store)        start it if it is absent; it leaves by itself when there is nothing to do

There is one for a store, by its row there, and one for a workspace, by a lock on the folder itself:
that holds even where the store was deleted or put back from a copy.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

import core
from core.runs.processes import is_gone, machine, start_time
from core.runs.store.store import Store
from core.runs.store.tables import supervisors
from core.runs.supervisor import hangs
from core.workspace import writing

with suppress(ModuleNotFoundError):  # Windows has none
    import fcntl

PROJECT = Path(core.__file__).resolve().parents[1]
SILENT_SECONDS = 30.0
"""A supervisor on another machine counts as absent after so long without a heartbeat."""
PLACE = "main"

_HOLDER = select(*(column for column in supervisors.c if column.name != "place"))
_BEAT = update(supervisors).where(supervisors.c.token == bindparam("mine"))

_begun: dict[Path, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True, slots=True)
class SupervisorProcess:
    """The process that starts runs and looks after them; times are seconds since 1970."""

    token: str
    machine: str
    pid: int
    process_started: float | None
    started: float
    heartbeat: float

    @property
    def is_gone(self) -> bool:
        """Whether it has ended without taking its leave."""
        gone = is_gone(self.machine, self.pid, self.process_started)
        return time.time() - self.heartbeat > SILENT_SECONDS if gone is None else gone


def present(store: Store) -> SupervisorProcess | None:
    """The supervisor of this store, or None if there is none."""
    with store.database.reading() as connection:
        row = connection.execute(_HOLDER).first()
    found = SupervisorProcess(**row._mapping) if row is not None else None
    return None if found is None or found.is_gone else found


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
    if begun is not None and begun.poll() is None:  # it may not have taken its place yet
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

    Where a system or a disk knows no such lock, the row in the store alone tells.
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


def acquire_lease(store: Store) -> str | None:
    """Become the supervisor; gives a token to prove it by, or None if there is one already."""
    if present(store):
        return None
    token = uuid.uuid4().hex
    now, pid = time.time(), os.getpid()
    mine = {"place": PLACE, "token": token, "machine": machine(), "pid": pid}
    mine |= {"process_started": start_time(pid), "started": now, "heartbeat": now}
    try:
        with store.database.writing() as connection:
            row = connection.execute(_HOLDER).first()
            if row is not None:
                held = SupervisorProcess(**row._mapping)
                if not held.is_gone:
                    return None
                connection.execute(delete(supervisors).where(supervisors.c.token == held.token))
            connection.execute(insert(supervisors).values(**mine))
    except IntegrityError:  # another was quicker
        return None
    return token


def renew_lease(store: Store, token: str) -> bool:
    """Beat; False if somebody else holds the place by now."""
    with store.database.writing() as connection:
        beat = {"mine": token, "heartbeat": time.time()}
        return connection.execute(_BEAT, beat).rowcount == 1


def release_lease(store: Store, token: str) -> None:
    """Let another take the place."""
    with store.database.writing() as connection:
        connection.execute(delete(supervisors).where(supervisors.c.token == token))
