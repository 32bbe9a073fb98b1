"""One POST to another system: to the address that was checked, within a time that nothing stretches, following nothing."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rapport.webhooks.addresses import AddressRefused, LookUp, NameUnknown, Network, Target, addresses_of, is_public
from rapport.webhooks.models import Problem

TIMEOUT_SECONDS = 15.0
LONGEST_EXCERPT = 500
LONGEST_WISH_SECONDS = 24 * 3600
_WAIT_FOR_BODY_SECONDS = 2.0
_MOST_ADDRESSES = 3
_OK, _REDIRECTS = range(200, 300), range(300, 400)


@dataclass(frozen=True)
class Answer:
    """What came of it. `wish` is in how many seconds the receiver wants to be asked again."""

    status: int | None = None
    problem: str = ""
    took_ms: int = 0
    excerpt: str = ""
    wish: int | None = None

    @property
    def is_accepted(self) -> bool:
        return not self.problem


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    own: Sequence[Network],
    now: datetime,
    timeout: float = TIMEOUT_SECONDS,
    look_up: LookUp = socket.getaddrinfo,
) -> Answer:
    """Never raises for what the other side does or does not do."""
    begun = time.monotonic()
    try:
        addresses = addresses_of(target, own=own, look_up=look_up)
        answer = _ask(target, addresses, body, headers, until=begun + timeout, now=now)
    except NameUnknown:
        answer = Answer(problem=Problem.NAME)
    except AddressRefused:
        answer = Answer(problem=Problem.ADDRESS)
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = isinstance(error, TimeoutError) or time.monotonic() >= begun + timeout
        is_tls = isinstance(error, ssl.SSLError)
        answer = Answer(problem=Problem.TIMEOUT if is_late else Problem.TLS if is_tls else Problem.CONNECTION)
    return replace(answer, took_ms=round((time.monotonic() - begun) * 1000))


def _ask(
    target: Target, addresses: Sequence[str], body: bytes, headers: Mapping[str, str], *, until: float, now: datetime
) -> Answer:
    with _connected(target, addresses, until=until) as (sock, address):
        asking = http.client.HTTPConnection(target.host, target.port)
        asking.sock = sock
        asking.putrequest("POST", target.path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close", **headers}
        for name, value in sent.items():
            asking.putheader(name, value)
        asking.endheaders(body)
        answered = asking.getresponse()
        if time.monotonic() >= until:  # cut within the headers, which reads like their end
            raise TimeoutError
        shown = _excerpt(sock, answered) if is_public(ipaddress.ip_address(address)) else ""
        return Answer(answered.status, _problem_of(answered.status), 0, shown, _wish(answered, now=now))


@contextmanager
def _connected(target: Target, addresses: Sequence[str], *, until: float) -> Iterator[tuple[socket.socket, str]]:
    """A connection that is cut when the time is over, whatever it is doing by then: a slow drip keeps nobody here."""
    plain, address = _connect(target, addresses, until=until)
    handle = plain.dup()  # the same connection; wrapping takes the socket itself away
    watch = threading.Timer(max(0.0, until - time.monotonic()), _cut, [handle])
    watch.daemon = True
    watch.start()
    sock = plain
    try:
        if target.scheme == "https":
            sock = ssl.create_default_context().wrap_socket(plain, server_hostname=target.host.rstrip("."))
        yield sock, address
    finally:
        watch.cancel()
        sock.close()
        handle.close()


def _connect(target: Target, addresses: Sequence[str], *, until: float) -> tuple[socket.socket, str]:
    refusal: OSError = ConnectionError()
    for address in addresses[:_MOST_ADDRESSES]:
        left = until - time.monotonic()
        if left <= 0:
            break
        try:
            sock = socket.create_connection((address, target.port), timeout=left)
        except OSError as error:
            refusal = error
            continue
        sock.settimeout(max(0.001, until - time.monotonic()))
        return sock, address
    raise refusal


def _cut(handle: socket.socket) -> None:
    try:
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is over already


def _problem_of(status: int) -> str:
    if status in _OK:
        return ""
    return Problem.REDIRECT if status in _REDIRECTS else Problem.STATUS


def _excerpt(sock: socket.socket, answered: http.client.HTTPResponse) -> str:
    """The beginning of what was said. The status counts already, so nobody waits long for it."""
    try:
        sock.settimeout(_WAIT_FOR_BODY_SECONDS)
        raw = answered.read1(LONGEST_EXCERPT * 4)
    except (OSError, http.client.HTTPException, ValueError):
        return ""
    return raw.decode(errors="replace").replace("\0", "\ufffd")[:LONGEST_EXCERPT]


def _wish(answered: http.client.HTTPResponse, *, now: datetime) -> int | None:
    """Retry-After of an answer that asks for patience: seconds, or an instant."""
    text = (answered.getheader("Retry-After") or "").strip()
    if answered.status not in (429, 503) or not text:
        return None
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_WISH_SECONDS)
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = (instant.replace(tzinfo=instant.tzinfo or UTC) - now).total_seconds()
    return min(max(0, round(seconds)), LONGEST_WISH_SECONDS)
