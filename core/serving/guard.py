"""What every request passes first: its host, its key, how often, how large, how slow, and in what.

Whoever may not pass is told so in one sentence, before anything of the request is read further.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.serving.keys import Keys
from core.serving.limits import Limits
from core.serving.rates import Rates
from core.serving.refusals import Refused

OPEN = ("/health", "/docs", "/openapi.json")
"""Paths that say nothing of any graph, and take no key."""

BODY_SECONDS = 10.0
"""For the whole of a request to come."""

HERE = ("localhost", "127.0.0.1", "[::1]")
"""Names of this machine alone."""

Told = Callable[[str, int, float], None]
"""Path, status and seconds of a request that was answered."""


class Guard:
    """Lets a request through to an app, or says why not.

    Args:
        app: What is guarded.
        keys: Who may come in; None for whoever reaches this server, which then goes by the names
            of its own machine alone.
        rates: How often.
        longest: Bytes of a request.
        told: Told of each request that was answered.
        hosts: Names by which the server goes; empty for any.
    """

    def __init__(
        self,
        app: ASGIApp,
        keys: Keys | None,
        rates: Rates,
        longest: int,
        told: Told,
        hosts: Sequence[str] = (),
    ) -> None:
        self._app, self._keys, self._rates, self._longest = app, keys, rates, longest
        self._told, self._hosts = told, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def send_noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            self._admit(scope)
            heard = receive
            if scope["method"] in ("POST", "PUT", "PATCH"):
                heard = _again(await self._body(scope, receive), receive)
            await self._app(scope, heard, send_noted)
        except Refused as refused:
            await answer_to(refused)(scope, receive, send_noted)
        except Gone:
            status = 0  # nobody is there to be told
        except Exception:
            status = 500
            raise
        finally:
            self._told(scope["path"], status, time.monotonic() - began)

    def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if self._hosts and _name(headers.get("host", "")) not in self._hosts:
            raise Refused(421, "This server does not go by that name.", "wrong_host")
        if scope["path"] in OPEN:
            return
        client: int | str = scope["client"][0] if scope.get("client") else ""
        if self._keys is not None:
            kind, _, key = headers.get("authorization", "").partition(" ")
            holder = self._keys.holder(key.strip()) if kind.lower() == "bearer" else None
            if holder is None:
                sentence = "A key is missing or wrong: send one as `Authorization: Bearer KEY`."
                raise Refused(401, sentence, "invalid_api_key")
            client = holder
        if seconds := self._rates.wait(client):
            sentence = f"More than {self._rates.per_minute} requests a minute: ask again later."
            raise Refused(429, sentence, "rate_limit_exceeded", seconds)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole of a request, if it is text of a bearable size that comes in time."""
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise Refused(415, "Send JSON: `Content-Type: application/json`.", "not_json")
        said = headers.get("content-length", "0")
        if not said.isdigit() or len(said) > 18 or int(said) > self._longest:
            raise self._too_long()
        try:
            body = await asyncio.wait_for(self._whole(receive), BODY_SECONDS)
        except TimeoutError:
            sentence = f"The request did not come whole within {BODY_SECONDS:g} seconds."
            raise Refused(408, sentence, "too_slow") from None
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Refused(400, "The request is no text: send UTF-8.", "not_utf8") from None
        return body

    async def _whole(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            body += message.get("body", b"")
            if len(body) > self._longest:
                raise self._too_long()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_long(self) -> Refused:
        sentence = f"The request is longer than {self._longest:,} bytes: send less."
        return Refused(413, sentence, "too_long")


def door(limits: Limits, keys: Keys | None, host: str, told: Told) -> dict[str, Any]:
    """What a guard needs to know of a server.

    Args:
        limits: Of requests.
        keys: Who may come in; None for whoever reaches it.
        host: Where it listens. Without keys it goes by the names of this machine alone, lest a page
            of another site lead a browser here by a name of its own.
        told: See `Guard`.
    """
    return {
        "keys": keys,
        "rates": Rates(limits.per_minute),
        "longest": limits.bytes,
        "told": told,
        "hosts": (*HERE, host) if keys is None else (),
    }


class Gone(Exception):
    """Whoever asked has left."""


async def unless_gone(receive: Receive, work: asyncio.Task[Response]) -> Response:
    """What a task comes to; it is cancelled where whoever asked leaves before.

    Raises:
        Gone: If they have.
    """
    leaving = asyncio.create_task(_leave(receive))
    try:
        await asyncio.wait({work, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise Gone
        return work.result()
    finally:
        for task in (work, leaving):
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def answer_to(refused: Refused) -> Response:
    """The answer to a request that is refused."""
    return JSONResponse(refused.body, refused.status, refused.headers)


async def _leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _again(body: bytes, receive: Receive) -> Receive:
    """Says a body that was read already, and then what comes after it."""
    left = [body]

    async def receive_again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return receive_again


def _name(host: str) -> str:
    """The name in a header Host, without its port."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower().rstrip(".")
