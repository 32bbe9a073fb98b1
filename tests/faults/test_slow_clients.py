"""Clients that send or read too slowly, or send too much, cost the others nothing."""

from __future__ import annotations

import io
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.faults.house import House, wait_for

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("faults")]
LARGE = 200_000_000
HUNG_UP = (ConnectionResetError, BrokenPipeError)
HUNG_UP_ON_AFTER = 20  # seconds: the grace of rapport/config/gate.py


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    with ExitStack() as sockets:
        yield sockets


def connect(house: House, crowd: ExitStack, *, receive_buffer: int = 0) -> socket.socket:
    client = crowd.enter_context(socket.socket())
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(60)
    client.connect(("127.0.0.1", house.port))
    return client


def begin_post(house: House, crowd: ExitStack, path: str, *, length: int) -> socket.socket:
    client = connect(house, crowd)
    cookie = f"Cookie: csrf={'a' * 32}\r\n"  # with it the form's own token is looked for, in the body
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}{kind}"
    client.sendall(f"{head}Content-Length: {length}\r\n\r\nemail=".encode())
    return client


def go_on(client: socket.socket, block: bytes) -> None:
    for _ in range(LARGE // 100_000):
        client.sendall(block)


def everything_answers_at_once(house: House) -> bool:
    """Not one of the answers waited for the others to be hung up on."""
    began = time.monotonic()
    answers = [house.get(path).status for path in ("/healthz", "/setup/", "/readyz") for _ in range(4)]
    return set(answers) == {200} and time.monotonic() - began < HUNG_UP_ON_AFTER


def written(house: House) -> int:
    return sum(process.io_counters().write_chars for process in house.children("granian"))


def uploads() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("*.upload*"))


@pytest.mark.parametrize("number", [2, 20, 300])
def test_senders_that_stop_in_the_middle_hold_nobody_up(standing: House, crowd: ExitStack, number: int) -> None:
    for index in range(number):
        begin_post(standing, crowd, ["/account/login/", "/healthz"][index % 2], length=1000)

    assert everything_answers_at_once(standing)
    assert standing.post("/faults/keep").status == 500  # it came through: there is no file in it


def test_readers_that_stop_in_the_middle_hold_nobody_up(standing: House, crowd: ExitStack) -> None:
    readers = [connect(standing, crowd, receive_buffer=4096) for _ in range(6)]
    for reader in readers:
        reader.sendall(b"GET /faults/download HTTP/1.1\r\nHost: localhost\r\n\r\n")
    began = [reader.recv(100) for reader in readers]

    assert everything_answers_at_once(standing)
    assert all(head.startswith(b"HTTP/1.1 200 OK") for head in began)


def test_a_download_comes_whole_and_says_its_length(standing: House) -> None:
    answer = standing.get("/faults/download")

    assert answer.status == 200
    assert len(answer.text) == 20_000_000


@pytest.mark.parametrize("path", ["/account/login/", "/imports/", "/faults/keep", "/no-such-page"])
def test_a_large_body_of_a_stranger_is_refused_before_it_is_read(standing: House, crowd: ExitStack, path: str) -> None:
    before, at_first = uploads(), written(standing)

    client = begin_post(standing, crowd, path, length=LARGE)
    answer = client.recv(4000)
    with pytest.raises(HUNG_UP):
        go_on(client, b"x" * 100_000)

    assert answer.startswith(b"HTTP/1.1 401" if path == "/imports/" else b"HTTP/1.1 413"), answer
    assert uploads() == before
    assert written(standing) - at_first < 1_000_000


def test_a_large_body_that_does_not_say_its_length_is_refused_while_it_comes(standing: House, crowd: ExitStack) -> None:
    client = connect(standing, crowd)
    client.sendall(b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    block = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    before = uploads()

    with pytest.raises(HUNG_UP):
        go_on(client, block)

    assert uploads() == before
    assert everything_answers_at_once(standing)


def test_what_fits_comes_through_byte_by_byte(standing: House, crowd: ExitStack) -> None:
    body = io.BytesIO()
    body.write(b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n')
    body.write(b"0123456789" * 200_000 + b"\r\n--b--\r\n")
    content = body.getvalue()
    head = "POST /faults/keep HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    client = connect(standing, crowd)
    client.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode())
    for index in range(50):
        client.sendall(content[index : index + 1])
    client.sendall(content[50:])

    answer = client.recv(4000)

    assert answer.startswith(b"HTTP/1.1 200 OK"), answer
    kept = list((standing.home / "files").rglob("*/*"))
    assert [path.stat().st_size for path in kept] == [2_000_000]


def test_who_hangs_up_in_the_middle_leaves_nothing_open(standing: House, crowd: ExitStack) -> None:
    workers = standing.children("granian")
    for _ in range(20):
        begin_post(standing, crowd, "/account/login/", length=1000)
    crowd.close()

    wait_for(lambda: connections_of(workers) < 10, within=60)
    assert everything_answers_at_once(standing)


def connections_of(processes: list[psutil.Process]) -> int:
    established = [c for process in processes for c in process.net_connections("tcp") if c.status != "LISTEN"]
    return len(established)
