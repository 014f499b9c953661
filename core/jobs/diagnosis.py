"""What happened to a run that did not end well, and what may help.

A worker that ends by an error says which. One that vanished left a process that is gone: its exit
code (where its parent still lives), the system's count of processes ended for want of memory, and
the end of its log tell why. Only what comes from outside (killed, machine) is worth trying again
just so; anything else would happen again.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from core import errors


class Cause(StrEnum):
    """What kind of thing went wrong."""

    MEMORY = "memory"
    DISK = "disk"
    INPUT = "input"
    KILLED = "killed"
    MACHINE = "machine"
    HUNG = "hung"
    CRASH = "crash"
    UNEXPECTED = "unexpected"
    DEPENDENCY = "dependency"

    @property
    def is_transient(self) -> bool:
        """Whether the same run may well succeed when it is just tried again."""
        return self in (Cause.KILLED, Cause.MACHINE, Cause.HUNG)


SENTENCES = {
    Cause.MEMORY: "The process ran out of memory: free some, or resume with a smaller batch size.",
    Cause.DISK: "The disk is full: free some space, then resume.",
    Cause.KILLED: "The process was killed from outside: resume to go on from the last checkpoint.",
    Cause.MACHINE: "The machine went away: resume to go on from the last checkpoint.",
    Cause.HUNG: "The process lived and did not respond, so it was ended, again and again; the end "
    "of its log may say what it waited for: resume to go on from the last checkpoint.",
    Cause.CRASH: "The process crashed; the end of its log says where: resume, and report it if it "
    "happens again.",
}

_MEMORY = re.compile(r"MemoryError|out of memory|Cannot allocate memory|std::bad_alloc", re.I)
_DISK = re.compile(r"No space left on device|disk is full|Disk quota exceeded", re.I)
_CRASHES = {-number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL)}
_VMSTAT = Path("/proc/vmstat")

TERMINATED = 128 + signal.SIGTERM
"""The exit code of a worker that ended at a safe point because the system, and no person, asked."""


def of_error(kind: str, message: str) -> Cause:
    """The cause of an error that ended a run, by the name of its class and its sentence."""
    if _DISK.search(message):
        return Cause.DISK
    if _MEMORY.search(message):
        return Cause.MEMORY
    known = getattr(errors, kind, None)
    mendable = isinstance(known, type) and issubclass(known, errors.CallerError)
    return Cause.INPUT if mendable else Cause.UNEXPECTED


def of_death(
    exit_code: int | None, log_end: str, memory_kills: int, disk_is_full: bool = False
) -> Cause:
    """The cause of a death without a word.

    Args:
        exit_code: Of the process, minus the signal that ended it; None where nobody knows.
        log_end: The last lines of its log, of this attempt alone.
        memory_kills: Processes that the system ended for want of memory in the meantime.
        disk_is_full: Whether it is now; a log on it may lack its last words.
    """
    if exit_code in (None, -signal.SIGKILL) and memory_kills > 0:
        return Cause.MEMORY
    if _MEMORY.search(log_end):
        return Cause.MEMORY
    if _DISK.search(log_end) or (disk_is_full and exit_code in (None, 1)):
        return Cause.DISK
    if exit_code in _CRASHES or "Fatal Python error" in log_end:
        return Cause.CRASH
    if exit_code is None or exit_code < 0 or exit_code == TERMINATED:
        return Cause.KILLED
    return Cause.UNEXPECTED


def memory_kills() -> int:
    """How many processes the system has ended for want of memory since it started."""
    if not _VMSTAT.exists():
        return 0
    found = re.search(r"^oom_kill (\d+)$", _VMSTAT.read_text(encoding="ascii"), re.M)
    return int(found[1]) if found else 0


def fix(cause: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of settings that make a second try promising; empty where none are known."""
    if cause == Cause.MEMORY and settings.get("batch_size", 1) > 1:
        return {"batch_size": settings["batch_size"] // 2}
    return {}
