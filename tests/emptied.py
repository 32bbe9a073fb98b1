"""A test that commits leaves the tables as it found them: empty but for the defaults.

Django truncates every table, which makes a file anew for each of its thousand indexes, and then tells every app that it
was migrated. Where we may, we delete instead what a test has left, which is mostly a few rows.
"""

from __future__ import annotations

import os

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


def empty() -> None:
    """Once for all that come after: nothing is left, and the defaults stand there anew."""
    if not _deleted():
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False, inhibit_post_migrate=True)
    write_defaults()


def _deleted() -> bool:
    """Whether it could be done by deleting: by a superuser, past all triggers, and where no table is large.

    Of a large one more would stay than rows: what the planner believes of it.
    """
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(url, dbname=str(connection.settings_dict["NAME"])) as owner:
        row = owner.execute(_MAY_DELETE, [tables, _LARGE]).fetchone()
        if row is None or not row[0]:
            return False
        owner.execute("set local session_replication_role = replica")
        owner.execute(sql.SQL(_DELETE).format(tables=sql.Literal(tables)))
    return True
