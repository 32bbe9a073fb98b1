"""The gate before the application: a thread works on a whole request and never waits for a slow client."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.utils.translation import gettext as _

from rapport.config.large_bodies import Refused, too_large
from rapport.config.proxies import believe_proxies
from rapport.core.bodies import USUAL_BODY
from rapport.core.environment import Network
from rapport.core.outages import outage_behind

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
_IN_MEMORY = 256 << 10
_PIECE = 64 << 10
_WRITE_AT_ONCE = 1 << 20
_ANSWER_IN_MEMORY = 1 << 20
_AT_ONCE = 0.0


@dataclass(frozen=True)
class Limits:
    """How patient the gate is. A client has `grace` seconds, and one more for every `slowest` bytes that came or went."""

    grace: float = 20.0
    slowest: int = 8 << 10
    receiving: int = 256
    receiving_large: int = 4
    threads: int = 2


class ClientGone(Exception):
    """The client hung up, or takes too little of its answer to be waited for."""


@dataclass
class Answer:
    status: int
    headers: Headers
    body: bytes | IO[bytes]

    def close(self) -> None:
        if not isinstance(self.body, bytes):
            self.body.close()


class Gate:
    """An ASGI application around a WSGI one."""

    def __init__(
        self,
        application: Callable[..., Iterable[bytes]],
        *,
        room_for: Callable[[Environ], int],
        limits: Limits | None = None,
        trusted: Sequence[Network] = (),
    ) -> None:
        self._application = application
        self._room_for = room_for
        self._trusted = trusted
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="request")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="disk")
        self._receiving: dict[asyncio.Timeout, None] = {}
        self._receiving_large = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            environ = environ_of(scope)
            believe_proxies(environ, self._trusted)
            answer = await self._answer(environ, receive)
        except ClientGone:
            return
        except Refused as refusal:
            answer = _in_words(refusal)
        except Exception as error:
            answer = _in_words(_failure(error))
        try:
            await self._send(answer, send, with_body=scope["method"] != "HEAD")
        finally:
            answer.close()

    async def _answer(self, environ: Environ, receive: Receive) -> Answer:
        with await self._body(environ, receive) as body:
            environ["wsgi.input"] = body
            return await self._in_thread(_run, self._application, environ)

    async def _body(self, environ: Environ, receive: Receive) -> IO[bytes]:
        declared = environ["CONTENT_LENGTH"]
        if declared == "0" or (not declared and "HTTP_TRANSFER_ENCODING" not in environ and _is_http_1(environ)):
            return BytesIO()
        if declared and not declared.isdecimal():
            raise Refused(400, _("The length of the request is not a number."))
        large = int(declared or 0) > USUAL_BODY
        limit = await self._in_thread(self._room_for, environ) if large else USUAL_BODY
        if int(declared or 0) > limit:
            raise too_large(limit)
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        try:
            size = await (self._receive_large if large else self._receive)(body, receive, limit)
        except BaseException:
            body.close()
            raise
        environ["CONTENT_LENGTH"] = str(size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        body.seek(0)
        return body  # type: ignore[return-value]

    async def _receive_large(self, body: IO[bytes], receive: Receive, limit: int) -> int:
        if self._receiving_large >= self._limits.receiving_large:
            raise Refused(503, _("Others are sending files just now. Please try again in a moment."), retry_after=30)
        self._receiving_large += 1
        try:
            async with asyncio.timeout(self._limits.grace) as patience:
                return await self._fill(body, receive, limit, patience)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self._receiving_large -= 1

    async def _receive(self, body: IO[bytes], receive: Receive, limit: int) -> int:
        """When too many send at once, whoever has been at it longest goes; honest bodies take no time."""
        if len(self._receiving) >= self._limits.receiving:
            longest = next(iter(self._receiving))
            del self._receiving[longest]
            longest.reschedule(_AT_ONCE)
        patience = asyncio.timeout(self._limits.grace)
        try:
            async with patience:
                self._receiving[patience] = None
                return await self._fill(body, receive, limit, patience)
        except TimeoutError:
            raise _too_slow() from None
        finally:
            self._receiving.pop(patience, None)

    async def _fill(self, body: IO[bytes], receive: Receive, limit: int, patience: asyncio.Timeout) -> int:
        loop = asyncio.get_running_loop()
        began, size, unwritten, more = loop.time(), 0, bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            unwritten += message.get("body", b"")
            more = message.get("more_body", False)
            if size + len(unwritten) > limit:
                raise too_large(limit)
            if len(unwritten) >= _WRITE_AT_ONCE or not more:
                size += len(unwritten)
                await self._write(body, unwritten, size)
                unwritten = bytearray()
            if patience.when() != _AT_ONCE and not patience.expired():
                patience.reschedule(began + self._limits.grace + (size + len(unwritten)) / self._limits.slowest)
        return size

    async def _write(self, body: IO[bytes], block: bytearray, size: int) -> None:
        if size <= _IN_MEMORY:
            body.write(block)
        else:
            await asyncio.get_running_loop().run_in_executor(self._disk, body.write, block)

    async def _in_thread(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _send(self, answer: Answer, send: Send, *, with_body: bool) -> None:
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if isinstance(answer.body, bytes) or not with_body:
            whole = answer.body if isinstance(answer.body, bytes) and with_body else b""
            await send({"type": "http.response.body", "body": whole})
            return
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        try:
            async with asyncio.timeout(self._limits.grace) as patience:
                while piece := answer.body.read(_PIECE):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    sent += len(piece)
                    patience.reschedule(began + self._limits.grace + sent / self._limits.slowest)
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return  # the length was said; what comes short is seen by whoever reads it


def environ_of(scope: dict[str, Any]) -> Environ:
    """What WSGI says about a request, but for its body."""
    server, port = scope.get("server") or ("", "")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "CONTENT_LENGTH": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:  # else X_Forwarded_Proto would pass for X-Forwarded-Proto
            _add(environ, name.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1"))
    return environ


def _add(environ: Environ, name: str, value: str) -> None:
    if name in ("CONTENT_LENGTH", "CONTENT_TYPE"):
        environ[name] = value
        return
    key = f"HTTP_{name}"
    joined = ";" if name == "COOKIE" else ","
    environ[key] = f"{environ[key]}{joined}{value}" if key in environ else value


def _is_http_1(environ: Environ) -> bool:
    """In HTTP/2 a body needs neither a length nor an encoding."""
    return str(environ["SERVER_PROTOCOL"]).startswith("HTTP/1")


class _Started:
    """WSGI's start_response."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []

    def __call__(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status = int(status[:3])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _run(application: Callable[..., Iterable[bytes]], environ: Environ) -> Answer:
    """The whole answer, however large: a reader that is slow then waits for a file, and no thread for it."""
    started = _Started()
    chunks = application(environ, started)
    try:
        body = _collect(() if environ["REQUEST_METHOD"] == "HEAD" else chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return Answer(started.status, _with_length(started.headers, body), body)


def _collect(chunks: Iterable[bytes]) -> bytes | IO[bytes]:
    kept: list[bytes] = []
    size, file = 0, None
    try:
        for chunk in chunks:
            size += len(chunk)
            kept.append(chunk)
            if size > _ANSWER_IN_MEMORY:
                file = file or tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
                file.writelines(kept)
                kept.clear()
        if file is None:
            return b"".join(kept)
        file.seek(0)
        return file
    except BaseException:
        if file is not None:
            file.close()
        raise


def _with_length(headers: Headers, body: bytes | IO[bytes]) -> Headers:
    """Said for what is in a file, so that a cut answer cannot pass for a whole one; the server counts bytes itself."""
    if isinstance(body, bytes) or any(name == b"content-length" for name, _value in headers):
        return headers
    size = body.seek(0, 2)
    body.seek(0)
    return [*headers, (b"content-length", str(size).encode())]


def _too_slow() -> Refused:
    return Refused(408, _("The request took too long to arrive. Please try again."))


def _failure(error: Exception) -> Refused:
    outage = outage_behind(error)
    if outage is None:
        log.error("A request could not be answered.", exc_info=error)
        return Refused(500, _("Something went wrong. This is a fault of Rapport, and it has been logged."))
    return Refused(outage.status, f"{outage.title}. {outage.advice}", retry_after=outage.retry_after)


def _in_words(refusal: Refused) -> Answer:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if refusal.retry_after:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    return Answer(refusal.status, headers, f"{refusal.sentence}\n".encode())
