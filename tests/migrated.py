"""Migrations take seconds: of the processes of a run the first one makes the tables, and the others copy what it made.

So it is with the database that tests connect to, and with the home that the fault tests hurt.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

from tests.cluster import HOME

_COPY = "test_rapport_migrated"
_HOME = HOME / "migrated-home"  # says which run has made one, and where
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


@contextmanager
def home_migrated_once(make: Callable[[], Path]) -> Iterator[Path]:
    """A home with migrated tables to copy, not to change: what `make` makes, or what another process of this run made."""
    if not _RUN:
        made = make()
        try:
            yield made
        finally:
            shutil.rmtree(made)
        return
    with (HOME / "migrated-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run, home = _home_of()
        if run != _RUN:
            home = make()
            _HOME.write_text(f"{_RUN} {home}")
    yield home


def _home_of() -> tuple[str, Path]:
    run, _space, home = (_HOME.read_text() if _HOME.exists() else "").partition(" ")
    return run, Path(home)


def drop_copies() -> None:
    """At the end of a run, by the process that it began with."""
    if _RUN:
        return
    owner = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(owner, autocommit=True) as server:
        server.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(_COPY)))
    if _HOME.exists():
        shutil.rmtree(_home_of()[1], ignore_errors=True)
        _HOME.unlink()
