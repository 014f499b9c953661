"""How much a server takes on."""

from __future__ import annotations

import os
from dataclasses import dataclass

LONGEST_REQUEST = 2**18


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of one server.

    Attributes:
        workers: Processes that answer; each holds the student.
        waiting: At most so many requests wait for one; further ones are refused.
        seconds: A request's time, its wait included.
        per_minute: Requests that a key, or an address where there are no keys, may send a minute.
        bytes: Of a request.
    """

    workers: int = 1
    waiting: int = 256
    seconds: float = 60.0
    per_minute: int = 6000
    bytes: int = LONGEST_REQUEST


def default_workers() -> int:
    """As many as this machine has cores, at most four: each takes the memory of a student."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, 4)
