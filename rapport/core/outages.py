"""Errors that are nobody's fault and pass: the database is away or busy, the disk is full. Told from faults of ours."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_DISK_FULL_STATE, _GIVEN_UP_STATE = "53100", "57014"
_DISK_FULL_NUMBERS = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Outage:
    """What to answer: an HTTP status, plain words, and after how many seconds to try again."""

    status: int
    title: str | Promise
    advice: str | Promise
    retry_after: int
    lost_connection: bool = False


DISK_FULL = Outage(
    507,
    _("The disk is full"),
    _(
        "Nothing of what you sent was kept. Please tell whoever looks after this server, and try again once there is room."
    ),
    retry_after=60,
)
DATABASE_BUSY = Outage(
    503,
    _("Rapport is busy just now"),
    _("Somebody else is changing the same thing. Nothing was changed by you; please try again in a moment."),
    retry_after=2,
)
TOO_SLOW = Outage(
    503,
    _("This takes too long"),
    _("Nothing was changed. Ask for less at once: narrow the list with a filter, or search for whole words."),
    retry_after=30,
)
DATABASE_AWAY = Outage(
    503,
    _("Rapport cannot reach its database just now"),
    _("Please try again in a moment. If you were saving something, look first whether it was saved."),
    retry_after=5,
    lost_connection=True,
)


def outage_behind(error: BaseException | None) -> Outage | None:
    """The outage that caused `error`, or None when the error is a fault of the program."""
    for cause in _chain(error):
        if isinstance(cause, OSError) and cause.errno in _DISK_FULL_NUMBERS:
            return DISK_FULL
        if isinstance(cause, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError):
            return _of_database(cause)
    return None


def _of_database(error: Any) -> Outage:
    state = getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None) or ""
    if state == _DISK_FULL_STATE:
        return DISK_FULL
    if state == _GIVEN_UP_STATE:
        return TOO_SLOW
    # no state: the connection broke; 08: connection; 57P: the server stops or starts; else locks, limits, timeouts
    return DATABASE_AWAY if not state or state.startswith(("08", "57P")) else DATABASE_BUSY


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
