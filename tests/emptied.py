"""A test that commits leaves the tables as it found them: empty but for the defaults.

Django truncates every table, which makes a file anew for each of its thousand indexes, and then tells every app that it
was migrated. Where we may, we delete instead what a test has left, which is mostly a few rows, and bring the defaults
back from where they were laid aside when they were first written.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from rapport.config.migrations import write_defaults

_LARGE = 1_000  # rows
_MAY_DELETE = """
select current_setting('is_superuser')::boolean and not exists (
    select from pg_class where relnamespace = 'public'::regnamespace and relname = any(%s) and reltuples > %s
)
"""
_DELETE = """
do $$ declare one text; found boolean; begin
    foreach one in array {tables}::text[] loop
        execute format('select exists (select from %I)', one) into found;
        if found then execute format('delete from %I', one); end if;
    end loop;
end $$
"""
_LAY_ASIDE = """
do $$ declare one text; found boolean; begin
    drop schema if exists laid_aside cascade;
    create schema laid_aside;
    foreach one in array {tables}::text[] loop
        execute format('select exists (select from %I)', one) into found;
        if found then execute format('create table laid_aside.%1$I as table public.%1$I', one); end if;
    end loop;
end $$
"""
_LAID_ASIDE = """
select c.relname, array_agg(a.attname order by a.attnum)
from pg_class c
join pg_attribute a on a.attrelid = format('public.%I', c.relname)::regclass
where c.relnamespace = 'laid_aside'::regnamespace and c.relkind = 'r'
    and a.attnum > 0 and a.attgenerated = '' and not a.attisdropped
group by 1
"""


@dataclass
class _Owner:
    """The connection of the tables' owner, kept for the next test: what it knows of two hundred tables it reads once."""

    connected: psycopg.Connection[Any] | None = None
    tables: list[str] = field(default_factory=list)
    defaults: sql.Composable | None = None  # the statements that bring them back

    def of_the_tests(self) -> psycopg.Connection[Any]:
        name = str(connection.settings_dict["NAME"])
        if self.connected is None or self.connected.closed or self.connected.info.dbname != name:
            self.close()
            url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
            self.connected = psycopg.connect(url, dbname=name, autocommit=True)
            self.tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
            self.defaults = None
        return self.connected

    def close(self) -> None:
        if self.connected is not None:
            self.connected.close()
            self.connected = None


_owner = _Owner()


def empty() -> None:
    """Once for all that come after: nothing is left, and the defaults stand there anew."""
    owner = _owner.of_the_tests()
    row = owner.execute(_MAY_DELETE, [_owner.tables, _LARGE]).fetchone()
    if row is None or not row[0]:  # of a large table more would stay than rows: what the planner believes of it
        _owner.close()
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
        write_defaults()
        return
    tables = sql.Literal(_owner.tables)
    with owner.transaction():
        owner.execute("set local session_replication_role = replica")  # past all triggers
        owner.execute(sql.SQL(_DELETE).format(tables=tables))
        if _owner.defaults is not None:
            owner.execute(_owner.defaults)
    if _owner.defaults is None:
        write_defaults()
        owner.execute(sql.SQL(_LAY_ASIDE).format(tables=tables))
        _owner.defaults = sql.SQL(";").join(_brought_back(*row) for row in owner.execute(_LAID_ASIDE).fetchall())


def forget() -> None:
    """Before the database is dropped nobody may be connected to it."""
    _owner.close()


def _brought_back(table: str, columns: list[str]) -> sql.Composable:
    return sql.SQL(
        "insert into public.{table} ({columns}) overriding system value select {columns} from laid_aside.{table}"
    ).format(table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns)))
