"""Every column of the database that can hold a personal value is spoken for: it is hers, or it is said why it is not."""

from __future__ import annotations

import pytest
from django.db import connection

from rapport.core.owned import OwnedTable
from rapport.core.personal import erasers, impersonal_tables, personal_tables
from rapport.core.rooms import contributions

_COLUMNS = """
select c.relname, a.attname
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
 where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
   and format_type(a.atttypid, null) ~ '^(text|character|"char"|json|tsvector|bytea|inet|xml|date)'
"""
# digests and random bytes, which no value can be read from
_UNREADABLE = {("audit_event", "digest"), ("audit_event", "sealed_hash")}
_OUTSIDE = {"sample_room_greeting"}


def readable_columns():
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        return {(table, column) for table, column in cursor.fetchall() if table not in _OUTSIDE}


def declared(columns):
    whole = {each.table for each in impersonal_tables() if not each.columns}
    said = {(each.table, column) for each in impersonal_tables() for column in each.columns}
    said |= {(each.table, column) for each in personal_tables() for column in each.personal}
    said |= {(each.table, column) for each in contributions("owned", "OWNED", OwnedTable) for column in each.personal}
    said |= {(table, column) for each in erasers() for table, held in each.holds for column in held}
    return {(table, column) for table, column in columns if table in whole or (table, column) in said}


def test_every_readable_column_is_spoken_for(db):
    columns = readable_columns()

    missing = sorted(columns - declared(columns) - _UNREADABLE)

    assert missing == [], missing


def test_a_table_that_nobody_speaks_about_is_noticed(db):
    assert declared({("customers_secret", "note")}) == set()


def test_nothing_is_said_about_columns_that_are_not_there(db):
    columns = readable_columns()
    said = {(each.table, column) for each in impersonal_tables() for column in each.columns}
    said |= {(each.table, column) for each in personal_tables() for column in each.personal}

    assert sorted(said - columns) == []


@pytest.mark.parametrize("table", ["impersonal", "personal"])
def test_reasons_are_given(table):
    assert all(each.why for each in impersonal_tables())
    assert all(each.personal for each in personal_tables())
