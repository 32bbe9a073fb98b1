"""The gate, driven as a server drives it: patience, sizes, and what the application sees and answers."""

from __future__ import annotations

import asyncio
import errno
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from rapport.config.gate import Gate, Limits
from rapport.config.large_bodies import Refused
from rapport.core.bodies import USUAL_BODY

MUCH = 40 << 20


@dataclass
class Client:
    """One request over a connection that gives and takes as the test says."""

    pieces: list[bytes] = field(default_factory=list)
    stops: bool = False
    hangs_up: bool = False
    takes: int = 10_000
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    whole: bool = False
    held: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        if self.pieces:
            last = len(self.pieces) == 1 and not self.stops and not self.hangs_up
            return {"type": "http.request", "body": self.pieces.pop(0), "more_body": not last}
        if self.hangs_up:
            return {"type": "http.disconnect"}
        self.held.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
            return
        if self.takes == 0:
            self.held.set()
            await asyncio.Event().wait()
        self.takes -= 1
        self.body += message.get("body", b"")
        self.whole = not message.get("more_body", False)

    async def ask(self, gate: Gate, *, method: str = "POST", path: str = "/", **headers: str) -> Client:
        if self.pieces or self.stops or self.hangs_up:
            headers.setdefault("content_length", str(sum(map(len, self.pieces))))
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"a=1",
            "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", "80"), "client": ("192.0.2.7", "5000"),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        await gate(scope, self.receive, self.send)
        return self


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0)) or b"nothing"]


def refuse_everything(environ: dict[str, Any]) -> int:
    raise Refused(413, "Too large.")


def gate(application: Any = echo, *, room_for: Any = refuse_everything, **limits: Any) -> Gate:
    return Gate(application, room_for=room_for, limits=Limits(**({"grace": 0.2} | limits)))


@asynccontextmanager
async def in_the_background(*requests: Any) -> AsyncIterator[list[asyncio.Task[Client]]]:
    tasks = [asyncio.create_task(request) for request in requests]
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_the_application_sees_the_request_as_it_came():
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        return echo(environ, start)

    async def ask() -> Client:
        return await Client([b"x=", b"1"]).ask(
            gate(look), path="/caf%C3%A9/%FF", host="localhost", content_type="text/plain", x_one="1"
        )

    answer = asyncio.run(ask())

    assert (answer.status, answer.body, answer.whole) == (200, b"x=1", True)
    assert [value for name, value in answer.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
    assert seen["PATH_INFO"] == "/caf\u00c3\u00a9/\u00ff"
    assert seen["REMOTE_ADDR"] == "192.0.2.7"
    assert (seen["CONTENT_LENGTH"], seen["CONTENT_TYPE"]) == ("3", "text/plain")
    assert (seen["HTTP_HOST"], seen["HTTP_X_ONE"], seen["QUERY_STRING"]) == ("localhost", "1", "a=1")


def test_a_header_with_an_underscore_does_not_pass_for_another():
    seen: dict[str, Any] = {}

    def look(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        return echo(environ, start)

    async def ask() -> None:
        client = Client()
        scope = {
            "type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "http_version": "1.1",
            "scheme": "http", "server": ("127.0.0.1", "80"), "client": ("192.0.2.7", "5000"),
            "headers": [(b"x_forwarded_proto", b"https"), (b"cookie", b"a=1"), (b"cookie", b"b=2")],
        }  # fmt: skip
        await gate(look)(scope, client.receive, client.send)

    asyncio.run(ask())

    assert "HTTP_X_FORWARDED_PROTO" not in seen
    assert seen["HTTP_COOKIE"] == "a=1;b=2"


def test_a_body_that_stops_is_answered_408_and_takes_no_thread():
    async def ask() -> tuple[list[Client], Client]:
        one = gate(threads=1)
        stuck = [Client([b"x"], stops=True) for _ in range(20)]
        async with in_the_background(*(client.ask(one, content_length="9") for client in stuck)) as tasks:
            await asyncio.gather(*(client.held.wait() for client in stuck))
            other = await Client([b"quick"]).ask(one)
            return list(await asyncio.gather(*tasks)), other

    slow, other = asyncio.run(ask())

    assert other.body == b"quick"
    assert {client.status for client in slow} == {408}


def test_when_too_many_send_at_once_whoever_has_been_at_it_longest_goes():
    async def ask() -> tuple[Client, bool, Client]:
        one = gate(receiving=2, grace=30)
        stuck = [Client([b"x"], stops=True) for _ in range(2)]
        first, second = stuck
        async with in_the_background(*(client.ask(one, content_length="9") for client in stuck)) as tasks:
            await asyncio.gather(first.held.wait(), second.held.wait())
            other = await Client([b"quick"]).ask(one)
            return await tasks[0], tasks[1].done(), other

    first, second_is_gone, other = asyncio.run(ask())

    assert first.status == 408
    assert not second_is_gone
    assert other.body == b"quick"


def test_a_body_that_keeps_coming_may_take_longer():
    class Steady(Client):
        async def receive(self) -> dict[str, Any]:
            await asyncio.sleep(0.02)
            return await super().receive()

    async def ask() -> Client:
        return await Steady([b"x" * 1000] * 20).ask(gate(slowest=10_000))

    assert len(asyncio.run(ask()).body) == 20_000


@pytest.mark.parametrize("headers", [{"content_length": str(USUAL_BODY + 1)}, {"transfer_encoding": "chunked"}])
def test_a_large_body_is_refused(headers: dict[str, str]):
    pieces = [b"x" * 100_000] * (USUAL_BODY // 100_000 + 2)

    async def ask() -> Client:
        client = Client(list(pieces))
        scope_headers = dict(headers)
        client_ask = client.ask
        if "transfer_encoding" in headers:
            scope_headers["content_length"] = ""
        return await client_ask(gate(), **scope_headers)

    answer = asyncio.run(ask())

    assert answer.status == 413
    assert (len(answer.pieces) == len(pieces)) == ("content_length" in headers)
    assert (b"connection", b"close") in answer.headers


def test_a_large_body_comes_through_where_it_may():
    async def ask() -> Client:
        return await Client([b"x" * 1_000_000] * 12).ask(gate(room_for=lambda environ: MUCH))

    answer = asyncio.run(ask())

    assert (answer.status, len(answer.body)) == (200, 12_000_000)


def test_only_so_many_large_bodies_come_at_once():
    async def ask() -> tuple[Client, Client]:
        one = gate(room_for=lambda environ: MUCH, receiving_large=1, grace=30)
        first = Client([b"x"], stops=True)
        async with in_the_background(first.ask(one, content_length=str(MUCH))):
            await first.held.wait()
            return await Client([b"x"]).ask(one, content_length=str(MUCH)), await Client([b"quick"]).ask(one)

    second, other = asyncio.run(ask())

    assert second.status == 503
    assert (b"retry-after", b"30") in second.headers
    assert other.body == b"quick"


def test_who_hangs_up_is_answered_nothing_and_the_application_never_hears_of_it():
    heard: list[str] = []

    async def ask() -> Client:
        return await Client([b"x"], hangs_up=True).ask(gate(lambda *_: heard.append("heard")), content_length="9")

    assert asyncio.run(ask()).status == 0
    assert heard == []


def large(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/csv")])
    return (b"x" * 100_000 for _ in range(100))


def test_a_large_answer_says_its_length_and_comes_whole():
    async def ask() -> Client:
        return await Client().ask(gate(large), method="GET")

    answer = asyncio.run(ask())

    assert (b"content-length", b"10000000") in answer.headers
    assert (len(answer.body), answer.whole) == (10_000_000, True)


def test_a_reader_that_stops_takes_no_thread_and_is_given_up():
    async def ask() -> tuple[Client, Client]:
        one = gate(large, threads=1, grace=0.5, slowest=1 << 30)
        slow = Client(takes=3)
        async with in_the_background(slow.ask(one, method="GET")) as tasks:
            await slow.held.wait()
            other = await Client().ask(one, method="GET")
            return await tasks[0], other

    slow, other = asyncio.run(ask())

    assert other.whole
    assert (slow.status, slow.whole) == (200, False)


def test_head_is_answered_without_making_the_body():
    async def ask() -> Client:
        return await Client().ask(gate(large), method="HEAD")

    answer = asyncio.run(ask())

    assert (answer.status, answer.body, answer.whole) == (200, b"", True)


def failing(error: Exception) -> Any:
    closed = threading.Event()

    class Chunks:
        closed_by_gate = closed

        def __iter__(self) -> Any:
            yield b"half"
            raise error

        def close(self) -> None:
            closed.set()

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Chunks:
        start("200 OK", [])
        return Chunks()

    application.closed = closed  # type: ignore[attr-defined]
    return application


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("no"), 500), (OSError(errno.ENOSPC, "full"), 507)], ids=["a fault", "a full disk"]
)
def test_an_answer_that_fails_half_way_is_an_error_in_plain_words(error: Exception, status: int):
    application = failing(error)

    async def ask() -> Client:
        return await Client().ask(gate(application), method="GET")

    answer = asyncio.run(ask())

    assert answer.status == status
    assert b"half" not in answer.body
    assert application.closed.is_set()
