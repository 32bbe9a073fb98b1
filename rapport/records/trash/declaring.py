"""The trash: what rooms declare of theirs in trash/declaring.py, so that one page shows it, brings it back, or ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise

from rapport.core.rooms import contributions

if TYPE_CHECKING:
    from rapport.accounts.models import User


class TrashRefused(Exception):
    """Nothing was put into the trash, brought back or ended; the message says why."""


@dataclass(frozen=True)
class Trashed:
    """Something in the trash, as its page shows it."""

    public_id: UUID
    name: str
    trashed_at: datetime
    note: str = ""


@dataclass(frozen=True)
class Handling:
    """Who does something with one thing in the trash, and when."""

    by: User
    now: datetime
    request: HttpRequest | None = None


@dataclass(frozen=True)
class Bin:
    """One kind of thing that can lie in the trash. All is found through what somebody may see.

    `rows` answers with the newest, at most so many; `find` with one, or None; `names` with what things are called, by key.
    `restore` brings one back, and says whether it was still there; it raises TrashRefused.
    """

    kind: str
    label: str | Promise
    right: str
    rows: Callable[[User, int], Sequence[Trashed]]
    find: Callable[[User, UUID], Trashed | None]
    names: Callable[[User, Sequence[int]], Mapping[int, str]]
    restore: Callable[[UUID, Handling], bool]
    restore_right: str = ""


@dataclass(frozen=True)
class Purge:
    """How a kind of thing in the trash is ended before its time, and who may. `warning` is said before."""

    kind: str
    right: str
    purge: Callable[[UUID, Handling], bool]
    warning: str | Promise


@cache
def _bins() -> tuple[Bin, ...]:
    return tuple(contributions("trash", "BINS", Bin))


@cache
def _purges() -> dict[str, Purge]:
    return {each.kind: each for each in contributions("trash", "PURGES", Purge)}


def bins_of(user: User) -> list[Bin]:
    """The kinds of which `user` may see what is in the trash."""
    return [each for each in _bins() if user.has_right(each.right)]


def purge_of(user: User, kind: str) -> Purge | None:
    """How `user` may end things of this kind; None where she may not."""
    found = _purges().get(kind)
    return found if found is not None and user.has_right(found.right) else None
