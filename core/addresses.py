"""Addresses: which of them are reached from this machine alone."""

from __future__ import annotations

import ipaddress


def read_address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text spells; None for a name or anything else."""
    try:
        return ipaddress.ip_address(text or "")
    except ValueError:
        return None


def is_loopback(host: str | None) -> bool:
    """Whether a host, an address or `localhost`, is reached from this machine alone."""
    address = read_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)
