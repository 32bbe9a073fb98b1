"""Writing to the trail by name: what no row change says (a sign-in, an export), and the sealing of the chain."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest

from rapport.core import environment
from rapport.core.acting import Actor, acting

SEAL_AT_ONCE = 5_000
_FEW_ROWS = 50


@dataclass(frozen=True)
class Head:
    """The end of the chain: how many events it holds, and its hash."""

    position: int
    hash: str


def record(
    act: str, *, by: Actor, request: HttpRequest | None = None, about: str = "", values: Mapping[str, Any] | None = None
) -> int:
    """Write that `by` did `act` (such as "sign-in", "export"), `about` an id; personal values belong into `values`."""
    with acting(by, request):
        return _write("", about, act, values or {})


def record_bulk(reason: str, counts: Mapping[str, int]) -> int:
    """One event for a chunk of a bulk action, inside its `acting` block: what was done, and how many of each."""
    return _write("", "", reason, counts)


@contextmanager
def rows_together(count: int) -> Iterator[None]:
    """Inside an `acting` block: the events of all rows that a statement changes are written in one go, where they are many.

    For tables with `audit_attach_many`. The trail is the same; a few rows by themselves take longer so.
    """
    if count <= _FEW_ROWS:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.many', 'on', true)")
        yield
        cursor.execute("select set_config('rapport.many', 'off', true)")


def forget_values(event_ids: Sequence[int]) -> int:
    """Erase the values behind these events, inside an `acting` block; the chain still verifies. Says how many were."""
    with connection.cursor() as cursor:
        cursor.execute("select audit_forget(%s)", [list(event_ids)])
        return int(cursor.fetchone()[0])


def seal(*, now: datetime) -> Head | None:
    """Bring every committed event into the chain and note its head outside the database; None while there is nothing."""
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select sealed_count, head_position, head_hash from audit_seal(%s)", [SEAL_AT_ONCE])
            count, position, hash_ = cursor.fetchone()
        if count < SEAL_AT_ONCE:
            break
    if not position:
        return None
    head = Head(position, bytes(hash_).hex())
    _note(head, now=now)
    return head


def heads_file() -> Path:
    """Where heads of the chain are noted: a copy kept elsewhere proves that nothing before it was touched."""
    return environment.home() / "audit" / "heads.log"


def _note(head: Head, *, now: datetime) -> None:
    path = heads_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 400))
        if f"{head.position} {head.hash} ".encode() in file.read():
            return
        file.write(f"{head.position} {head.hash} {now.isoformat(timespec='seconds')}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _write(table: str, row_id: str, operation: str, values: Mapping[str, Any]) -> int:
    stored = _storable(values)
    with connection.cursor() as cursor:
        cursor.execute(
            "select audit_write(%s, %s, %s, %s, %s::jsonb)",
            [table, _storable(row_id), _storable(operation), sorted(stored), json.dumps(stored)],
        )
        return int(cursor.fetchone()[0])


def _storable(value: Any) -> Any:
    """As JSON without what PostgreSQL cannot keep: a NUL or half a surrogate that was sent must not lose the event."""
    if isinstance(value, Mapping):
        return {_storable(str(name)): _storable(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_storable(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value).replace("\0", "\ufffd").encode(errors="replace").decode()
