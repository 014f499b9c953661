"""A process of its own for what others made: with little memory, little time, and no questions.

What a hostile file can do to its reader (take all memory, spin, crash) it does to that process, and
whoever asked hears one sentence. A module that reads so ends with

    if __name__ == "__main__":
        answer(read, memory=2**30, seconds=20)

and is asked by `ask("core.the_module", path)`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from core.drafts import scratch_folder
from core.errors import CallerError, FormatError
from core.messages import Message

PROJECT = Path(__file__).parents[1]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "MALLOC_ARENA_MAX")
"""Of each one is enough, and each more would count as memory."""

_LONGEST = 2**20
"""Bytes that are read of an answer or a log, from the end."""

_OUT_OF_TIME = (-signal.SIGALRM, -signal.SIGXCPU)
_OUT_OF_MEMORY = ("MemoryError", "bad_alloc", "memory allocation", "can't allocate memory")


class Unreadable(Exception):
    """A file is too much for its reader; the message is a reason, to be put into a sentence."""


def ask(module: str, argument: Path | str) -> Any:
    """What a module finds in a process of its own, as JSON.

    Raises:
        FormatError: If it refuses the file, saying why.
        Unreadable: If the process ends in any other way.
    """
    with scratch_folder() as scratch:
        found, log = scratch / "found", scratch / "log"
        with found.open("xb") as output, log.open("xb") as errors:
            ended = subprocess.run(
                [sys.executable, "-m", module, str(argument)],
                cwd=PROJECT,
                env={
                    **os.environ,
                    **dict.fromkeys(_THREADS, "1"),
                    "PYTHONUTF8": "1",
                    "TMPDIR": str(scratch),  # what a killed process leaves goes with it
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                check=False,
            )
        if ended.returncode:
            raise Unreadable(_reason(ended.returncode, _end_of(log)))
        answered = json.loads(_end_of(found))
    if "refused" in answered:
        raise FormatError(Message.from_record(answered["refused"]))
    return answered["found"]


def answer(read: Callable[[Path], Any], *, memory: int, seconds: int) -> None:
    """Answer who asked: what `read` finds at the path that is this process's argument.

    Args:
        read: Gives what JSON can hold, or raises a CallerError.
        memory: Bytes that it may take beside what this process has taken already.
        seconds: How long it may take.
    """
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may say what they like
    _limit(memory, seconds)
    try:
        said = {"found": read(Path(sys.argv[1]))}
    except CallerError as error:
        said = {"refused": error.message.as_record()}
    told.write(json.dumps(said))
    told.close()


def _limit(memory: int, seconds: int) -> None:
    taken = psutil.Process().memory_info().vms + memory
    spent = int(sum(os.times()[:2]))
    for kind, soft, hard in (
        (resource.RLIMIT_AS, taken, taken),
        (resource.RLIMIT_CPU, spent + seconds, spent + seconds + 5),  # the hard one has no name
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(kind, (soft, hard))
    signal.alarm(3 * seconds)  # by the clock: it may wait, and who asked may be gone


def _end_of(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST))
        return file.read().decode(errors="replace")


def _reason(code: int, log: str) -> Message:
    """Why a process ended, in few words; the log is not to be trusted."""
    if code in _OUT_OF_TIME:
        return Message("it takes too long to read")
    if any(words in log for words in _OUT_OF_MEMORY):
        return Message("it takes too much memory to read")
    if code < 0:
        return Message("reading it ends the process with {name}", name=signal.Signals(-code).name)
    lines = log.strip().splitlines()
    if not lines:
        return Message("no reason given")
    return Message(" ".join(lines[-1].split())[:200])
