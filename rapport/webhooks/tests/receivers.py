"""Other systems for the tests: real servers on this machine that answer as they are told, and note who came."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = (ipaddress.ip_network("127.0.0.1/32"),)


@dataclass
class Came:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with `status`, `headers` and `body`; or as `answer` does it by hand."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    answer: Callable[[Any, threading.Event], None] | None = None
    came: list[Came] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.came]


@contextmanager
def receiving(receiver: Receiver | None = None, *, tls: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """A receiver at its `url` on a free port of 127.0.0.1."""
    receiver = receiver or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.came.append(Came(self.path, headers, body))
            receiver.arrived.set()
            with suppress(OSError):
                if receiver.answer is not None:
                    receiver.answer(self, receiver.over)
                    return
                self.send_response(receiver.status)
                for name, value in ({"Content-Length": str(len(receiver.body))} | receiver.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(receiver.body)

        do_GET = do_POST

        def log_message(self, *_: Any) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        server.server_close()


@contextmanager
def listening(*, drip: bytes = b"") -> Iterator[tuple[int, list[bytes]]]:
    """A bare listener: notes each connection, and sends a byte of `drip` now and again, never an answer."""
    came: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)

        def serve() -> None:
            kept: list[socket.socket] = []
            left = iter(drip)
            while not over.is_set():
                with suppress(OSError):
                    found, _address = listener.accept()
                    came.append(b"")
                    kept.append(found)
                for each in kept:
                    with suppress(OSError, StopIteration):
                        each.send(bytes([next(left)]))
            for each in kept:
                each.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], came
        finally:
            over.set()
            thread.join()


def drip_headers(handler: Any, over: threading.Event) -> None:
    """A slow loris: a header that never ends."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(0.02):
        handler.wfile.write(b"x")


def certificate(folder: Path, *, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private
