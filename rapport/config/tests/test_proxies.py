"""Who asks, behind proxies: their word is taken, and nobody else's."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from rapport.config.gate import Gate
from rapport.config.tests.test_gate import Client, refuse_everything
from rapport.core.environment import SettingInvalid, trusted_proxies

OURS = tuple(map(ipaddress.ip_network, ("192.0.2.7/32", "10.0.0.0/8", "2001:db8::/48")))


def who_asks(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REMOTE_ADDR']} {environ.get('HTTP_X_FORWARDED_PROTO', '-')}".encode()]


def asked(trusted: Any, **headers: str) -> str:
    """What the application hears of a request that came from 192.0.2.7."""
    client = Client()
    asyncio.run(client.ask(Gate(who_asks, room_for=refuse_everything, trusted=trusted), method="GET", **headers))
    return client.body.decode()


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.4", "198.51.100.4"),
        ("203.0.113.9, 198.51.100.4", "198.51.100.4"),  # the first was written by the client
        ("198.51.100.4, 10.1.2.3", "198.51.100.4"),  # two proxies of ours
        ("10.9.9.9, 198.51.100.4, 10.1.2.3", "198.51.100.4"),
        ("198.51.100.4:5123", "198.51.100.4"),
        ("[2001:db9::1]:5123", "2001:db9::1"),
        ("2001:db9::1", "2001:db9::1"),
        ("::ffff:198.51.100.4", "198.51.100.4"),
        ("198.51.100.4, not an address", "192.0.2.7"),
        ("198.51.100.4, not an address, 10.1.2.3", "10.1.2.3"),
        ("fe80::1%eth0", "192.0.2.7"),
        ("", "192.0.2.7"),
    ],
)
def test_behind_our_proxies_the_nearest_address_that_is_none_of_theirs_asks(forwarded: str, address: str) -> None:
    assert asked(OURS, x_forwarded_for=forwarded, x_forwarded_proto="https") == f"{address} https"


def test_nobody_else_is_believed() -> None:
    theirs = (ipaddress.ip_network("10.0.0.0/8"),)

    assert asked(theirs, x_forwarded_for="198.51.100.4", x_forwarded_proto="https") == "192.0.2.7 -"
    assert asked((), x_forwarded_for="198.51.100.4") == "192.0.2.7 -"
    assert asked(OURS) == "192.0.2.7 -"


def test_what_is_no_network_is_refused_in_words(monkeypatch: Any) -> None:
    monkeypatch.setenv("RAPPORT_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert [str(each) for each in trusted_proxies()] == ["127.0.0.1/32", "10.0.0.0/8"]

    monkeypatch.setenv("RAPPORT_TRUSTED_PROXIES", "everybody")
    with pytest.raises(SettingInvalid, match="RAPPORT_TRUSTED_PROXIES is 'everybody'"):
        trusted_proxies()
