"""A dump comes back whole or not at all, on servers that know all that our programs say and on older ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from psycopg import conninfo, sql

from rapport.config import backup_postgres
from rapport.config.backup_postgres import load, load_as_text
from rapport.core.command_line import CommandRefused

Load = Callable[..., None]
TEXTS = ["a\tb\\c\n", "SET transaction_timeout = 0;", "\\.", "é 😀", ""]
ROWS = 20_000


@contextmanager
def database(name: str) -> Iterator[str]:
    """An empty one on the server of the tests."""
    server = backup_postgres.owner_url()
    made = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {}").format(made))
        connection.execute(sql.SQL("create database {} encoding 'UTF8' template template0").format(made))
    parts = conninfo.conninfo_to_dict(server) | {"dbname": name}
    user, password = str(parts["user"]), f":{parts['password']}" if parts.get("password") else ""
    host, port = parts.get("host", ""), parts.get("port", "")
    try:
        yield f"postgresql://{user}{password}@/{name}?host={host}&port={port}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(made))


@pytest.fixture
def two(worker_id: str) -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        yield (
            stack.enter_context(database(f"test_dumped_{worker_id}")),
            stack.enter_context(database(f"test_loaded_{worker_id}")),
        )


def dumped(url: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setenv("DATABASE_OWNER_URL", url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table note (id bigint generated always as identity primary key, text text not null)")
        connection.cursor().executemany("insert into note (text) values (%s)", [(text,) for text in TEXTS])
        connection.execute(
            "insert into note (text) select sha512(n::text::bytea) from generate_series(1, %s) n", [ROWS]
        )
    return b"".join(backup_postgres.dump())


@pytest.mark.parametrize("how", [load, load_as_text])
def test_a_dump_comes_back_whole_or_not_at_all(
    two: tuple[str, str], how: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = dumped(two[0], monkeypatch)
    monkeypatch.setenv("DATABASE_OWNER_URL", two[1])

    def found(query: str) -> list[str]:
        with psycopg.connect(two[1]) as connection:
            return [row[0] for row in connection.execute(query).fetchall()]

    for unfit in (dump[: len(dump) // 2], b"id,name\n" * 20_000):
        with pytest.raises(CommandRefused, match=r"could not be restored: pg_restore: error: ."):
            how(io.BytesIO(unfit), with_privileges=True)
        assert found("select tablename from pg_tables where schemaname = 'public'") == []

    how(io.BytesIO(dump), with_privileges=True)

    assert found("select text from note order by id limit 5") == TEXTS
    assert found("select count(*)::text from note") == [str(ROWS + len(TEXTS))]
    with pytest.raises(CommandRefused, match='relation "note" already exists'):
        how(io.BytesIO(dump), with_privileges=True)
    assert found("select count(*)::text from note") == [str(ROWS + len(TEXTS))]
