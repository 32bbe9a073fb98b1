"""Applying the contact points of staged people, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.survivorship.deriving import derive_relation
from rapport.records.imports.importing import Run
from rapport.records.imports.journal import created, edited_since, journal_rows, journaled, restore_rows

_SHAPE = sql.SQL(
    "kind text, label text, value text, value_norm text, street text, postal_code text, city text, region text, country text"
)
_NAMES = ("kind", "label", "value", "value_norm", "street", "postal_code", "city", "region", "country")
_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, _NAMES))
_OF_POINT = sql.SQL(", ").join(sql.Identifier("p", name) for name in _NAMES)

_GONE = sql.SQL("""
select c.id from customers_contactpoint c join {rows} s on s.profile_id = c.profile_id
 where (c.kind, c.label) in (values {labels})
   and not exists (select from jsonb_to_recordset(coalesce(s.points, '[]')) as p ({shape})
                    where (p.kind, p.label, p.value) = (c.kind, c.label, c.value))
""")

_ADD = sql.SQL("""
with added as (
    insert into customers_contactpoint (public_id, profile_id, customer_id, {columns}, import_id)
    select gen_random_uuid(), s.profile_id, s.customer_id, {of_point}, {import_id}
      from {rows} s cross join lateral jsonb_to_recordset(s.points) as p ({shape})
     where {only} and s.points is not null
     order by s.profile_id
    on conflict (profile_id, kind, value) do nothing
    returning profile_id, customer_id, kind, value_norm
)
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select case kind when 'email' then 1 else 2 end, value_norm, profile_id, customer_id from added where value_norm is not null
on conflict (kind, value_norm, profile_id) do nothing
""")


def differs(labels: Sequence[tuple[str, str]]) -> sql.Composable:
    """Whether the contact points of the staged row `s` differ from those of its profile, for the labels of the file."""
    if not labels:
        return sql.SQL("false")
    return sql.SQL("""
        (select coalesce(array_agg((c.kind, c.label, c.value)::text order by c.kind, c.label, c.value), '{{}}')
           from customers_contactpoint c where c.profile_id = s.profile_id and (c.kind, c.label) in (values {labels}))
        is distinct from
        (select coalesce(array_agg((p.kind, p.label, p.value)::text order by p.kind, p.label, p.value), '{{}}')
           from jsonb_to_recordset(coalesce(s.points, '[]')) as p ({shape}))
    """).format(labels=_listed(labels), shape=_SHAPE)


def add_points(cursor: CursorWrapper, run: Run) -> None:
    """The contact points of people that are new in this chunk."""
    _add(cursor, run, rows="people_chunk", only="s.is_new")
    # where the words of a row were left to the database, those of its contact points are not among them yet
    derive_relation(
        cursor, sql.SQL("select customer_id from people_chunk where is_new and points is not null and words is null")
    )


def replace_points(cursor: CursorWrapper, run: Run, labels: Sequence[tuple[str, str]]) -> None:
    """The contact points of people that changed in this chunk, for the labels that the file speaks about."""
    gone = _GONE.format(rows=sql.Identifier("people_changed"), labels=_listed(labels), shape=_SHAPE)
    journal_rows(cursor, run, "customers_contactpoint", gone)
    cursor.execute(sql.SQL("delete from customers_contactpoint where id in ({})").format(gone))
    _add(cursor, run, rows="people_changed", only="true")


def point_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    """Who has edited contact points since that the import had brought."""
    brought = sql.SQL("select id from customers_contactpoint where import_id = {}").format(sql.Literal(import_id))
    return edited_since(cursor, import_id, "customers_contactpoint", brought, "addresses and numbers")


def restore_points(cursor: CursorWrapper, import_id: int, profiles: sql.Composable) -> None:
    """Put the contact points of changed profiles back as they were."""
    cursor.execute(
        sql.SQL("delete from customers_contactpoint where id in ({}) and profile_id in ({})").format(
            created(import_id, "customers_contactpoint"), profiles
        )
    )
    restore_rows(
        cursor, import_id, "customers_contactpoint",
        sql.SQL("{} and (previous ->> 'profile_id')::bigint in ({})").format(
            journaled(import_id, "customers_contactpoint"), profiles
        ),
    )  # fmt: skip


def _add(cursor: CursorWrapper, run: Run, *, rows: str, only: str) -> None:
    cursor.execute(
        _ADD.format(
            rows=sql.Identifier(rows), only=sql.SQL(only), columns=_COLUMNS, of_point=_OF_POINT,  # type: ignore[arg-type]
            shape=_SHAPE, import_id=sql.Literal(run.import_id),
        )
    )  # fmt: skip


def _listed(labels: Sequence[tuple[str, str]]) -> sql.Composed:
    return sql.SQL(", ").join(sql.SQL("({}, {})").format(*map(sql.Literal, label)) for label in labels)
