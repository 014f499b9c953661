"""Whether a process is alive: told by its number *and* its start, since numbers are used again."""

from __future__ import annotations

import psutil


def start_time(pid: int) -> float | None:
    """When a process began, in seconds since 1970, or None if there is none."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int | None, started: float | None) -> bool:
    """Whether the process `pid` that began at `started` still runs.

    A zombie, which has ended but was not yet collected by its parent, counts as dead.
    """
    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < 1
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
