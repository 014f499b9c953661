"""Addresses: which of them are reached from this machine alone, and which are an endpoint's."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from core.errors import SettingsError


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


def endpoint_url(url: str) -> str:
    """An address that can be an endpoint's.

    Raises:
        SettingsError: If it is none, or says a password.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not url.isascii() or " " in url.strip():
        raise SettingsError(
            "{url!r} is no address of a SPARQL endpoint, such as https://example.org/sparql.",
            url=url[:200] if "@" not in url else "...",
        )
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "A password has no place in the address of an endpoint, which is kept and shown: write "
            "it into ~/.netrc (machine {host} login ... password ...).",
            host=host,
        )
    return parts._replace(fragment="").geturl()


def is_public(address: str) -> bool:
    """Whether an address is of the internet, and no network or machine of one's own."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return found.is_global and not found.is_multicast
