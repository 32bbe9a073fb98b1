"""Telling what passes by itself from what is our fault."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError

from rapport.core.outages import DATABASE_AWAY, DATABASE_BUSY, DISK_FULL, TOO_SLOW, Outage, outage_behind


def of_database(cause: psycopg.Error) -> OperationalError:
    error = OperationalError("as Django wraps it")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (of_database(psycopg.OperationalError("the connection is lost")), DATABASE_AWAY),
        (of_database(psycopg.errors.AdminShutdown()), DATABASE_AWAY),
        (of_database(psycopg.errors.CannotConnectNow()), DATABASE_AWAY),
        (InterfaceError("connection already closed"), DATABASE_AWAY),
        (of_database(psycopg.errors.LockNotAvailable()), DATABASE_BUSY),
        (of_database(psycopg.errors.DeadlockDetected()), DATABASE_BUSY),
        (of_database(psycopg.errors.TooManyConnections()), DATABASE_BUSY),
        (of_database(psycopg.errors.QueryCanceled()), TOO_SLOW),
        (of_database(psycopg.errors.DiskFull()), DISK_FULL),
        (OSError(errno.ENOSPC, "No space left on device"), DISK_FULL),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), DISK_FULL),
        (ProgrammingError("column does not exist"), None),
        (FileNotFoundError(errno.ENOENT, "no such file"), None),
        (KeyError("name"), None),
        (None, None),
    ],
)
def test_an_error_is_an_outage_only_when_it_passes_by_itself(error: BaseException, outage: Outage | None) -> None:
    assert outage_behind(error) is outage


def test_an_outage_is_found_under_the_error_it_caused() -> None:
    error = KeyError("total")
    error.__context__ = OSError(errno.ENOSPC, "No space left on device")

    assert outage_behind(error) is DISK_FULL
