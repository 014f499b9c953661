"""Waiting that costs nothing: until a process ends, somebody rings, or the time is over.

    with Bell(root / "supervisor.bell") as bell:
        bell.wait(2.0, {(pid, process_started)})          the one who waits
    ring(root / "supervisor.bell")                        anybody who has something for him

A bell is a FIFO: whoever waits holds it open, whoever rings writes a byte, and where nobody waits
nothing happens. Processes are watched through the handles that Linux gives for them. Where a system
or a disk has none of these, the wait ends after a short while, so that the waiter looks himself;
nothing may depend on the bell but how soon.
"""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from collections.abc import Collection
from pathlib import Path

from core.runs.processes import start_time

LOOK_SECONDS = 0.25
"""How long a wait takes at most where the system tells nothing by itself."""

Process = tuple[int, float | None]
"""Number and start of a process of this machine."""


class Bell:
    """A place to wait at; one process at a time waits there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fifo: int | None = None
        self._handles: dict[Process, int | None] = {}  # None: it has ended, as was told before

    def __enter__(self) -> Bell:
        self._hang_up()
        return self

    def __exit__(self, *_: object) -> None:
        if self._fifo is not None:
            if _is_same(self._fifo, self._path):
                self._path.unlink(missing_ok=True)
            os.close(self._fifo)
            self._fifo = None
        self._forget(list(self._handles))

    def wait(self, seconds: float, processes: Collection[Process] = ()) -> None:
        """Wait until one of the processes ends, somebody rings, or so many seconds are over.

        A process whose end was told once is not told again.
        """
        if self._fifo is not None and not _is_same(self._fifo, self._path):
            os.close(self._fifo)  # someone has removed it, and rings elsewhere
            self._hang_up()
        self._forget([known for known in self._handles if known not in processes])
        try:
            if not self._watch(processes):
                return
        except OSError:  # this system has no handles for processes
            seconds = min(seconds, LOOK_SECONDS)
        if self._fifo is None:
            seconds = min(seconds, LOOK_SECONDS)
        self._listen(max(0.0, seconds))

    def ring(self) -> None:
        """End the wait of this very process; safe in a signal handler."""
        if self._fifo is not None:
            _strike(self._fifo)

    def _hang_up(self) -> None:
        self._fifo = None
        try:
            if not self._path.exists():
                os.mkfifo(self._path, 0o600)
            fifo = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        except (OSError, AttributeError):  # no FIFOs on this system or disk
            return
        if stat.S_ISFIFO(os.fstat(fifo).st_mode):
            self._fifo = fifo
        else:
            os.close(fifo)

    def _watch(self, processes: Collection[Process]) -> bool:
        """Get a handle for each process; False if one has ended already, which nobody knew yet."""
        for process in processes:
            if process in self._handles:
                continue
            pid, started = process
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                self._handles[process] = None
                return False
            except AttributeError as error:
                raise OSError(errno.ENOSYS, "no handles for processes") from error
            if start_time(pid) != started:  # the number is another one's by now
                os.close(handle)
                self._handles[process] = None
                return False
            self._handles[process] = handle
        return True

    def _listen(self, seconds: float) -> None:
        if not hasattr(select, "poll"):
            time.sleep(seconds)
            return
        listening = select.poll()
        by_handle = {handle: one for one, handle in self._handles.items() if handle is not None}
        for handle in [*by_handle, *([] if self._fifo is None else [self._fifo])]:
            listening.register(handle, select.POLLIN)
        for handle, _ in listening.poll(seconds * 1000):
            if handle == self._fifo:
                os.read(handle, 65536)
            else:
                os.close(handle)
                self._handles[by_handle[handle]] = None

    def _forget(self, processes: Collection[Process]) -> None:
        for process in processes:
            if (handle := self._handles.pop(process)) is not None:
                os.close(handle)


def ring(path: Path) -> None:
    """End the wait of whoever waits at this bell; nothing happens where nobody does."""
    try:
        fifo = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # no bell, or nobody at it
        return
    try:
        if stat.S_ISFIFO(os.fstat(fifo).st_mode):
            _strike(fifo)
    finally:
        os.close(fifo)


def _strike(fifo: int) -> None:
    try:
        os.write(fifo, b".")
    except BlockingIOError:  # it has rung more often than anybody could hear
        return
    except BrokenPipeError:  # whoever waited has left in this very moment
        return


def _is_same(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except OSError:
        return False
    mine = os.fstat(handle)
    return (there.st_dev, there.st_ino) == (mine.st_dev, mine.st_ino)
