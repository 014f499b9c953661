"""Warm processes that answer, one request each at a time, and the bounded queue before them.

A request waits in one queue for whichever process is free. Where the queue is full it is refused at
once, so what waits never takes more memory, or longer, than was said; where its time is over, its
process is ended and a fresh one started, so that one question holds up no other. A process that
dies over a request is replaced, and the request tried once more. Between the two goes one line of
JSON each way.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.serving.refusals import Refused

LONGEST_LINE = 2**25
"""Bytes of an answer."""
START_SECONDS = 120.0
"""For a process to open its student."""
PAUSE_SECONDS = 2.0
"""Between two starts of a process that does not come up."""


COMMAND = (sys.executable, "-m", "core.serving.answerer")


class Died(Exception):
    """A process ended before it answered."""


@dataclass(eq=False)
class Asked:
    """A request that waits or is worked on."""

    recipe: str
    settings: Mapping[str, Any]
    until: float
    answer: asyncio.Future[dict[str, Any]]
    tries: int = 0
    began: float = field(default_factory=time.monotonic)


class Answerers:
    """Some processes that answer, and what waits for them.

    Args:
        student: Which each opens before its first request; None for none.
        home: The workspace.
        count: Processes.
        waiting: At most so many requests wait.
        seconds: A request's time, the wait for a free process included.
        started: Told whenever a process is started.
    """

    def __init__(
        self,
        student: str | None,
        home: Path,
        count: int,
        waiting: int,
        seconds: float,
        started: Callable[[], None] = lambda: None,
    ) -> None:
        self.count, self.seconds = count, seconds
        self._student, self._home, self._started = student, home, started
        self._queue: asyncio.Queue[Asked] = asyncio.Queue(waiting)
        self._tasks: list[asyncio.Task[None]] = []
        self._mean = 0.1  # seconds of an answer, a moving average
        self.ready = 0
        self.busy = 0

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._queue.qsize()

    def start(self) -> None:
        """Start the processes; they are ready as `ready` says."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self.count)]

    async def end(self) -> None:
        """End the processes, whatever they do."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, recipe: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The record that a recipe answers with.

        Raises:
            Refused: If too many wait already, its time is over, or the recipe refused.
        """
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        asked = Asked(recipe, settings, time.monotonic() + self.seconds, future)
        try:
            self._queue.put_nowait(asked)
        except asyncio.QueueFull:
            raise Refused(
                503,
                f"{self.waiting} requests wait already: ask again later.",
                "overloaded",
                self._wait(),
            ) from None
        try:
            return await asyncio.wait_for(future, self.seconds)
        except TimeoutError:
            sentence = f"No answer came within {self.seconds:g} seconds: ask again later."
            raise Refused(503, sentence, "timeout", self._wait()) from None

    def _wait(self) -> int:
        """Seconds until what waits now is answered, as far as can be told; at least 1."""
        return max(1, math.ceil((self.waiting + self.busy) * self._mean / self.count))

    async def _work(self) -> None:
        """Keep one process, and hand it one request after the other."""
        process: Process | None = None
        try:
            while True:
                process = process or await self._process()
                asked = await self._queue.get()
                if asked.answer.done():  # its time is over, or whoever asked has gone
                    continue
                self.busy += 1
                try:
                    await self._answer(process, asked)
                except (Died, TimeoutError):
                    self.ready -= 1
                    await process.end()
                    process = None
                finally:
                    self.busy -= 1
        finally:
            if process is not None:
                self.ready -= 1
                await process.end()

    async def _answer(self, process: Process, asked: Asked) -> None:
        began = time.monotonic()
        try:
            reply = await asyncio.wait_for(
                process.ask(asked.recipe, asked.settings), max(0.0, asked.until - began)
            )
        except Died:
            asked.tries += 1
            if asked.tries > 1 or self._queue.full():
                _settle(asked, Refused(500, "The process that answers died over it.", "died"))
            else:
                self._queue.put_nowait(asked)
            raise
        self._mean += 0.1 * (time.monotonic() - began - self._mean)
        if "result" in reply:
            if not asked.answer.done():
                asked.answer.set_result(reply["result"])
        else:
            _settle(asked, Refused.of(reply.get("kind"), str(reply.get("error"))))

    async def _process(self) -> Process:
        """A process that is ready; tried until there is one."""
        while True:
            self._started()
            process = await Process.start(self._student, self._home, self.count)
            try:
                await asyncio.wait_for(process.hear(), START_SECONDS)
            except (Died, TimeoutError):
                await process.end()
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            except asyncio.CancelledError:
                await process.end()
                raise
            self.ready += 1
            return process


class Process:
    """One process that answers; see `core.serving.answerer`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, student: str | None, home: Path, among: int) -> Process:
        """Start one of several, each with its share of the cores."""
        threads = str(max(1, (os.cpu_count() or 1) // among))
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *([student] if student else []),
            cwd=Path(__file__).parents[2],
            env={
                # As in a worker: threads that spin while they wait stall each other.
                "OMP_WAIT_POLICY": "PASSIVE",
                "OMP_NUM_THREADS": threads,
                **os.environ,
                "PATHDISTILL_HOME": str(home),
                "PYTHONUTF8": "1",
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # what is typed at the server's terminal does not reach it
        )
        return cls(process)

    async def ask(self, recipe: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Have a recipe run.

        Raises:
            Died: If it ends before it has answered.
        """
        line = json.dumps({"recipe": recipe, "settings": dict(settings)})
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{line}\n".encode())
            await self._process.stdin.drain()
        except OSError as error:
            raise Died from error
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        """The next line that it says.

        Raises:
            Died: If it says none any more.
        """
        assert self._process.stdout is not None
        try:
            line = await self._process.stdout.readline()
            reply: dict[str, Any] = json.loads(line)
        except (OSError, ValueError) as error:
            raise Died from error
        return reply

    async def end(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _settle(asked: Asked, refused: Refused) -> None:
    if not asked.answer.done():
        asked.answer.set_exception(refused)
