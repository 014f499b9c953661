"""Who stands at the door: the owner, who does everything, or a guest, who looks and asks.

The gate tells the pages by a header of the browser's connection. The header's name is made anew by
each server and known to this process alone, so nobody can send it, and pages that were started
without the gate find none.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

HEADER: Final = f"x-visitor-{secrets.token_hex(16)}"


class Role(StrEnum):
    """What a visitor may do."""

    OWNER = "owner"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who was let in.

    Attributes:
        role: What they may do.
        signed_in: Whether there is a session to sign out of; False for whoever sits at this
            machine while no login is set up.
    """

    role: Role
    signed_in: bool

    def __str__(self) -> str:
        return f"{self.role} {self.signed_in:d}"

    @classmethod
    def read(cls, header: str) -> Visitor:
        """The visitor of a header that `str` has written."""
        role, signed_in = header.split()
        return cls(Role(role), signed_in == "1")
