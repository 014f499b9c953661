"""By which names this server may be called, and what counts as this machine alone.

A page of another site can lead a browser to this server under a name of its own (DNS rebinding);
it then sends that name in the header Host. An address is no such name: nobody can rebind it.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence

from core.addresses import is_loopback, read_address

HERE = ("localhost", "127.0.0.1", "::1")

_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?")


def is_served(host: str, allowed: Sequence[str], address: str | None) -> bool:
    """Whether this server goes by the name in a header Host.

    Args:
        host: The header, with or without a port.
        allowed: The only names there are, where any are given (`server.allowedHosts`).
        address: Where the server listens. Beyond this machine it goes by any address, since it
            may stand behind one that it does not know, and by the machine's own name.
    """
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = (match[1] or match[2]).lower().rstrip(".")
    if allowed:
        return name in {known.strip().lower() for known in allowed}
    if is_loopback(address):
        return name in {*HERE, address}
    return name in {*HERE, address, socket.gethostname().lower()} or read_address(name) is not None
