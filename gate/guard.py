"""The gate: ASGI middleware before every route of Streamlit, its WebSocket and its files included.

What a request has to pass, in this order: a name that is ours in the header Host; no page of
another site behind it, where it could change something; a session, where a login is wanted, or else
a client on this machine. A guest only reads. Judged by the raw path, never by a URL put together
from headers. Streamlit has no say: what the gate refuses, it never sees.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable, Sequence
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.addresses import is_loopback
from core.errors import CallerError
from gate import identity
from gate.headers import protect
from gate.hosts import is_served
from gate.login import COOKIE, Login
from gate.login_page import LOGIN, POLICY, login_page, preferred_language
from gate.sessions import WHOLE
from gate.visitors import HEADER, Role, Visitor

LOGOUT = identity.ROUTES[1]
READING = ("GET", "HEAD", "OPTIONS")
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
LONGEST_FORM = 16 * 1024  # bytes
LOOK = 5.0  # seconds after which an open WebSocket whose session has ended is closed at the latest


class Guard:
    """Middleware that lets in whom it should.

    Args:
        app: What it stands before.
        login: Who may sign in.
        address: Where the server listens.
        allowed: The names it goes by, where these are settled (`server.allowedHosts`).
    """

    def __init__(
        self, app: ASGIApp, login: Login, address: str | None, allowed: Sequence[str] = ()
    ) -> None:
        self._app = app
        self._login = login
        self._address = address
        self._allowed = tuple(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = _protected(send)
        try:
            answer = await self._judge(scope, receive)
        except CallerError as error:
            # What is wrong is for the person at the terminal, not for a stranger.
            sys.stderr.write(f"{error}\n")
            answer = _words("Nobody can sign in now: look at the server's terminal.", 503)
        if isinstance(answer, Visitor):
            await self._admit(answer, scope, receive, send)
        elif scope["type"] == "http":
            await answer(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _judge(self, scope: Scope, receive: Receive) -> Visitor | Response:
        """The visitor who may pass, or the answer to one who may not."""
        connection = HTTPConnection(scope)
        hosts = connection.headers.getlist("host")
        if len(hosts) != 1 or not is_served(hosts[0], self._allowed, self._address):
            return _words("This server does not go by that name.", 400)
        method = scope.get("method", "CONNECT")
        if method not in READING and not _is_own_page(connection, hosts[0]):
            return _words("This request comes from another site.", 403)
        if method == "POST" and scope["path"] == LOGIN and self._login.is_wanted():
            return await self._sign_in(Request(scope, receive))
        if scope["path"] == LOGOUT and connection.headers.get("sec-fetch-site") != "cross-site":
            self._login.leave(connection)
            if not identity.is_set_up():
                return _signed_out()
        visitor = self._visitor(connection)
        if visitor is None:
            return self._turned_away(connection)
        if visitor.role is Role.GUEST and method not in (*READING, "CONNECT"):
            return _words("A guest looks and asks.", 403)
        return visitor

    def _visitor(self, connection: HTTPConnection, *, used: bool = True) -> Visitor | None:
        if self._login.is_wanted():
            return self._login.visitor(connection, used=used)
        client = connection.client
        is_here = client is not None and is_loopback(client.host)
        # Behind a proxy on this machine may stand anybody.
        is_here = is_here and not any(name in connection.headers for name in FORWARDED)
        return Visitor(Role.OWNER, signed_in=False) if is_here else None

    async def _admit(self, visitor: Visitor, scope: Scope, receive: Receive, send: Send) -> None:
        connection = HTTPConnection(scope)
        told = (HEADER.encode(), str(visitor).encode())
        inside = {**scope, "headers": [*scope["headers"], told]}
        if scope["type"] == "websocket":
            receive = _while(
                lambda used: self._visitor(connection, used=used) == visitor, receive, send
            )
        await self._app(inside, receive, send)

    def _turned_away(self, connection: HTTPConnection) -> Response | Visitor:
        """What a stranger gets: the login page, or a word where no page is expected."""
        if not self._login.is_wanted():
            return _words("This server serves its own machine only.", 403)
        if identity.is_set_up() and connection.scope["path"] in identity.ROUTES:
            return Visitor(Role.GUEST, signed_in=False)
        if "text/html" not in connection.headers.get("accept", ""):
            return _words("Sign in first.", 401)
        return self._page(connection, 401)

    async def _sign_in(self, request: Request) -> Response:
        """Try the password of the login form, and go on to where the visitor was going."""
        form = await _form(request)
        if form is None:
            return _words("This is no login form.", 400)
        client = request.client.host if request.client else ""
        entered = await self._login.enter(client, form.get("password", ""))
        to = "/" + form.get("to", "").lstrip("/\\")
        if isinstance(entered, str):
            answer = RedirectResponse(to, 303)
            answer.set_cookie(
                COOKIE,
                entered,
                max_age=WHOLE,
                httponly=True,
                samesite="strict",
                secure=request.scope["scheme"] == "https",
            )
            return answer
        if not entered:
            return self._page(request, 401, "wrong", to, form.get("lang"))
        return self._page(request, 429, "wait", to, form.get("lang"), math.ceil(entered))

    def _page(
        self,
        connection: HTTPConnection,
        status: int,
        problem: str | None = None,
        to: str | None = None,
        language: str | None = None,
        seconds: int = 0,
    ) -> Response:
        going = urlsplit(to) if to else None
        path = going.path if going else connection.scope["path"]
        query = going.query if going else connection.scope["query_string"].decode("latin-1")
        accepted = connection.headers.get("accept-language", "")
        asked = language if language in ("en", "zh") else preferred_language(query, accepted)
        held = bool(self._login.passwords())
        if problem is None and identity.is_known_elsewhere(connection.cookies):
            problem = "not_you"
        page = login_page(path, query, asked, problem, held, identity.ways(), seconds)
        headers = {"cache-control": "no-store", "content-security-policy": POLICY}
        if seconds:
            headers["retry-after"] = str(seconds)
        return HTMLResponse(page, status, headers)


def _words(text: str, status: int) -> Response:
    return PlainTextResponse(text, status, {"cache-control": "no-store"})


def _signed_out() -> Response:
    answer = RedirectResponse("/", 303, {"cache-control": "no-store"})
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _is_own_page(connection: HTTPConnection, host: str) -> bool:
    """Whether a request that could change something comes from a page of this server.

    A browser names the origin of every such request; whatever names none is no page.
    """
    origins = connection.headers.getlist("origin")
    return len(origins) == 1 and urlsplit(origins[0]).netloc.lower() == host.lower()


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of a small form; None if it is not one."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST_FORM:
            return None
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=8)
    except ValueError:
        return None
    return {name: values[-1] for name, values in fields.items()}


def _protected(send: Send) -> Send:
    """Send answers with the headers that protect them."""

    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            protect(MutableHeaders(scope=message))
        await send(message)

    return send_protected


def _while(still_in: Callable[[bool], bool], receive: Receive, send: Send) -> Receive:
    """Hand on what a browser says while its session lasts; then close the connection.

    `still_in` is asked with True where something was said, which counts as a use of the session.
    """

    async def receive_while_in() -> Message:
        said = asyncio.ensure_future(receive())
        try:
            while True:
                done, _ = await asyncio.wait({said}, timeout=LOOK)
                if not _ask(still_in, bool(done)):
                    await send({"type": "websocket.close", "code": 1008})
                    return {"type": "websocket.disconnect", "code": 1008}
                if done:
                    return said.result()
        finally:
            said.cancel()

    return receive_while_in


def _ask(still_in: Callable[[bool], bool], used: bool) -> bool:
    try:
        return still_in(used)
    except CallerError as error:  # the passwords cannot be read any more: nobody is in
        sys.stderr.write(f"{error}\n")
        return False
