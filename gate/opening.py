"""Opening the server: where it listens, what that demands, and what is said at the start."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streamlit import cli_util, config
from streamlit.starlette import App
from streamlit.web.server import server_util

from core.addresses import is_loopback
from core.errors import CallerError, SettingsError
from gate.login import Login


def address() -> str | None:
    """Where the server listens (`server.address`); None: everywhere."""
    found: str | None = config.get_option("server.address")
    return found


def allowed_hosts() -> list[str]:
    """The only names the server goes by, where any are given (`server.allowedHosts`)."""
    return list(config.get_option("server.allowedHosts"))


def begin(login: Login) -> None:
    """Refuse to open to others without a login, and keep addresses out of the log.

    Ends the process with one sentence and exit code 2 where the server must not start.
    """
    # The server's log would name each WebSocket's address, and so whatever was written into it.
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    try:
        login.check()
        if not is_loopback(address()) and not login.is_wanted():
            raise SettingsError(
                "Others could reach this server at {address}, and nobody "
                "would have to sign in: set a password with `python -m core password`, or leave "
                "out the address to serve this machine only.",
                address=address() or "every address",
            )
    except CallerError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(error.exit_code)


@asynccontextmanager
async def announced(app: App) -> AsyncIterator[dict[str, object]]:
    """Say where the studio is once it is there, and open a browser where there is a screen.

    Streamlit would look up the machine's address outside to say the same.
    """
    shown = address() or ""
    url = server_util.get_url("localhost" if is_loopback(shown) else shown or "localhost")
    sys.stderr.write(f"PathDistill: {url}\n")
    if not config.get_option("server.headless"):
        cli_util.open_browser(url)
    yield {}
