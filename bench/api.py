"""Requests a second and their 95th percentile through the API, by a client outside with eight connections (BENCH_CLIENTS).

BENCH_SCALE is the number of customers (100,000), BENCH_SECONDS the length of each burst (5). The web server is the one that
`rapport run` starts, on an own, throw-away PostgreSQL; server, database and client share the machine. Beside each figure stands
what the issue measured of the best open CRM on four cores, and the goal: four times that, for one record twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.apart import run_apart

CLIENTS, SECONDS, SCALE, PORT = 8, 5.0, 100_000, 8129
PEER = {"list": (271, 4), "search": (145, 4), "create": (145, 4), "update": (210, 4), "one record": (540, 2)}
PAGE = 20
FIELDS = "name,organization,email,phone,city,country,owner,created"
_WARM_UP = 1.0


def run() -> None:
    scale = int(os.environ.get("BENCH_SCALE", str(SCALE)))
    port = os.environ.get("BENCH_PORT", str(PORT))
    settings = {"PORT": port, "RAPPORT_ORIGIN": f"http://localhost:{port}", "RAPPORT_LOG_LEVEL": "WARNING"}
    run_apart("bench.api", "serve", scale, **settings)


def serve(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty: fill the database, start the web server, and the client."""
    import django

    django.setup()
    from django.db import connection

    from bench.lists import write_customers, write_staff
    from rapport.accounts.models import User
    from rapport.config.databases import embedded_cluster
    from rapport.config.migrations import migrate
    from rapport.core import environment
    from rapport.core.database_roles import grant_application_role
    from rapport.core.postgres import APP_ROLE

    Path(os.environ["RAPPORT_HOME"]).mkdir(mode=0o700, exist_ok=True)
    with embedded_cluster().in_use():
        migrate()
        administrator = User.objects.filter(email="admin@example.com").first()
        if administrator is None:
            administrator, _seller = write_staff()
            write_customers(customers)
            _go_on_counting(customers)
        with connection.cursor() as cursor:
            cursor.execute("select public_id::text from customers_customer order by random() limit 2000")
            ids = [row[0] for row in cursor.fetchall()]
        grant_application_role(APP_ROLE)
        token = _token_of(administrator)
        connection.close()
        web = _start_web(environment.web_workers())
        try:
            client = [sys.executable, "-m", "bench.api", "ask"]
            asked = {"token": token, "ids": ids, "port": environment.port(), "customers": customers}
            asked["servers"] = {"web": web.pid, "database": _database_process()}
            subprocess.run(client, input=json.dumps(asked).encode(), check=True)
        finally:
            web.terminate()
            web.wait()


def _go_on_counting(customers: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for sequence in ("customers_customer_id_seq", "customers_profile_id_seq"):
            cursor.execute("select setval(%s, %s)", [sequence, customers])


def _token_of(user: Any) -> str:
    from rapport.accounts.api_tokens import make_token, rights_to_lend
    from rapport.accounts.models import ApiToken
    from rapport.core.acting import SYSTEM, acting
    from rapport.core.clock import utc_now

    rights = [right.name for right in rights_to_lend(user)]
    made, text = make_token("Bench", rights=rights, days=1, by=user, now=utc_now())
    with acting(SYSTEM):
        ApiToken.objects.filter(pk=made.pk).update(rows_an_hour=2_000_000_000)
    return text


def _start_web(workers: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "granian", "rapport.config.asgi:application", "--interface", "asginl", "--no-ws",
        "--host", "127.0.0.1", "--port", os.environ["PORT"], "--workers", str(workers), "--log-level", "warning",
    ]  # fmt: skip
    variables = {name: value for name, value in os.environ.items() if name != "RAPPORT_DATABASE_ROLE"}
    return subprocess.Popen(command, env=variables)


def _database_process() -> int:
    from rapport.config.databases import embedded_cluster

    return int((embedded_cluster().data / "postmaster.pid").read_text().split()[0])


def _processor_seconds(process: int) -> float:
    """What a server and the processes below it have taken of the processors; it tells more than a rate where others load them."""
    task = Path(f"/proc/{process}")
    try:
        spent = (task / "stat").read_text().rpartition(")")[2].split()[11:13]
        below = (task / f"task/{process}/children").read_text().split()
    except OSError:  # it has ended meanwhile, or this is no Linux
        return 0.0
    return sum(map(int, spent)) / os.sysconf("SC_CLK_TCK") + sum(_processor_seconds(int(each)) for each in below)


@dataclass
class Burst:
    """What came of one kind of request: milliseconds of each, answers that were not expected, and what the servers spent."""

    times: list[float] = field(default_factory=list)
    wrong: int = 0
    spent: list[float] = field(default_factory=list)


class Connection:
    """HTTP/1.1 as small as it can be, so that the client takes little of the machine from the server."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._head = port, f"Host: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
        self._reader: Any = None
        self._writer: Any = None

    async def ask(self, method: str, path: str, body: Any = None, *, headers: str = "") -> tuple[int, bytes]:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        content = json.dumps(body).encode() if body is not None else b""
        kind = "Content-Type: application/json\r\n" if body is not None else ""
        length = f"Content-Length: {len(content)}\r\n" if content else ""
        self._writer.write(
            f"{method} /api/v1{path} HTTP/1.1\r\n{self._head}{headers}{kind}{length}\r\n".encode() + content
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, size = int(head[9:12]), 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                size = int(line[15:])
        return status, await self._reader.readexactly(size)


async def ask(told: dict[str, Any]) -> None:
    """Eight clients, one kind of request after the other."""
    clients, seconds = int(os.environ.get("BENCH_CLIENTS", CLIENTS)), float(os.environ.get("BENCH_SECONDS", SECONDS))
    connections = [Connection(told["port"], told["token"]) for _ in range(clients)]
    await _wait_for(connections[0])
    kinds = _kinds(told["ids"], told["customers"])
    print(f"   {told['customers']:,} customers, {clients} clients, {seconds:g} s each")
    print(
        f"   {'':<14}{'a second':>10}{'p50 ms':>9}{'p95 ms':>9}{'web ms':>9}{'database ms':>13}{'peer':>8}{'times':>8}"
        "     (web, database: of a processor, for one request)"
    )
    wanted = os.environ.get("BENCH_KINDS", "").split(",") if os.environ.get("BENCH_KINDS") else list(kinds)
    for name in wanted:
        await _burst(connections, kinds[name], _WARM_UP)
        before = [_processor_seconds(each) for each in told["servers"].values()]
        started = time.perf_counter()
        burst = await _burst(connections, kinds[name], seconds)
        took = time.perf_counter() - started
        burst.spent = [
            _processor_seconds(each) - was for each, was in zip(told["servers"].values(), before, strict=True)
        ]
        _print(name, burst, took)


async def _wait_for(connection: Connection) -> None:
    for _attempt in range(300):
        try:
            if (await connection.ask("GET", "/me"))[0] == 200:
                return
        except (OSError, EOFError):
            connection._writer = None
        await asyncio.sleep(0.1)
    raise RuntimeError("The web server does not answer.")


Kind = Callable[[Connection], Awaitable[bool]]


def _kinds(ids: list[str], customers: int) -> dict[str, Kind]:
    chance = random.Random(7)
    made = iter(range(10**9))

    async def a_page(connection: Connection) -> bool:
        sort = chance.choice(("name", "-name", "-created", "created"))
        return (await connection.ask("GET", f"/customers?limit={PAGE}&fields={FIELDS}&sort={sort}"))[0] == 200

    async def search(connection: Connection) -> bool:
        word = f"W{chance.randrange(customers // 40)}"
        return (await connection.ask("GET", f"/customers?limit={PAGE}&fields={FIELDS}&q={word}"))[0] == 200

    async def one(connection: Connection) -> bool:
        return (await connection.ask("GET", f"/customers/{chance.choice(ids)}"))[0] == 200

    async def create(connection: Connection) -> bool:
        number = next(made)
        values = {"name": f"New Customer {number}", "email": f"new{number}@bench.example", "city": "Porto"}
        return (await connection.ask("POST", "/customers", {"values": values}))[0] == 201

    async def update(connection: Connection) -> bool:
        body, anyway = {"values": {"job_title": f"Title {next(made)}"}}, "If-Match: *\r\n"
        return (await connection.ask("PATCH", f"/customers/{chance.choice(ids)}", body, headers=anyway))[0] == 200

    return {"list": a_page, "search": search, "one record": one, "create": create, "update": update}


async def _burst(connections: list[Connection], kind: Kind, seconds: float) -> Burst:
    burst, ends_at = Burst(), time.perf_counter() + seconds

    async def go_on(connection: Connection) -> None:
        while (started := time.perf_counter()) < ends_at:
            burst.wrong += not await kind(connection)
            burst.times.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*map(go_on, connections))
    return burst


def _print(name: str, burst: Burst, seconds: float) -> None:
    rate, (peer, goal) = len(burst.times) / seconds, PEER[name]
    web, database = (1000 * spent / len(burst.times) for spent in burst.spent)
    cuts = statistics.quantiles(burst.times, n=20)
    verdict = f"goal {goal}: {'reached' if rate >= goal * peer else 'missed'}"
    wrong = f", {burst.wrong} wrong answers" if burst.wrong else ""
    print(
        f"   {name:<14}{rate:10.0f}{cuts[9]:9.1f}{cuts[18]:9.1f}{web:9.2f}{database:13.2f}{peer:8}{rate / peer:8.1f}"
        f"  {verdict}{wrong}",
        flush=True,
    )


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        asyncio.run(ask(json.load(sys.stdin)))
