"""Whether a login is wanted, who has signed in, and what becomes of a password that is tried."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.requests import HTTPConnection

from core import passwords
from core.workspace import Workspace
from gate import identity
from gate.sessions import Sessions
from gate.tries import Tries
from gate.visitors import Role, Visitor

COOKIE = "pathdistill_session"
MOST_WAITING = 8  # tries at once; each hashes for a quarter of a second, one after the other


class Login:
    """The login of one server: the passwords of a workspace, and an identity provider if any.

    Args:
        workspace: Holds the passwords; read anew when they change.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sessions = Sessions()
        self._tries = Tries()
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._read: tuple[tuple[int, int] | None, dict[str, passwords.Hashed]] = (None, {})

    def check(self) -> None:
        """Refuse a login that could not work.

        Raises:
            CallerError: If the passwords cannot be read, or an identity provider is set up badly.
        """
        self.passwords()
        identity.check()

    def is_wanted(self) -> bool:
        """Whether people have to sign in.

        Raises:
            CallerError: If the passwords cannot be read.
        """
        return bool(self.passwords()) or identity.is_set_up()

    def passwords(self) -> dict[str, passwords.Hashed]:
        """The hashes of the passwords by role, read again whenever their file has changed.

        Raises:
            CallerError: If they cannot be read.
        """
        changed = None
        with suppress(FileNotFoundError):
            found = passwords.place(self._workspace).stat()
            changed = (found.st_mtime_ns, found.st_ino)
        if changed is None:
            return {}
        if changed != self._read[0]:
            self._read = (changed, passwords.read_passwords(self._workspace))
        return self._read[1]

    def visitor(self, connection: HTTPConnection, *, used: bool = True) -> Visitor | None:
        """Who has signed in on this connection; None for a stranger.

        Args:
            connection: Its cookies say who it is.
            used: Whether asking counts as a use of the session.

        Raises:
            CallerError: If the passwords cannot be read.
        """
        session = self._sessions.find(connection.cookies.get(COOKIE, ""), used=used)
        if session is not None:
            password = self.passwords().get(session.role)
            if password is not None and password.hash == session.opened_by:
                return Visitor(session.role, signed_in=True)
        role = identity.role(connection.cookies)
        return None if role is None else Visitor(role, signed_in=True)

    async def enter(self, client: str, password: str) -> str | float:
        """Try a password.

        Returns:
            The token of a new session; or else the seconds to wait before the next try, 0 if the
            password was merely wrong.

        Raises:
            CallerError: If the passwords cannot be read.
        """
        if self._waiting >= MOST_WAITING:
            return 1.0
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                wait = self._tries.wait(client)
                return wait or await self._try(client, password)
        finally:
            self._waiting -= 1

    def leave(self, connection: HTTPConnection) -> None:
        """End the session of a connection."""
        self._sessions.end(connection.cookies.get(COOKIE, ""))

    async def _try(self, client: str, password: str) -> str | float:
        held = self.passwords()
        short_enough = len(password) <= passwords.LONGEST
        # Every hash is tried, so that the time taken does not say which one fitted.
        fits = [
            role
            for role, hashed in held.items()
            if short_enough and await asyncio.to_thread(hashed.fits, password)
        ]
        if fits:
            return self._sessions.open(Role(fits[0]), held[fits[0]].hash)
        self._tries.wrong(client)
        return 0.0
