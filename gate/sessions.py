"""Who has signed in with a password: random tokens, held in memory and lost with the server."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gate.visitors import Role

IDLE = 2 * 3600  # seconds without a word from the browser
WHOLE = 12 * 3600  # seconds, however busy
MOST = 1000  # sessions; beyond that the one that was idle longest ends


@dataclass(slots=True)
class Session:
    """A session: its role, the hash of the password that opened it, when it began and was used."""

    role: Role
    opened_by: str
    began: float
    used: float


class Sessions:
    """Sessions by token.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: OrderedDict[str, Session] = OrderedDict()

    def open(self, role: Role, opened_by: str) -> str:
        """Begin a session; returns its token."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        self._open[token] = Session(role, opened_by, now, now)
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return token

    def find(self, token: str, *, used: bool = True) -> Session | None:
        """The session of a token while it lasts; `used` says whether this counts as a use."""
        session = self._open.get(token)
        if session is None:
            return None
        now = self._clock()
        if now - session.used > IDLE or now - session.began > WHOLE:
            self.end(token)
            return None
        if used:
            session.used = now
            self._open.move_to_end(token)
        return session

    def end(self, token: str) -> None:
        """End a session, if it is one."""
        self._open.pop(token, None)
