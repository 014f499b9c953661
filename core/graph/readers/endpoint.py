"""A SPARQL endpoint, asked politely: one question at a time, and no other host than its own.

    POST <url>   query=SELECT ...   Accept: application/sparql-results+json

The address that a name leads to is looked up once and then connected to, so that what was checked
is what is asked. Redirects are not followed. A password is taken from `~/.netrc` when it is needed,
as other programs do; it is neither kept nor shown.
"""

from __future__ import annotations

import netrc
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import httpcore2
import pyoxigraph as ox

from core.addresses import endpoint_url, is_public
from core.errors import FormatError, RunFailed, SettingsError
from core.messages import Message

Row = tuple[Any, ...]
"""Terms of RDF, by the variables of a question; None where one is free."""

LARGEST_ANSWER: Final = 64 << 20
"""Bytes of an answer."""

CONNECT_SECONDS, READ_SECONDS = 10.0, 90.0
LONGEST_PAUSE: Final = 60.0
"""Seconds that an endpoint may ask for before it is asked again."""
TRIES: Final = 5

_BUSY = (429, 502, 503, 504)
_RESULTS = "application/sparql-results+json"


class Endpoint:
    """A SPARQL endpoint that is open; close it by leaving the block."""

    def __init__(self, url: str, allow_private: bool = False) -> None:
        """Open it; nothing is asked yet.

        Args:
            url: Of the endpoint: http or https, without a password.
            allow_private: Whether it may be in this machine or a private network.

        Raises:
            SettingsError: If it is no such address.
        """
        self.url = endpoint_url(url)
        self.host = urlsplit(self.url).hostname or ""
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=1,
            network_backend=_Checked(allow_private),
        )

    def __enter__(self) -> Endpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def select(self, query: str) -> list[Row]:
        """Ask one question; who is busy is asked again after a while.

        Raises:
            SettingsError: If its address is private and may not be.
            FormatError: If the answer is none of SPARQL.
            RunFailed: If there is no answer.
        """
        for left in reversed(range(TRIES)):
            try:
                status, headers, body = self._ask(query)
            except httpcore2.TimeoutException as error:
                if left:
                    continue
                raise self._silent(Message("it took too long")) from error
            except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
                if left and not isinstance(error, socket.gaierror):
                    time.sleep(min(2.0 ** (TRIES - left), LONGEST_PAUSE))
                    continue
                raise self._silent(str(error) or type(error).__name__) from error
            if status not in _BUSY or not left:
                break
            time.sleep(_pause(headers, 2.0 ** (TRIES - left)))
        if 300 <= status < 400:
            raise FormatError(
                "{url} sends on to {place!r}; only the address that is given is asked: give that "
                "one, if it is the endpoint.",
                url=self.url,
                place=headers.get("location", "")[:200],
            )
        if status != 200:
            raise self._silent(Message("it answered with status {status}", status=status))
        return self._rows(body)

    def rest(self, seconds: float) -> None:
        """Leave it alone as long as it has worked, for a second at most."""
        time.sleep(min(seconds, 1.0))

    def _ask(self, query: str) -> tuple[int, dict[str, str], bytes]:
        headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(self.url).netloc,
            "Accept": _RESULTS,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "PathDistill",
            **self._password(),
        }
        content = urlencode({"query": query}).encode()
        timeout = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS,
                   "pool": CONNECT_SECONDS}  # fmt: skip
        headers["Content-Length"] = str(len(content))
        with self._pool.stream(
            "POST", self.url, headers=headers, content=content, extensions={"timeout": timeout}
        ) as answer:
            named = {
                name.decode().lower(): value.decode("latin-1") for name, value in answer.headers
            }
            body = b"".join(self._bounded(answer.iter_stream()))
            return answer.status, named, body

    def _bounded(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise FormatError(
                    "{url}: an answer is larger than {most} bytes.",
                    url=self.url,
                    most=LARGEST_ANSWER,
                )
            yield piece

    def _rows(self, body: bytes) -> list[Row]:
        try:
            found = ox.parse_query_results(body, format=ox.QueryResultsFormat.JSON)
            if not isinstance(found, ox.QuerySolutions):
                raise ValueError("no solutions")
            return [tuple(row[name] for name in found.variables) for row in found]
        except (ValueError, SyntaxError, OSError) as error:
            raise FormatError(
                "{url} did not answer with results of SPARQL (found: {found!r}): is it an "
                "endpoint?",
                url=self.url,
                found=body[:60].decode("utf-8", "replace"),
            ) from error

    def _password(self) -> dict[bytes | str, bytes | str]:
        """The header for whoever has a password for this host in `~/.netrc`, over https alone."""
        if not self.url.startswith("https:"):
            return {}
        try:
            known = netrc.netrc().authenticators(self.host)
        except (OSError, netrc.NetrcParseError):
            return {}
        if known is None:
            return {}
        login = f"{known[0]}:{known[2]}".encode()
        return {"Authorization": f"Basic {b64encode(login).decode()}"}

    def _silent(self, why: str) -> RunFailed:
        return RunFailed(
            "{url} gives no answer ({why}). What it has told already is kept: resume the run, and "
            "it goes on from there.",
            url=self.url,
            why=why,
        )


class _Checked(httpcore2.NetworkBackend):
    """Connects to public addresses alone, unless others are allowed."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._real = httpcore2.SyncBackend()

    def connect_tcp(self, host: str, port: int, *args: Any, **more: Any) -> Any:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        if not self._allow_private:
            private = next((one for one in addresses if not is_public(one)), None)
            if private is not None:
                raise SettingsError(
                    "{host} is at {address}, which is no public address: say --allow-private if "
                    "it is meant.",
                    host=host,
                    address=private,
                )
        return self._real.connect_tcp(addresses[0], port, *args, **more)


def _pause(headers: dict[str, str], usual: float) -> float:
    """Seconds to wait, as the endpoint asks for."""
    asked = headers.get("retry-after", "")
    return min(float(asked) if asked.isdecimal() and len(asked) < 9 else usual, LONGEST_PAUSE)
