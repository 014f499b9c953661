"""Which process is meant: by machine, number *and* start, since numbers are used again.

Signals go by the same three, so that none meets a process that only has the number by now.
"""

from __future__ import annotations

import functools
import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import psutil

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@functools.cache
def machine() -> str:
    """This machine since it was last started, e.g. `node-7/3f1c8a52`."""
    boot = _BOOT.read_text(encoding="ascii") if _BOOT.exists() else f"{psutil.boot_time():.0f}"
    return f"{socket.gethostname()}/{boot[:8]}"


def start_time(pid: int) -> float | None:
    """When a process began, or None if there is none.

    In seconds since the machine started where the system tells them (Linux), so that setting the
    clock does not change it; in seconds since 1970 elsewhere.
    """
    status = Path(f"/proc/{pid}/stat")
    if _BOOT.exists():
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return int(fields[19]) / os.sysconf("SC_CLK_TCK")
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int | None, started: float | None) -> bool:
    """Whether the process `pid` of this machine that began at `started` still runs.

    A zombie, which has ended but was not yet collected by its parent, counts as dead.
    """
    if pid is None or started is None:
        return False
    now = start_time(pid)
    if now is None or abs(now - started) >= 0.5:
        return False
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_gone(there: str | None, pid: int | None, started: float | None) -> bool | None:
    """Whether a process of any machine has ended; None where this machine cannot tell."""
    if there == machine():
        return not is_alive(pid, started)
    host, _, _ = (there or "").partition("/")
    return True if host == machine().partition("/")[0] else None


def ask_to_end(there: str | None, pid: int | None, started: float | None) -> None:
    """Send SIGTERM to a worker of this machine; nothing happens where there is none."""
    if (leader := _leader(there, pid, started)) is not None:
        with suppress(ProcessLookupError):  # it may end in this very moment
            os.kill(leader, signal.SIGTERM)
            os.killpg(leader, signal.SIGCONT)  # one that was held up could not hear it


def kill_session(there: str | None, pid: int | None, started: float | None) -> None:
    """Kill a worker of this machine and all its children; nothing happens where there is none."""
    if (leader := _leader(there, pid, started)) is not None:
        with suppress(ProcessLookupError):  # it may end in this very moment
            os.killpg(leader, signal.SIGKILL)


def _leader(there: str | None, pid: int | None, started: float | None) -> int | None:
    """A process, if it lives here and leads a session as every worker of ours does.

    Whatever a row of the store may say, no signal goes to the first process of the system, to this
    one, or to a group that is not the worker's own: to the system group 1 means everybody.
    """
    if pid is None or pid <= 1 or pid == os.getpid() or there != machine():
        return None
    with suppress(ProcessLookupError):
        if is_alive(pid, started) and os.getsid(pid) == os.getpgid(pid) == pid:
            return pid
    return None
