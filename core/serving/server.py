"""A server that listens until it is asked to end, and then answers what it has."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import Any

import uvicorn

from core.addresses import is_loopback
from core.errors import SettingsError
from core.serving.connection import HEAD_SECONDS, Connection
from core.serving.keys import Keys

MOST_CONNECTIONS = 1000


def check_open(host: str, keys: Keys | None) -> None:
    """Refuse to serve other machines without keys.

    Raises:
        SettingsError: If that was asked for.
    """
    if keys is None and not is_loopback(host):
        raise SettingsError(
            "Whoever reaches {host!r} could ask: give --key-file with a key for each who may.",
            host=host,
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        SettingsError: If the port is taken, or the address is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=MOST_CONNECTIONS)
    except (OSError, OverflowError) as error:
        raise SettingsError(
            "Nothing can listen at {host}:{port} ({reason}): choose another --port or --host.",
            host=host,
            port=port,
            reason=getattr(error, "strerror", None) or error,
        ) from error


def run(app: Any, at: socket.socket, seconds: float, ready: Callable[[], None]) -> None:
    """Serve an app until SIGTERM or Ctrl-C; what was asked before is still answered.

    Args:
        app: The app.
        at: Where it listens.
        seconds: How long what was asked before may take.
        ready: Told once it listens.
    """
    # The signal that ends the server is raised once more after its end: by then all is well.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        _Server(config(app, seconds), ready).run(sockets=[at])
    finally:
        signal.signal(signal.SIGTERM, before)


def config(app: Any, seconds: float) -> uvicorn.Config:
    """How uvicorn serves an app: with bounds on connections, heads of requests, and its end."""
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=2**15,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=int(HEAD_SECONDS),
        timeout_graceful_shutdown=max(1, int(seconds)),
    )


class _Server(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()
