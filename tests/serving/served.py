"""A server in a thread of this process, its student stood in for."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvicorn
from stand_ins import results

from core.catalogue import BY_RECIPE
from core.serving import app, server
from core.serving.limits import Limits
from core.settings import checked
from core.workspace import Workspace, write_json

PATIENCE = 20.0
STUDENT = "demo-student"


@dataclass
class SaidAtOnce:
    """Answerers that need no process: each question is answered by what `say` makes of it.

    Attributes:
        asked: Recipe and settings of each request, checked as the recipe checks them.
        dropped: Questions whose asker left before the answer.
    """

    say: object = None
    ready: int = 1
    waiting: int = 0
    busy: int = 0
    asked: list = field(default_factory=list)
    dropped: list = field(default_factory=list)

    def start(self):
        """Nothing is to be started."""

    async def end(self):
        """Nor ended."""

    async def ask(self, recipe, values):
        settings = checked(BY_RECIPE[recipe].settings, values)
        self.asked.append((recipe, settings))
        try:
            if self.say is not None:
                return await self.say(recipe, settings)
        except asyncio.CancelledError:
            self.dropped.append(settings.question)
            raise
        made = results.answer if recipe == "answer_question" else results.trace
        return made(settings.question).as_record()


def with_student(workspace, graph):
    """A workspace with the family and the card of a student of it."""
    with workspace.publish("graphs", "family") as folder:
        graph.save(folder)
    with workspace.publish("students", STUDENT) as folder:
        write_json(folder / "card.json", {"name": STUDENT, "teacher": "t", "graph": "family"})
    return workspace


@contextmanager
def served(made):
    """Any app at a free port of this machine, in a thread; gives its URL."""
    at = server.listen("127.0.0.1", 0)
    running = uvicorn.Server(server.config(made, 1))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [at]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + PATIENCE
        while not running.started and time.monotonic() < deadline:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{at.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join(PATIENCE)
        at.close()


@contextmanager
def student_served(monkeypatch, workspace: Workspace, answerers: SaidAtOnce, **given):
    """A student's app, served; `given` are its limits and keys."""
    monkeypatch.setattr(app, "Answerers", lambda *_, **__: answerers)
    keys, host = given.pop("keys", None), "127.0.0.1"
    with served(app.student_app(workspace, STUDENT, Limits(**given), keys, host)) as url:
        yield url


WEB = httpx2.Client(verify=False, timeout=PATIENCE)
"""For requests of no client in particular; it opens no certificates, which takes its time."""


def port_of(url):
    return int(url.rpartition(":")[2])


def raw(url, sent: bytes, then: float = PATIENCE) -> bytes:
    """All that a server says to some bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port_of(url)), timeout=then) as connection:
        connection.sendall(sent)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    return said


def await_(holds, what: str):
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def written(folder: Path, *keys: str, mode: int = 0o600) -> Path:
    """A file of keys."""
    path = folder / "keys"
    path.write_text("# who\n\n" + "\n".join(keys) + "\n", encoding="utf-8")
    path.chmod(mode)
    return path
