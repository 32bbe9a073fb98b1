"""Where a message may go: public addresses, and networks of one's own that the operator has opened. Nowhere else."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rapport.core.environment import Network

LONGEST_URL = 2_000
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?\Z"
)
_PATH = re.compile(r"[!-~]*\Z")
_PORTS = {"https": 443, "http": 80}

# everything that is not the public net, in our own list: that of Python grows with its versions
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4",
            "168.63.129.16/32",  # public by its number, answered by the machine that hosts ours
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",  # some of these carry an address of the other kind
        ),
    )
)  # fmt: skip
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LookUp = Callable[..., Sequence[Any]]


class UrlRefused(ValueError):
    """No message may go to such a URL; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NameUnknown(Exception):
    """The name of the host leads nowhere."""


class AddressRefused(Exception):
    """The host has an address that messages may not go to."""


@dataclass(frozen=True)
class Target:
    """A URL taken apart by the one rule that both checks and connects."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(url: str, *, own: Sequence[Network]) -> Target:
    """Raises UrlRefused. Without TLS only where networks of one's own are open; who connects looks at the address."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise UrlRefused("form")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlRefused("form") from error
    if parts.scheme not in _PORTS:
        raise UrlRefused("scheme")
    if parts.username is not None or parts.password is not None or parts.fragment or port == 0:
        raise UrlRefused("form")
    host = parts.hostname or ""
    if not _is_host(host) or not _PATH.match(parts.path + parts.query):
        raise UrlRefused("form")
    if parts.scheme == "http" and not own:
        raise UrlRefused("tls")
    literal = _literal(host)
    if literal is not None and not is_open(literal, own=own):
        raise UrlRefused("address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def addresses_of(target: Target, *, own: Sequence[Network], look_up: LookUp = socket.getaddrinfo) -> list[str]:
    """Every address of the host, asked for once: who connects takes these. One that is refused refuses them all."""
    try:
        found = look_up(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(target.host) from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not addresses:
        raise NameUnknown(target.host)
    for text in addresses:
        literal = _literal(text)
        is_closed = literal is None or not is_open(literal, own=own)
        if is_closed or (target.scheme == "http" and not _is_own(literal, own)):
            raise AddressRefused(text)
    return addresses


def is_open(address: Address, *, own: Sequence[Network]) -> bool:
    """Whether messages may go to this address."""
    plain = _unmapped(address)
    return _is_own(plain, own) or is_public(plain)


def is_public(address: Address) -> bool:
    plain = _unmapped(address)
    if plain.version == _GLOBAL_UNICAST.version and plain not in _GLOBAL_UNICAST:
        return False
    return plain.is_global and not any(plain in network for network in _INSIDE if network.version == plain.version)


def _is_own(address: Address | None, own: Sequence[Network]) -> bool:
    return address is not None and any(_unmapped(address) in network for network in own)


def _unmapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _literal(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    literal = _literal(host)
    if literal is not None:
        return "%" not in host
    return _HOST.match(host) is not None
