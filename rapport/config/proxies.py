"""Who asks, where a proxy stands before the server: the nearest address that no proxy of ours has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any

from rapport.core.environment import Network

_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<four>[0-9.]+))(?::[0-9]{1,5})?")
_SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def believe_proxies(environ: dict[str, Any], trusted: Sequence[Network]) -> None:
    """Put the client's address where the connection's stands, as far as trusted proxies vouch for it.

    Each proxy adds at the end whom it heard, so the header is read from there: what a client wrote itself stands before
    that, and counts for nothing. What comes from anybody else than a proxy of ours is taken away.
    """
    if not trusted:
        return
    nearest = _address(str(environ.get("REMOTE_ADDR", "")))
    if nearest is None or not _is_trusted(nearest, trusted):
        for name in _SAID_BY_PROXIES:
            environ.pop(name, None)
        return
    for text in reversed(str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")):
        said = _address(text.strip())
        if said is None:
            break
        nearest = said
        if not _is_trusted(said, trusted):
            break
    environ["REMOTE_ADDR"] = str(nearest)


def _address(text: str) -> Address | None:
    """An address as proxies write it, with a port or without."""
    found = _WITH_PORT.fullmatch(text)
    plain = (found["six"] or found["four"]) if found else text
    if "%" in plain:
        return None
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, ipaddress.IPv6Address) else address


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
