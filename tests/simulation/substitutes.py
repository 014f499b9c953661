"""What the code of `core.runs` finds in place of the system: clocks, processes, threads and dice.

`installed` changes the names in the modules themselves, by what they stand for: whoever has
imported `time` or `is_alive` finds the world's. Whatever is not replaced is the real thing.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import types
import uuid
from collections.abc import Callable, Collection, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.runs import processes
from core.runs.backends import ray
from core.runs.supervisor import diagnosis, hangs, presence, wakeup
from core.runs.worker import ranks
from tests.simulation.world import EPOCH, Process, Thread, World

_world: World | None = None
"""The world of the schedule that runs now."""


def world() -> World:
    """The world of the schedule that runs now."""
    assert _world is not None
    return _world


def enter(new: World | None) -> None:
    """Let everything that is replaced mean this world."""
    global _world
    _world = new


class _Module:
    """A module with some of its names replaced."""

    def __init__(self, real: types.ModuleType, **own: Any) -> None:
        self.__dict__.update(own)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


# --- clocks ---------------------------------------------------------------------------------


def wall_clock() -> float:
    """Seconds since 1970, as the machine believes."""
    there = world()
    return EPOCH + there.now + (there.process.machine.ahead if there.current else 0.0)


class _DateTime(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(wall_clock(), tz or datetime.UTC)


# --- processes ------------------------------------------------------------------------------


class _Popen:
    """A process as its parent holds it; what it does follows from its command."""

    def __init__(self, command: list[str], **_: object) -> None:
        there = world()
        there.border(f"start {' '.join(command[2:])}")
        name, main = there.programs(command[2:])
        delay = there.dice.expovariate(1 / there.start_seconds)
        me = there.process
        self._process = there.start(name, main, me.machine, parent=me, delay=delay)
        self.pid = self._process.pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and not self._process.is_alive:
            self._process.collected = True
            self.returncode = self._process.exit_code
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self._process.is_alive:
            world().block(self._process.waiting, timeout=timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            world().kill(self._process, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _find(pid: int) -> Process | None:
    found = world().process.machine.processes.get(pid)
    return None if found is None or found.collected else found


def _kill(pid: int, number: int) -> None:
    found = _find(pid)
    if found is None:
        raise ProcessLookupError
    if found.is_alive:
        world().kill(found, number)
        if not world().process.is_alive:
            world().give_up()


def _start_time(pid: int) -> float | None:
    found = _find(pid)
    return None if found is None else found.started


def _is_alive(pid: int | None, started: float | None) -> bool:
    found = None if pid is None or started is None else _find(pid)
    return found is not None and abs(found.started - started) < 0.5 and found.is_alive


def _handle(number: int, handler: Any) -> None:
    world().process.handlers[number] = handler


class _PerProcess(MutableMapping[Any, Any]):
    """A dictionary that would be global in a process, and is one of its own in each."""

    def _own(self) -> dict[Any, Any]:
        found: dict[Any, Any] = world().process.own.setdefault("begun", {})
        return found

    def __getitem__(self, key: Any) -> Any:
        return self._own()[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._own()[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._own()[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._own())

    def __len__(self) -> int:
        return len(self._own())


# --- threads --------------------------------------------------------------------------------


class _Lock:
    def __init__(self) -> None:
        self._held = False
        self._waiting: list[Thread] = []

    def __enter__(self) -> None:
        while self._held:
            world().block(self._waiting)
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False
        if self._waiting:
            world().wake(self._waiting)


class _Event:
    def __init__(self) -> None:
        self._set = False
        self._waiting: list[Thread] = []

    def set(self) -> None:
        self._set = True
        world().wake(self._waiting)

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            world().block(self._waiting, timeout=timeout)
        return self._set


class _Thread:
    def __init__(
        self, target: Callable[..., Any], args: tuple[Any, ...] = (), name: str = "", **_: object
    ) -> None:
        self._body = lambda: target(*args)
        self._thread: Thread | None = None

    def start(self) -> None:
        self._thread = world().start_thread(world().process, self._body)

    def is_alive(self) -> bool:
        return self._thread is not None and not self._thread.over

    def join(self, timeout: float | None = None) -> None:
        if self._thread is not None and not self._thread.over:
            world().block(self._thread.waiting, timeout=timeout)


# --- waiting --------------------------------------------------------------------------------


class _Bell:
    """A bell that lives in the process that waits at it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._owner = world().process
        self._waiting: list[Thread] = []
        self._rung = False
        self._told: set[tuple[int, float | None]] = set()

    def __enter__(self) -> _Bell:
        world().bells[self._path] = self
        return self

    def __exit__(self, *_: object) -> None:
        world().bells.pop(self._path, None)

    def wait(self, seconds: float, processes: Collection[tuple[int, float | None]] = ()) -> None:
        lines = []
        for pid, started in sorted(set(processes) - self._told):
            found = _find(pid)
            if found is None or found.started != started or not found.is_alive:
                self._told.add((pid, started))
                self._rung = True
            else:
                lines.append(found.waiting)
        if not self._rung:
            world().block(self._waiting, *lines, timeout=max(0.0, seconds))
        self._rung = False

    def ring(self) -> None:
        if self._waiting:
            world().wake(self._waiting)
        else:
            self._rung = True


def _ring(path: Path) -> None:
    bell = world().bells.get(path)
    if bell is not None and bell._owner.is_alive and bell._owner.machine is world().process.machine:
        bell.ring()


@contextmanager
def _alone(root: Path) -> Iterator[bool]:
    there = world()
    place, me = (there.process.machine.name, root), there.process
    holder = there.locks.get(place)
    is_alone = holder is None or not holder.is_alive
    if is_alone:
        there.locks[place] = me
    try:
        yield is_alone
    finally:
        if there.locks.get(place) is me:
            del there.locks[place]


# --- the rest -------------------------------------------------------------------------------


def _choice(values: Any) -> Any:
    return world().dice.choice(values)


def _uuid4() -> uuid.UUID:
    return uuid.UUID(int=world().dice.getrandbits(128))


def _disk_usage(_: object) -> Any:
    # Too little for the reserve, which would be megabytes to write in each schedule.
    free = 0 if world().trouble == "full" else 32 * 2**20
    return types.SimpleNamespace(total=2**40, used=0, free=free)


@contextmanager
def _no_other_ranks(*_: object) -> Iterator[list[Any]]:
    yield []


def _replacements() -> list[tuple[Any, Any]]:
    environment = {"CUDA_VISIBLE_DEVICES": "0,1", hangs.HUNG: "25"}
    return [
        (
            time,
            _Module(
                time,
                time=wall_clock,
                monotonic=lambda: world().now + 1000.0,
                sleep=lambda seconds: world().sleep(seconds),
            ),
        ),
        (
            os,
            _Module(
                os,
                getpid=lambda: world().process.pid,
                kill=_kill,
                killpg=_kill,
                getsid=lambda pid: pid,  # each process leads a session of its own
                getpgid=lambda pid: pid,
                cpu_count=lambda: 4,
                environ=environment,
            ),
        ),
        (signal, _Module(signal, signal=_handle)),
        (subprocess, _Module(subprocess, Popen=_Popen)),
        (threading, _Module(threading, Thread=_Thread, Event=_Event, Lock=_Lock)),
        (secrets, _Module(secrets, choice=_choice)),
        (uuid, _Module(uuid, uuid4=_uuid4)),
        (shutil, _Module(shutil, disk_usage=_disk_usage)),
        (datetime.datetime, _DateTime),
        (processes.machine, lambda: world().process.machine.name),
        (processes.start_time, _start_time),
        (processes.is_alive, _is_alive),
        (diagnosis.memory_kills, lambda: world().process.machine.memory_kills),
        (ranks.others, _no_other_ranks),
        (wakeup.Bell, _Bell),
        (wakeup.ring, _ring),
        (presence.alone, _alone),
        (presence._begun, _PerProcess()),
        (ray.is_wanted, lambda: world().cluster.is_wanted()),
        (ray.check, lambda store: None),
        (ray.launch, lambda store, run, held=(): world().cluster.launch(run)),
        (ray.has_ended, lambda run: world().cluster.has_ended(run)),
        (ray.end, lambda run: world().cluster.end(run)),
    ]


@contextmanager
def installed() -> Iterator[None]:
    """Replace the names in the modules of `core.runs` and the workspace; put them back after."""
    replacements = {id(real): new for real, new in _replacements()}
    undo: list[tuple[dict[str, Any], str, Any]] = []
    for name, module in sorted(sys.modules.items()):
        if name.startswith("core.runs") or name == "core.workspace":
            names = vars(module)
            for key, value in list(names.items()):
                if id(value) in replacements and not key.startswith("__"):
                    undo.append((names, key, value))
                    names[key] = replacements[id(value)]
    try:
        yield
    finally:
        for names, key, value in undo:
            names[key] = value
