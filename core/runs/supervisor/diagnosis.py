"""What happened to a run that did not end well, and what may help.

A worker that ends by an error says which. One that vanished left a process that is gone: its exit
code (where its parent still lives), the system's count of processes ended for want of memory, and
the end of its log tell why. Only what comes from outside (killed, machine), or may have been bad
luck (hung), is worth trying again just so; anything else would happen again.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import reduce
from pathlib import Path
from typing import Any

from core import errors
from core.messages import Message
from core.pretrained.presets import BUILT


class Cause(StrEnum):
    """What kind of thing went wrong."""

    MEMORY = "memory"
    MEMORY_LIMIT = "memory_limit"
    GPU_MEMORY = "gpu_memory"
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


MEMORIES = (Cause.MEMORY, Cause.MEMORY_LIMIT, Cause.GPU_MEMORY)

SENTENCES = {
    Cause.DISK: Message("The disk is full: free some space, then resume."),
    Cause.KILLED: Message(
        "The process was killed from outside: resume to go on from the last checkpoint."
    ),
    Cause.MACHINE: Message("The machine went away: resume to go on from the last checkpoint."),
    Cause.HUNG: Message(
        "The process lived and did not respond, so it was ended, again and again; the end of its "
        "log may say what it waited for: resume to go on from the last checkpoint."
    ),
    Cause.CRASH: Message(
        "The process crashed; the end of its log says where: resume, and report it if it happens "
        "again."
    ),
}

# Of torch and its libraries, of Python, of the loader of shared objects, of threads' stacks.
_GPU_MEMORY = re.compile(
    r"(CUDA|HIP|MPS backend)( error:)? out of memory|GPU ran out of memory|"
    r"(CUBLAS|CUDNN|CUSOLVER|CUSPARSE)_STATUS_ALLOC_FAILED|NCCL.*out of memory|cuda\.OutOfMemory",
    re.I,
)
_MEMORY = re.compile(
    r"MemoryError|out of memory|(Cannot|can't|not enough memory: you tried to) allocate|"
    r"Unable to allocate|Memory allocation (still )?failed|std::bad_alloc|mmap failed|"
    r"failed to map segment from shared object|can't start new thread|"
    r"(pthread_create|Thread creation) failed|\[Errno 12\]",
    re.I,
)
# What is left of an allocation that failed in C, where nobody thought that it could.
_UNDER_A_LIMIT = re.compile(r"error return without exception set|NULL without setting an exception")
_DISK = re.compile(r"No space left on device|disk is full|Disk quota exceeded", re.I)
_CRASHES = {-number for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL)}
_VMSTAT = Path("/proc/vmstat")
_GROUPS = Path("/proc/self/cgroup")
_GROUP_ROOT = Path("/sys/fs/cgroup")

TERMINATED = 128 + signal.SIGTERM
"""The exit code of a worker that ended at a safe point because the system, and no person, asked."""


def of_error(kind: str, message: str) -> Cause:
    """The cause of an error that ended a run, by the name of its class and its sentence."""
    if _DISK.search(message):
        return Cause.DISK
    if memory := _memory(message):
        return memory
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
    if memory := _memory(log_end):
        return memory
    if _DISK.search(log_end) or (disk_is_full and exit_code in (None, 1)):
        return Cause.DISK
    if exit_code in _CRASHES or "Fatal Python error" in log_end:
        return Cause.CRASH
    if exit_code is None or exit_code < 0 or exit_code == TERMINATED:
        return Cause.KILLED
    return Cause.UNEXPECTED


def _memory(text: str) -> Cause | None:
    """Which memory a text says has ended; None if it speaks of none."""
    if _GPU_MEMORY.search(text):
        return Cause.GPU_MEMORY
    limited = _address_limit() is not None
    if _MEMORY.search(text) or (limited and _UNDER_A_LIMIT.search(text)):
        return Cause.MEMORY_LIMIT if limited else Cause.MEMORY
    return None


def _address_limit() -> int | None:
    """How many bytes a process may address here, which those it starts inherit; None: no limit."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows knows no such limit
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def memory_kills() -> int:
    """How many processes were ended for want of memory: in this control group, or on the system.

    The group counts its own alone, whoever ended them; the system counts those of everybody.
    """
    for place in (*_group_counts(), _VMSTAT):
        try:
            found = re.search(r"^oom_kill (\d+)$", place.read_text(encoding="ascii"), re.M)
        except OSError:
            continue
        if found:
            return int(found[1])
    return 0


def _group_counts() -> Iterator[Path]:
    """Where the control group of this process may count, in either version of them."""
    try:
        lines = _GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for number, controllers, group in (line.split(":", 2) for line in lines if line.count(":") > 1):
        inside = group.lstrip("/")
        if number == "0":
            yield _GROUP_ROOT / inside / "memory.events"
        elif "memory" in controllers.split(","):
            yield _GROUP_ROOT / "memory" / inside / "memory.oom_control"
            yield _GROUP_ROOT / "memory" / "memory.oom_control"  # as a container sees its own


def sentence(cause: Cause, settings: Mapping[str, Any]) -> Message | None:
    """What happened and what may help, for a person; None where the cause says too little.

    Of the settings only those are named that the run has and that are not used up.
    """
    if cause not in MEMORIES:
        return SENTENCES.get(cause)
    ways = []
    if settings.get("batch_size", 1) > 1:
        ways.append(Message("a smaller batch size"))
    if settings.get("gradient_checkpointing") is False:
        ways.append(Message("gradient checkpointing"))
    if settings.get("lora_rank") == 0 and settings.get("student") not in BUILT:
        ways.append(Message("LoRA (a new run with lora_rank=8)"))
    if cause is Cause.GPU_MEMORY:
        said = Message("The GPU ran out of memory: end what else computes on it")
    elif cause is Cause.MEMORY_LIMIT and (limit := _address_limit()) is not None:
        said = Message(
            "The process ran out of memory, of which it may have {most:.0f} MB (ulimit -v): raise "
            "that",
            most=limit / 2**20,
        )
    else:
        said = Message("The process ran out of memory: end other programs")
    if not ways:
        return Message("{advice}.", advice=said)
    smaller = reduce(lambda one, other: Message("{one}, {other}", one=one, other=other), ways)
    return Message("{advice}, or try {ways}.", advice=said, ways=smaller)


def fix(cause: str | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of settings that make a second try promising; empty where none are known."""
    if cause not in MEMORIES:
        return {}
    half = settings.get("batch_size", 1) // 2
    if half and half % settings.get("processes", 1) == 0:
        return {"batch_size": half}
    return (
        {"gradient_checkpointing": True} if settings.get("gradient_checkpointing") is False else {}
    )
