"""Every write says who acts: `acting(by, request)` opens the transaction and tells the audit triggers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.http import HttpRequest

from rapport.core.planned import planned
from rapport.core.remembering import forget_before_a_change


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


def signed_by(first: int) -> str:
    """The columns of a query that tell the database who acts, whose signature stands at `$first` and the four after it."""
    return ", ".join(f"set_config('{name}', ${place}, true)" for place, name in enumerate(_SETTINGS, first))


_SIGN = "select " + signed_by(1)
_NOBODY = ["" for _setting in _SETTINGS]


@dataclass
class _Block:
    """An `acting` block under way: what it has told the database, and whether that is sure to be so still."""

    signature: list[str]
    depth: int
    is_sure: bool = True


class _Under(threading.local):
    """The innermost block of this thread, which has a connection of its own."""

    block: _Block | None = None


_under = _Under()


@contextmanager
def acting(
    by: Actor,
    request: HttpRequest | None = None,
    *,
    reason: str = "",
    savepoint: bool = True,
    sign: Callable[[Sequence[str]], bool] | None = None,
) -> Iterator[None]:
    """One transaction in which every audited change is signed by `by`.

    Inside another `acting` block it joins that transaction and signs its own changes; after it, the outer one signs
    again. Tables of class "audited" refuse any write outside such a block. Without `savepoint`, where an inner block fails,
    all that is around it fails as well: whoever is around must not go on. A statement that begins the act may `sign` with
    `signed_by`; it says whether it did.
    """
    signature = [by.actor_id, by.actor_label, _request_id(request), _address(request), reason]
    is_inner = connection.in_atomic_block
    outer = _under.block if is_inner else None
    forget_before_a_change()
    with transaction.atomic(savepoint=savepoint):
        is_signed = outer is not None and outer.is_sure and outer.signature == signature
        if not is_signed:
            _here().leave_unsaid()  # it is said now who acts
            if sign is None or not sign(signature):
                _sign(signature)
        block = _under.block = _Block(signature, len(connection.savepoint_ids))
        try:
            yield
        finally:
            _under.block = outer
        before = outer.signature if outer is not None else _NOBODY
        if is_inner and outer is None:
            _here().say_before_the_next(_nobody_acts)
        elif is_inner and outer is not None and not (block.is_sure and outer.is_sure and block.signature == before):
            _sign(before)


def _sign(values: list[str]) -> None:
    planned(_SIGN, values)


def _nobody_acts() -> None:
    _sign(_NOBODY)


def _here() -> Any:
    return connections[DEFAULT_DB_ALIAS]


def is_acting() -> bool:
    """Whether somebody signs for what is written now."""
    return connection.in_atomic_block and _under.block is not None


def set_reason(reason: str) -> None:
    """Name the business reason of the changes that follow in this transaction."""
    block = _under.block if connection.in_atomic_block else None
    if block is not None:
        if block.is_sure and block.signature[-1] == reason:
            return
        block.signature[-1] = reason
        # what is said within a savepoint is taken back with it
        block.is_sure = block.is_sure and len(connection.savepoint_ids) == block.depth
    with connection.cursor() as cursor:
        cursor.execute("select set_config('rapport.reason', %s, true)", [reason])


def _request_id(request: HttpRequest | None) -> str:
    return str(getattr(request, "request_id", "")) if request is not None else ""


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
