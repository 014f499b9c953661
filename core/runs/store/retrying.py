"""Waiting for a store that cannot be written for a while: locked, read-only, its disk away.

A worker that gave up at once would throw away what it computes for something that passes. A full
disk is another matter: it stays full until a person comes, who has to be told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import WorkspaceError, WorkspaceGone
from core.runs.supervisor import diagnosis
from core.runs.supervisor.diagnosis import Cause

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5
GONE_SECONDS = 5.0
"""How long a store that was moved or deleted is waited for, in case it is put back."""

log = logging.getLogger("run")

Answer = TypeVar("Answer")


def retry_while_busy(ask: Callable[[], Answer]) -> Answer:
    """What `ask` gives, tried again for a minute while the store refuses.

    Raises:
        WorkspaceGone: If the store was moved or deleted, some seconds ago by now.
        WorkspaceError: If the disk is full, or the store still refuses then.
    """
    began = time.monotonic()
    while True:
        try:
            return ask()
        except WorkspaceError as error:
            full = diagnosis.of_error("WorkspaceError", str(error)) is Cause.DISK
            gone = isinstance(error, WorkspaceGone)
            if full or time.monotonic() - began > (GONE_SECONDS if gone else PATIENCE_SECONDS):
                raise
            log.warning("%s Trying again.", error)
            time.sleep(PAUSE_SECONDS)
