"""Migrations take seconds: of the processes of a run the first one makes the tables, and the others copy what it made."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from tests.cluster import HOME

_COPY = "test_rapport_migrated"
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")


@contextmanager
def migrated_once() -> Iterator[None]:
    """Make the tables of this process within: from nothing, or from the copy that the first process of this run left."""
    if not _RUN:  # one process alone
        yield
        return
    with (HOME / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _copy_is_of() == _RUN:
            fcntl.flock(lock, fcntl.LOCK_UN)
            connection.settings_dict["TEST"]["TEMPLATE"] = _COPY
            yield
        else:
            yield
            _leave_copy()


def _copy_is_of() -> str | None:
    """The run that made the copy, if there is one."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("select shobj_description(oid, 'pg_database') from pg_database where datname = %s", [_COPY])
        row = cursor.fetchone()
    return row[0] if row else None


def _leave_copy() -> None:
    connection.close()  # nobody may look at a database that is copied
    copy, made = sql.Identifier(_COPY), sql.Identifier(str(connection.settings_dict["NAME"]))
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql.SQL("drop database if exists {}").format(copy))
        cursor.execute(sql.SQL("create database {} template {}").format(copy, made))
        cursor.execute(sql.SQL("comment on database {} is {}").format(copy, sql.Literal(_RUN)))


def drop_copy() -> None:
    """At the end of a run, by the process that it began with."""
    if not _RUN:
        owner = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(_COPY)))
