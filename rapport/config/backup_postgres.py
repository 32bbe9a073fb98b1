"""Dumping and loading the database by PostgreSQL's own programs, which come with the embedded server."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
                yield from iter(lambda: _read(process.stdout), b"")
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise CommandRefused(f"The database could not be dumped, so there is no backup: {_said(talk)}")


def load(source: IO[bytes], *, with_privileges: bool) -> None:
    """Bring a dump into the empty database, in one transaction: all of it or nothing."""
    command = [
        str(client_program("pg_restore")), "--single-transaction", "--exit-on-error", "--no-owner", "--no-password",
        *([] if with_privileges else ["--no-privileges"]), f"--dbname={_address()}",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as talk:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=talk, env=_environment()) as process:
            assert process.stdin is not None
            try:
                while block := source.read(_BLOCK):
                    process.stdin.write(block)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it says why below
        if process.returncode:
            raise CommandRefused(f"The database could not be restored: {_said(talk)}")


def _address() -> str:
    """Where the database is, without the password: others can read a command line."""
    parts = conninfo.conninfo_to_dict(owner_url())
    parts.pop("password", None)
    return conninfo.make_conninfo("", **parts)  # type: ignore[arg-type]


def _environment() -> dict[str, str]:
    password = conninfo.conninfo_to_dict(owner_url()).get("password")
    return plain_environment() | ({"PGPASSWORD": str(password)} if password else {})


def _read(stream: IO[bytes] | None) -> bytes:
    assert stream is not None
    return stream.read(_BLOCK)


def _said(talk: IO[bytes]) -> str:
    talk.seek(0)
    return talk.read(_LONGEST_TALK).decode(errors="replace").strip()
