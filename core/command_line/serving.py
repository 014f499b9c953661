"""The commands that let other programs ask: `serve` as a model, `mcp` as tools of an agent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.command_line.options import JSON
from core.command_line.output import print_json, say
from core.errors import SettingsError
from core.workspace import Workspace

if TYPE_CHECKING:
    import socket

    from core.serving.keys import Keys

# The web server is imported where a command needs it: `--help` does not.

HOST = typer.Option("127.0.0.1", help="Address to listen at; another one needs --key-file.")
PORT = typer.Option(8600, min=0, max=65535, help="Port to listen at; 0 takes a free one.")
KEYS = typer.Option(
    None, help="File with a key a line, readable by you alone: only who sends one is answered."
)
SECONDS = typer.Option(
    60.0, min=0.1, max=3600, help="Seconds that a request may take, its wait included."
)
RATE = typer.Option(
    6000, min=1, max=10_000_000, help="Requests a minute that each key, or address, may send."
)
WAITING = typer.Option(
    256, min=1, max=100_000, help="Requests that may wait; further ones come again later."
)


def serve(
    student: str = typer.Argument(..., help="The student."),
    host: str = HOST,
    port: int = PORT,
    key_file: Path | None = KEYS,
    workers: int | None = typer.Option(
        None,
        min=1,
        max=64,
        help="Processes that answer, each with the student in memory; by default as many as there "
        "are cores, at most four.",
    ),
    waiting: int = WAITING,
    seconds: float = SECONDS,
    rate: int = RATE,
    as_json: bool = JSON,
) -> None:
    """Let other programs ask a student, as they ask a model of OpenAI's."""
    from core.serving import server
    from core.serving.app import student_app
    from core.serving.limits import Limits, default_workers

    space, keys = Workspace(), _keys(key_file)
    server.check_open(host, keys)
    limits = Limits(
        workers=workers or default_workers(), waiting=waiting, seconds=seconds, per_minute=rate
    )
    app = student_app(space, student, limits, keys, host)
    with server.listen(host, port) as at:
        server.run(app, at, seconds, lambda: _told(at, student, "/v1", as_json))


def mcp(
    name: str = typer.Argument(..., help="A student, or else a graph."),
    http: bool = typer.Option(
        False, "--http", help="Over HTTP; else over standard input and output."
    ),
    host: str = HOST,
    port: int = PORT,
    key_file: Path | None = KEYS,
    workers: int = typer.Option(
        1, min=1, max=64, help="Processes that answer, each with the student in memory."
    ),
    waiting: int = WAITING,
    seconds: float = SECONDS,
    rate: int = RATE,
    as_json: bool = JSON,
) -> None:
    """Give an agent a graph, and its student, as tools: the Model Context Protocol (MCP)."""
    import anyio

    from core.serving import server
    from core.serving.agents import PATH, Agents
    from core.serving.limits import Limits

    if as_json and not http:
        raise SettingsError(
            "Without --http, standard output is what the agent reads: leave --json out."
        )
    keys = _keys(key_file)
    if http:
        server.check_open(host, keys)
    limits = Limits(workers=workers, waiting=waiting, seconds=seconds, per_minute=rate)
    agents = Agents(Workspace(), name, limits)
    if not http:
        anyio.run(agents.over_streams)
        return
    with server.listen(host, port) as at:
        app = agents.app(keys, host)
        server.run(app, at, seconds, lambda: _told(at, name, PATH, as_json))


def _keys(file: Path | None) -> Keys | None:
    from core.serving.keys import read_keys

    return None if file is None else read_keys(file)


def _told(at: socket.socket, name: str, path: str, as_json: bool) -> None:
    """Say where the server is."""
    host, port = at.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if as_json:
        print_json({"name": name, "url": f"{url}{path}"})
    say(f"{name} answers at {url}{path}; Ctrl-C ends it.")
