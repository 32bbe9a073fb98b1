"""A customer whom staff add, in one statement: with her only profile, its identifiers, and herself as derived of it.

What one profile alone says is shown whatever the rules are, so they need not be asked; deriving her again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from psycopg import sql

from rapport.core.planned import as_json, planned
from rapport.customers.golden import DATE_FIELDS, EVERY_FIELD, GOLDEN_FIELDS, STAFF_SOURCE
from rapport.customers.models import Customer
from rapport.customers.survivorship.deriving import CUSTOMER_ROW, SEARCHED, identifiers_of, own_words

_WRITE = sql.SQL("""
with new as (
    select nextval(pg_get_serial_sequence('customers_profile', 'id')) as id
), said as (
    select {values}, $1::text as kind, $2::bigint as owner_id, $3::timestamptz as now, $4::jsonb as raw,
           $5::jsonb as custom, null::text as keys
), shown as (
    select customer_sort_key(name, organization, email, phone) as sort_key,
           search_vector({searched}, phone)
           || coalesce((select array_to_tsvector(array_agg(distinct word))
                          from (select unnest(search_words(email)) as word union all select left(search_phone(phone), 60)) further
                         where word <> ''), '')
           || {own_words} as search
      from said
), customer as (
    insert into customers_customer (kind, owner_id, provenance, custom, sort_key, search, created_at, updated_at, {golden})
    select kind, owner_id, jsonb_build_object({every}, new.id), custom, sort_key, search, now, now, {golden}
      from said, shown, new
    returning *
), profile as (
    insert into customers_profile (id, customer_id, source_id, external_id, kind, seen_at, raw, custom, {golden})
    select new.id, customer.id, (select id from customers_source where name = {staff}), $6, said.kind, now, said.raw, said.custom,
           {said}
      from said, new, customer
), identifiers as (
    insert into customers_identifier (kind, value_norm, profile_id, customer_id)
    select i.kind, i.value_norm, new.id, customer.id
      from jsonb_to_recordset($7::jsonb) as i (kind smallint, value_norm text), new, customer
)
select {columns} from customer c
""")
_FIRST_VALUE = 8


def write_customer(
    said: Mapping[str, Any],
    *,
    kind: str,
    owner_id: int,
    external_id: str,
    now: datetime,
    raw: Mapping[str, str],
    custom: Mapping[str, Any],
) -> Customer:
    """Of a person or an organization of whom staff say this, and nobody else anything. Inside `acting`."""
    known = identifiers_of(said.get("email"), said.get("phone"), said.get("country"))
    identifiers = [{"kind": kind_of, "value_norm": value} for kind_of, value in known]
    values = [said.get(field) for field in GOLDEN_FIELDS]
    about = [kind, owner_id, now, as_json(raw), as_json(custom), external_id, as_json(identifiers)]
    return CUSTOMER_ROW.read(planned(_writing(own_words(sql.SQL("custom")).as_string(None)), [*about, *values])[0])


@lru_cache(maxsize=16)
def _writing(words: str) -> str:
    numbered = enumerate(GOLDEN_FIELDS, _FIRST_VALUE)
    written = _WRITE.format(
        values=sql.SQL(", ").join(_value(field, place) for place, field in numbered),
        golden=sql.SQL(", ").join(map(sql.Identifier, GOLDEN_FIELDS)),
        said=sql.SQL(", ").join(sql.Identifier("said", field) for field in GOLDEN_FIELDS),
        searched=SEARCHED,
        own_words=sql.SQL(words),  # type: ignore[arg-type]
        every=sql.Literal(EVERY_FIELD),
        staff=sql.Literal(STAFF_SOURCE),
        columns=CUSTOMER_ROW.columns,
    )
    return written.as_string(None)


def _value(field: str, place: int) -> sql.Composed:
    type_of = sql.SQL("date" if field in DATE_FIELDS else "text")
    return sql.SQL("{}::{} as {}").format(sql.SQL(f"${place:d}"), type_of, sql.Identifier(field))
