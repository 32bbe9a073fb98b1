"""Indexes of fields of one's own: built beside the work that goes on, by the role that owns the tables."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from urllib.parse import unquote, urlsplit

import psycopg
from django.db import connection
from psycopg import sql

from rapport.core import environment
from rapport.core.acting import SYSTEM, acting
from rapport.core.postgres import OWNER_ROLE, Cluster
from rapport.records.custom_fields.actions import change_mark
from rapport.records.custom_fields.declaring import SORTABLE, custom_objects, expressions, searched_expression
from rapport.records.custom_fields.queries import definition_of
from rapport.records.models import CustomField
from rapport.records.registry import FieldKind

_VALID = """
select i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = %s and i.indrelid = %s::regclass
"""


def follow_index(field: CustomField, *, now: datetime) -> None:
    """Build what the field asks for and is missing, drop what it does not ask for any more; then have it known."""
    of = custom_objects().get(field.object)
    if of is None:
        return
    definition = definition_of(field)
    plain, sort_sql = expressions(definition, row="")
    wanted_sort = field.is_sorted and not of.is_small and FieldKind(field.kind) in SORTABLE
    wanted_search = field.is_searched and not of.is_small and of.search_again is None and field.archived_at is None
    with closing(_as_owner()) as owner:
        _follow(owner, of.tables[0], index_name(field, "sort"), sort_sql or plain, wanted=wanted_sort)
        _follow(
            owner,
            of.tables[0],
            index_name(field, "search"),
            searched_expression(field.name, row=""),
            wanted=wanted_search,
        )
    with acting(SYSTEM, reason="field indexed"):
        CustomField.objects.filter(pk=field.pk).update(index_built_at=now if wanted_sort else None)
        change_mark()


def drop_indexes(field: CustomField) -> None:
    of = custom_objects().get(field.object)
    if of is None:
        return
    with closing(_as_owner()) as owner:
        for kind in ("sort", "search"):
            _follow(owner, of.tables[0], index_name(field, kind), "", wanted=False)


def index_name(field: CustomField, kind: str) -> str:
    """Short enough for any name of a field, and the same at every try."""
    return f"records_own_{field.pk}_{kind}"


def _follow(owner: psycopg.Connection, table: str, name: str, expression: str, *, wanted: bool) -> None:
    is_valid = owner.execute(_VALID, [name, table]).fetchone()
    if wanted and is_valid == (True,):
        return
    if is_valid is not None:  # not asked for any more, or left behind unfinished by a kill
        owner.execute(sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(name)))
    if wanted:
        owner.execute(
            sql.SQL(
                "create index concurrently {name} on {table} ({expression}, id) where {expression} is not null"
            ).format(name=sql.Identifier(name), table=sql.Identifier(table), expression=sql.SQL(expression))
        )


def _as_owner() -> psycopg.Connection:
    """A connection of its own: an index beside the work cannot be built inside a transaction, nor by who does not own the table."""
    here = connection.settings_dict
    url = environment.DATABASE_OWNER_URL.read() or environment.DATABASE_URL.read()
    if not url:
        url = Cluster(environment.home() / "postgres").url(role=OWNER_ROLE)
    parts = urlsplit(url)
    return psycopg.connect(
        dbname=here["NAME"], user=unquote(parts.username or ""), password=unquote(parts.password or ""),
        host=here["HOST"], port=here["PORT"] or None, autocommit=True, options="-c lock_timeout=60000",
    )  # fmt: skip
