"""How often each client may ask: a bucket that fills steadily and holds a minute's worth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

MOST_CLIENTS = 10_000
"""Of whom a bucket is kept; whoever asked longest ago is forgotten, and begins with a full one."""


@dataclass(slots=True)
class Bucket:
    """What a client has left, and when that was reckoned."""

    left: float
    at: float


class Rates:
    """The buckets of all clients.

    Args:
        per_minute: Requests that each may send a minute.
        now: A clock in seconds that nobody sets.
    """

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self._now = per_minute, now
        self._buckets: dict[Hashable, Bucket] = {}

    def wait(self, client: Hashable) -> int:
        """Take one request of a client: 0 where it may pass, else after how many seconds it may."""
        now = self._now()
        bucket = self._buckets.pop(client, None) or Bucket(float(self.per_minute), now)
        a_second = self.per_minute / 60
        bucket.left = min(float(self.per_minute), bucket.left + (now - bucket.at) * a_second)
        bucket.at = now
        self._buckets[client] = bucket
        while len(self._buckets) > MOST_CLIENTS:
            del self._buckets[next(iter(self._buckets))]
        if bucket.left < 1:
            return max(1, math.ceil((1 - bucket.left) / a_second))
        bucket.left -= 1
        return 0
