"""The real server as a process of its own, and what a stranger or a visitor asks it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

ROOT = Path(__file__).parents[2]
PATIENCE = 90  # seconds; only ever reached by a failing test


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Server:
    """A running server, and a browser at it that keeps its cookies and follows nothing."""

    port: int
    log: Path
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request, its path sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Origin": self.url, **{name.replace("_", "-"): v for name, v in headers.items()}}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
            got = connection.getresponse()
            answer = Answer(got.status, got.msg, got.read())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("set-cookie", []):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def sign_in(self, password: str) -> Answer:
        form = urllib.parse.urlencode({"password": password, "to": "/"}).encode()
        kind = "application/x-www-form-urlencoded"
        return self.ask("POST", "/login", form, Content_Type=kind)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve(
    home: Path, *flags: str, script: str = "app.py", env: dict[str, str] | None = None
) -> Iterator[Server]:
    """The server on a free port, ready to answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = home.with_name(f"{home.name}.log")
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", *flags]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--server.headless=true"],
            cwd=ROOT,
            env={**os.environ, "PATHDISTILL_HOME": str(home), **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, log)
    try:
        _await(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers anything at all: without a login its health is nobody's business."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            server.ask("GET", "/_stcore/health")
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{server.said()}")


def stream(server: Server, **headers: str | None) -> ClientConnection:
    """The server's WebSocket, opened as a browser opens it."""
    cookies = "; ".join(f"{name}={value}" for name, value in server.cookies.items())
    return connect(
        f"ws://127.0.0.1:{server.port}/_stcore/stream",
        origin=headers.pop("origin", server.url),
        additional_headers={"Cookie": cookies, **headers},
        subprotocols=[Subprotocol("streamlit")],
    )


ROUTES = """
import json, sys
import app
found = []
for route in app.app._build_starlette_app().routes:
    kind = type(route).__name__
    found.append([kind, getattr(route, "path", ""), sorted(getattr(route, "methods", None) or [])])
sys.stdout.write("ROUTES " + json.dumps(found))
"""


def routes(home: Path) -> list[tuple[str, str, list[str]]]:
    """Kind, path and methods of every route that the server really has."""
    done = subprocess.run(
        [sys.executable, "-c", ROUTES],
        cwd=ROOT,
        env={**os.environ, "PATHDISTILL_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(one) for one in json.loads(done.stdout.partition("ROUTES ")[2])]
