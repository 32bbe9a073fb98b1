"""Every write says who acts: `acting(by, request)` opens the transaction and tells the audit triggers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import connection, transaction
from django.http import HttpRequest


class Actor(Protocol):
    """Somebody who acts: a person on the staff, or a named part of the system."""

    @property
    def actor_id(self) -> str: ...

    @property
    def actor_label(self) -> str: ...


@dataclass(frozen=True)
class SystemActor:
    name: str = "system"

    @property
    def actor_id(self) -> str:
        return f"system:{self.name}"

    @property
    def actor_label(self) -> str:
        return self.name


SYSTEM = SystemActor()
_SETTINGS = ("rapport.actor_id", "rapport.actor_label", "rapport.request_id", "rapport.address", "rapport.reason")


@contextmanager
def acting(by: Actor, request: HttpRequest | None = None, *, reason: str = "") -> Iterator[None]:
    """One transaction in which every audited change is signed by `by`.

    Inside another `acting` block it joins that transaction and signs its own changes; after it, the outer one signs
    again. Tables of class "audited" refuse any write outside such a block.
    """
    signature = [by.actor_id, by.actor_label, _request_id(request), _address(request), reason]
    is_inner = connection.in_atomic_block
    with transaction.atomic():
        before = _signature() if is_inner else None
        _sign(signature)
        yield
        if before is not None:
            _sign(before)


def _signature() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"coalesce(current_setting('{name}', true), '')" for name in _SETTINGS))
        return list(cursor.fetchone())


def _sign(values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select " + ", ".join(f"set_config('{name}', %s, true)" for name in _SETTINGS), values)


def set_reason(reason: str) -> None:
    """Name the business reason of the changes that follow in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.reason', %s, true)", [reason])


def _request_id(request: HttpRequest | None) -> str:
    return str(getattr(request, "request_id", "")) if request is not None else ""


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
