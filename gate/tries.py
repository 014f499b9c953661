"""Wrong passwords, counted, so that each further try has to wait longer.

Counted by client and over all of them together, since an attacker may have many addresses. A right
password takes nothing off the count: a guest could otherwise guess at the owner's for free.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from core.addresses import read_address

MOST = 4096  # clients remembered; beyond that the one that was wrong longest ago is forgotten


@dataclass(frozen=True, slots=True)
class Patience:
    """How many wrong tries are free, and how the wait grows from 1 second, doubling each time.

    Attributes:
        free: Wrong tries that cost nothing.
        longest: The longest wait, in seconds.
        forgotten: Seconds after the last wrong try when all are forgotten.
    """

    free: int
    longest: float
    forgotten: float


OF_ONE = Patience(free=3, longest=900, forgotten=3600)
OF_ALL = Patience(free=30, longest=5, forgotten=60)
ALL = "all"


class Tries:
    """Wrong tries by client.

    Args:
        clock: Seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until this client may try again; 0 if at once."""
        return max(self._wait(_network(client), OF_ONE), self._wait(ALL, OF_ALL))

    def wrong(self, client: str) -> None:
        """Count a wrong try."""
        for key, patience in ((_network(client), OF_ONE), (ALL, OF_ALL)):
            self._wrong[key] = (self._count(key, patience) + 1, self._clock())
            self._wrong.move_to_end(key)
        while len(self._wrong) > MOST:
            self._wrong.popitem(last=False)

    def _count(self, key: str, patience: Patience) -> int:
        count, last = self._wrong.get(key, (0, 0.0))
        return count if self._clock() - last < patience.forgotten else 0

    def _wait(self, key: str, patience: Patience) -> float:
        over = self._count(key, patience) - patience.free
        if over < 0:
            return 0.0
        # The exponent is bounded: a count may grow for as long as the server runs.
        due = self._wrong[key][1] + min(patience.longest, 2.0 ** min(over, 30))
        return max(0.0, due - self._clock())


def _network(client: str) -> str:
    """What one client has to itself: an IPv4 address, or a network of 64 bits in IPv6."""
    address = read_address(client)
    if address is None or address.version == 4:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False))
