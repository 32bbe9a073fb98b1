"""Dumping and loading the database by PostgreSQL's own programs, which come with the embedded server."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from threading import Thread
from typing import IO
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import conninfo

from rapport.config.databases import application_role, embedded_cluster, is_embedded
from rapport.core import environment
from rapport.core.command_line import CommandRefused
from rapport.core.postgres import OWNER_ROLE, client_program, plain_environment, program_version

_BLOCK = 1 << 20
_PG_DUMP = (
    "--format=custom",
    "--compress=gzip:1",
    "--no-password",
    "--lock-wait-timeout=60s",
    "--exclude-table=staging.*",
)
_LONGEST_TALK = 2_000
# our pg_restore sets it on every server, also on those that do not know it and refuse
_TRANSACTION_TIMEOUT = b"SET transaction_timeout = 0;\n"
_KNOWS_TRANSACTION_TIMEOUT = 170_000
_PREAMBLE_LINES = 50


def owner_url() -> str:
    """The database for the role that owns the tables."""
    if is_embedded():
        return embedded_cluster().url(role=OWNER_ROLE)
    return environment.DATABASE_OWNER_URL.read() or environment.DATABASE_URL.read()


def owner_role() -> str:
    return OWNER_ROLE if is_embedded() else unquote(urlsplit(owner_url()).username or "")


def roles() -> tuple[str, str]:
    return owner_role(), application_role()


@contextmanager
def connected() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(owner_url(), autocommit=True, connect_timeout=10) as connection:
        yield connection


def refuse_older_programs(server: int) -> None:
    """pg_dump dumps servers as old or older than itself; `server` is as PostgreSQL counts, such as 180004."""
    ours = program_version("pg_dump")
    if server // 10_000 > ours:
        raise CommandRefused(
            f"The server is PostgreSQL {server // 10_000}, but the pg_dump here is of PostgreSQL {ours} and cannot dump it."
            f" Install the client programs of PostgreSQL {server // 10_000} or newer on this machine."
        )


def dump() -> Iterator[bytes]:
    """All of the database as of one moment, in PostgreSQL's custom format. Others go on writing meanwhile."""
    with tempfile.TemporaryFile() as talk:
        with subprocess.Popen(
            [client_program("pg_dump"), *_PG_DUMP, f"--dbname={_address()}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=talk, env=_environment(),
        ) as process:  # fmt: skip
            assert process.stdout is not None
            try:
                yield from _blocks(process.stdout)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise CommandRefused(f"The database could not be dumped, so there is no backup: {_said(talk)}")


def load(source: IO[bytes], *, with_privileges: bool) -> None:
    """Bring a dump into the empty database, in one transaction: all of it or nothing."""
    with connected() as connection:
        knows_all = connection.info.server_version >= _KNOWS_TRANSACTION_TIMEOUT
    (_load_at_once if knows_all else load_as_text)(source, with_privileges=with_privileges)


def _load_at_once(source: IO[bytes], *, with_privileges: bool) -> None:
    command = [*_pg_restore(with_privileges), "--single-transaction", "--exit-on-error", f"--dbname={_address()}"]
    with tempfile.TemporaryFile() as talk:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=talk, env=_environment()) as process:
            assert process.stdin is not None
            _pour(_blocks(source), process.stdin)
            _end(process.stdin)
        if process.returncode:
            raise CommandRefused(f"The database could not be restored: {_said(talk)}")


def load_as_text(source: IO[bytes], *, with_privileges: bool) -> None:
    """The same on a server that would refuse a setting that our pg_restore makes: as statements, without that one."""
    command = [
        str(client_program("psql")), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password",
        "--single-transaction", "--file=-", f"--dbname={_address()}",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as talk:
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=talk, env=_environment()
        ) as psql:
            assert psql.stdin is not None
            try:
                _pour(_statements(source, with_privileges=with_privileges), psql.stdin)
            except BaseException:
                psql.kill()  # at the end of what it reads it would commit
                raise
            finally:
                _end(psql.stdin)
        if psql.returncode:
            raise CommandRefused(f"The database could not be restored: {_said(talk)}")


def _statements(source: IO[bytes], *, with_privileges: bool) -> Iterator[bytes]:
    """What pg_restore would do, without what servers before 17 do not know. Raises where the dump cannot be read."""
    with (
        tempfile.TemporaryFile() as talk,
        subprocess.Popen(
            [*_pg_restore(with_privileges), "--file=-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=talk,
            env=_environment(),
        ) as process,
    ):  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        feeding = Thread(target=_feed, args=[source, process.stdin], daemon=True)
        feeding.start()
        try:
            yield from (line for line in islice(process.stdout, _PREAMBLE_LINES) if line != _TRANSACTION_TIMEOUT)
            yield from _blocks(process.stdout)
        except BaseException:
            process.kill()
            raise
        finally:
            feeding.join()
        if process.wait():
            raise CommandRefused(f"The database could not be restored: {_said(talk)}")


def _pg_restore(with_privileges: bool) -> list[str]:
    privileges = [] if with_privileges else ["--no-privileges"]
    return [str(client_program("pg_restore")), "--no-owner", "--no-password", *privileges]


def _blocks(source: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: source.read(_BLOCK), b"")


def _feed(source: IO[bytes], into: IO[bytes]) -> None:
    try:
        _pour(_blocks(source), into)
    finally:
        _end(into)


def _pour(blocks: Iterable[bytes], into: IO[bytes]) -> None:
    """All of it into a program; one that ends before says why itself."""
    with suppress(BrokenPipeError):
        for block in blocks:
            into.write(block)


def _end(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):
        pipe.close()


def _address() -> str:
    """Where the database is, without the password: others can read a command line."""
    parts = conninfo.conninfo_to_dict(owner_url())
    parts.pop("password", None)
    return conninfo.make_conninfo("", **parts)  # type: ignore[arg-type]


def _environment() -> dict[str, str]:
    password = conninfo.conninfo_to_dict(owner_url()).get("password")
    return plain_environment() | ({"PGPASSWORD": str(password)} if password else {})


def _said(talk: IO[bytes]) -> str:
    talk.seek(0)
    return talk.read(_LONGEST_TALK).decode(errors="replace").strip()
