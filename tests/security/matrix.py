"""The access matrix: what somebody who may not see a record can tell from asking for it, in the path or in what is sent.

`Matrix` asks as one person for a record of somebody else and for one that does not exist, within a savepoint each, and
lists as findings every answer that differs and every row that changed. Nothing here names a page: URLs come from the
resolver, ids from tests/security/samples.py, and what a page reads of a request is seen while it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client

from tests.security.conftest import seen
from tests.security.database import LOGS, fingerprint
from tests.security.endpoints import MISSING, Endpoint
from tests.security.samples import World, body_for

_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOWHERE = str(MISSING["uuid"])
_WRITES = """
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0) from pg_stat_xact_user_tables
where schemaname = 'public' and not relname = any(%s)
"""
Body = Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """One way to ask: a method, headers, and whether what is sent goes into the body."""

    method: str
    is_part: bool = False

    def of(self, client: Client, path: str, sent: Body) -> Any:
        headers = {"HX-Request": "true"} if self.is_part else {}
        method = self.method.lower()
        client.cookies.pop("messages", None)  # what the answer before left to be said on the next page
        with transaction.atomic():
            if method in ("get", "head"):
                answer = getattr(client, method)(path, sent, headers=headers)
            elif method == "post":
                answer = client.post(path, sent, headers=headers)
            else:
                answer = client.generic(
                    self.method, path, b"name=Taken", content_type="application/x-www-form-urlencoded", headers=headers
                )
            transaction.set_rollback(True)
        return answer

    def __str__(self) -> str:
        return f"{self.method}{' (part)' if self.is_part else ''}"


EVERY_WAY = (
    Ask("GET"), Ask("GET", is_part=True), Ask("POST"), Ask("POST", is_part=True), Ask("HEAD"), Ask("PUT"), Ask("PATCH"),
    Ask("DELETE"), Ask("OPTIONS"),
)  # fmt: skip
PAGE_AND_FORM = (Ask("GET"), Ask("POST"))
PAGE_PART_AND_FORM = (Ask("GET"), Ask("GET", is_part=True), Ask("POST"))


@dataclass
class Matrix:
    """One person's row of the matrix: who she is, what is hers, and whose records she asks for."""

    client: Client
    world: World
    samples: Mapping[str, Callable[[World], dict[str, Any]]]
    own: World | None = None
    findings: list[str] = field(default_factory=list)
    asked: int = 0

    def path(self, endpoint: Endpoint, *, ways: tuple[Ask, ...] = EVERY_WAY) -> None:
        """The record in the path: as if it did not exist."""
        ids = self.samples[endpoint.name](self.world)
        body = body_for(endpoint.name, self.world)
        expected = {302, 401, 403, 404, 405}
        for way in ways:
            there, nowhere = endpoint.path(**ids), endpoint.path(**_kept(endpoint, ids))
            self._compare(f"{way} {endpoint.name}", way, (there, body), (nowhere, body), allowed=expected)

    def sent(self, endpoint: Endpoint, body: Body, *, ways: tuple[Ask, ...] = PAGE_AND_FORM) -> None:
        """A record of somebody else in a parameter, on a page of one's own: as if it did not exist.

        In the values, `{customer}` and the like stand for a record of `world`, `{own.customer}` for one of `own`.
        """
        path = self.own_path(endpoint)
        for way in ways:
            one, other = ((path, self._filled(body, foreign)) for foreign in (True, False))
            self._compare(f"{way} {endpoint.name} with {dict(body)}", way, one, other)

    def own_path(self, endpoint: Endpoint) -> str:
        """The page of a record that she may see, where there is one."""
        if endpoint.name in self.samples and self.own is not None:
            try:
                return endpoint.path(**self.samples[endpoint.name](self.own))
            except (KeyError, AttributeError, TypeError):
                return endpoint.path(**self.samples[endpoint.name](self.world))
        return endpoint.path()

    def unchanged(self, endpoint: Endpoint, ways: tuple[Ask, ...]) -> list[int]:
        """Nothing is written, whatever is asked; returns the statuses."""
        ids = self.samples[endpoint.name](self.world) if endpoint.name in self.samples else {}
        statuses = []
        for way in ways:
            with self._watched(f"{way} {endpoint.name}"):
                statuses.append(
                    way.of(self.client, endpoint.path(**ids), body_for(endpoint.name, self.world)).status_code
                )
            self.asked += 1
        return statuses

    def _compare(
        self, what: str, way: Ask, one: tuple[str, Body], other: tuple[str, Body], *, allowed: set[int] | None = None
    ) -> None:
        with self._watched(what, only=allowed is not None):
            there, nowhere = (way.of(self.client, *each) for each in (one, other))
        self.asked += 2
        said = [what_is_told(answer) for answer in (there, nowhere)]
        if said[0] != said[1]:
            self.findings.append(f"{what}: the answers differ\n{_difference(*said)}")
        elif there.status_code >= 500 or (allowed is not None and there.status_code not in allowed):
            self.findings.append(f"{what}: {there.status_code}")

    def alike(self, what: str, way: Ask, one: tuple[str, Body], other: tuple[str, Body]) -> None:
        """Two ways to ask are answered alike, and write as much; something of one's own may be written."""
        told = []
        for each in (one, other):
            before = writes()
            answer = way.of(self.client, *each)
            told.append((what_is_told(answer), writes() - before))
            if answer.status_code >= 500:
                self.findings.append(f"{what}: {answer.status_code}")
        self.asked += 2
        if told[0][0] != told[1][0]:
            self.findings.append(f"{what}: the answers differ\n{_difference(told[0][0], told[1][0])}")
        elif told[0][1] != told[1][1]:
            self.findings.append(f"{what}: {told[0][1]} and {told[1][1]} rows were written")

    @contextmanager
    def _watched(self, what: str, *, only: bool = True) -> Iterator[None]:
        """What is written is found, also where it was rolled back: for then it was written before it was refused."""
        before = writes() if only else 0
        yield
        if only and writes() != before:
            self.findings.append(f"{what}: rows were written")

    def _filled(self, body: Body, foreign: bool) -> dict[str, Any]:
        def fill(value: Any) -> Any:
            if isinstance(value, list):
                return [fill(each) for each in value]
            for name, of in REFERENCES.items():
                value = str(value).replace("{" + name + "}", of(self.world) if foreign else _nothing(of(self.world)))
                if self.own is not None and "{own." + name + "}" in value:
                    value = value.replace("{own." + name + "}", of(self.own))
            return value

        return {name: fill(value) for name, value in body.items()}


REFERENCES: dict[str, Callable[[World], str]] = {
    "customer": lambda world: str(world.customer.public_id),
    "order": lambda world: str(world.order.public_id),
    "task": lambda world: str(world.extra["task"].public_id),
    "view": lambda world: str(world.extra["view"].public_id),
    "import": lambda world: str(world.imported.public_id),
}


def _nothing(_text: str) -> str:
    """What looks the same and does not exist."""
    return _NOWHERE


def _kept(endpoint: Endpoint, ids: Mapping[str, Any]) -> dict[str, Any]:
    """The places of a path that are no ids stay: a kind of record, the name of a field."""
    kinds = dict(endpoint.parameters)
    return {name: value for name, value in ids.items() if kinds.get(name) not in ("uuid", "uuidstr", "int")}


def what_is_told(answer: Any) -> tuple[Any, ...]:
    """What can be told from an answer, without ids: those that were asked for, and those drawn for the answer."""
    status, headers, body = seen(answer)
    headers = {name: _UUID.sub(b"ID", value.encode()).decode() for name, value in headers.items()}
    return status, headers, _UUID.sub(b"ID", body)


def _difference(one: tuple[Any, ...], other: tuple[Any, ...]) -> str:
    return "\n".join(list(unified_diff(_lines(one), _lines(other), lineterm="", n=0))[:12])


def _lines(told: tuple[Any, ...]) -> list[str]:
    status, headers, body = told
    return [str(status), *(f"{name}: {value}" for name, value in sorted(headers.items())), *body.decode().splitlines()]


def writes() -> int:
    """How many rows this transaction wrote, logs apart."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITES, [sorted(LOGS)])
        return int(cursor.fetchone()[0])


@contextmanager
def noticing_reads() -> Iterator[set[str]]:
    """The names of all parameters that are read of requests meanwhile."""
    read: set[str] = set()
    kept = {name: getattr(QueryDict, name) for name in ("get", "getlist", "__getitem__", "__contains__", "appendlist")}
    building: list[bool] = []

    def noting(original: Callable[..., Any]) -> Callable[..., Any]:
        def note(self: QueryDict, key: str, *more: Any, **named: Any) -> Any:
            if not building:
                read.add(key)
            return original(self, key, *more, **named)

        return note

    def append(self: QueryDict, key: str, value: Any) -> None:
        building.append(True)
        try:
            kept["appendlist"](self, key, value)
        finally:
            building.pop()

    for name, original in kept.items():
        setattr(QueryDict, name, append if name == "appendlist" else noting(original))
    try:
        yield read
    finally:
        for name, original in kept.items():
            setattr(QueryDict, name, original)


@contextmanager
def nothing_changes() -> Iterator[None]:
    before = fingerprint()
    yield
    assert fingerprint() == before
