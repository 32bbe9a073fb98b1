"""Deriving golden records: which profile's value is shown for a customer, set-based, for the customers that changed.

Survivorship: the source with the smaller priority wins, then what was seen later, then the newer profile.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.golden import EVERY_FIELD, GOLDEN_FIELDS, STAFF_SOURCE
from rapport.customers.normalizing import KEYLESS_PREFIX, normalize_email, normalize_phone

_FIELDS = [sql.Identifier(field) for field in GOLDEN_FIELDS]
_FROM = [sql.Identifier(f"{field}_from") for field in GOLDEN_FIELDS]


def _each(template: str, separator: str = ", ") -> sql.Composed:
    pieces = [
        sql.SQL(template).format(field=field, source=source, name=sql.Literal(field_name))  # type: ignore[arg-type]
        for field, source, field_name in zip(_FIELDS, _FROM, GOLDEN_FIELDS, strict=True)
    ]
    return sql.SQL(separator).join(pieces)


SEARCHED = sql.SQL("concat_ws(' ', name, given_name, family_name, organization, email, keys)")

_DERIVE = sql.SQL("""
with wanted as materialized (
    select distinct id from ({customers}) as given (id)
), ranked as (
    select p.*, s.name as source_name,
           row_number() over (partition by p.customer_id order by s.priority, p.seen_at desc, p.id desc) as rank
      from wanted join customers_profile p on p.customer_id = wanted.id join customers_source s on s.id = p.source_id
), chosen as (
    select customer_id, {values}, (array_agg(kind order by rank))[1] as kind, (array_agg(id order by rank))[1] as first_profile,
           string_agg(external_id, ' ' order by rank)
               filter (where source_name <> {staff} and not starts_with(external_id, {keyless})) as keys
      from ranked group by customer_id
), derived as (
    select chosen.*,
           case (select count(distinct f) from (values {froms}) as said (f))
               when 0 then jsonb_build_object({every}, first_profile)
               when 1 then jsonb_build_object({every}, coalesce({any_from}))
               else jsonb_strip_nulls(jsonb_build_object({provenance})) end as provenance,
           customer_sort_key(name, organization, email, phone) as sort_key,
           search_vector({searched}, phone) as search
      from chosen
)
update customers_customer c
   set {assignments}, kind = d.kind, provenance = d.provenance, sort_key = d.sort_key, search = d.search,
       version = c.version + 1, updated_at = now()
  from derived d
 where c.id = d.customer_id
   and ({current}, c.kind, c.provenance, c.sort_key, c.search)
       is distinct from ({wanted_values}, d.kind, d.provenance, d.sort_key, d.search)
""")

_MOVE_IDENTIFIERS = sql.SQL("""
update customers_identifier i set customer_id = p.customer_id
  from (select distinct id from ({customers}) as given (id)) wanted join customers_profile p on p.customer_id = wanted.id
 where i.profile_id = p.id and i.customer_id <> p.customer_id
""")

_STAFF_CONTACTS = """
select p.id, p.customer_id, p.email, p.phone, p.country from customers_profile p join customers_source s on s.id = p.source_id
 where p.customer_id = any(%s) and s.name = %s
"""

_REPLACE_IDENTIFIERS = """
with said as (
    select * from unnest(%s::bigint[], %s::bigint[], %s::smallint[], %s::text[]) as said (profile_id, customer_id, kind, value_norm)
), gone as (
    delete from customers_identifier i
     where i.profile_id = any(%s) and i.kind in (1, 2)
       and not exists (select from said s where s.profile_id = i.profile_id and s.kind = i.kind and s.value_norm = i.value_norm)
)
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select kind, value_norm, profile_id, customer_id from said
on conflict (kind, value_norm, profile_id) do nothing
"""


def derive_customers(customer_ids: Sequence[int]) -> None:
    """Derive the golden records of these customers again, and the identifiers that their staff profiles state."""
    if not customer_ids:
        return
    with connection.cursor() as cursor:
        _identify_staff_profiles(cursor, customer_ids)
        derive_relation(cursor, sql.SQL("select unnest({}::bigint[])").format(sql.Literal(list(customer_ids))))


def derive_relation(cursor: CursorWrapper, customers: sql.Composable) -> int:
    """The same for the customer ids that a query returns, as a part of a chunk; says how many customers changed."""
    cursor.execute(_MOVE_IDENTIFIERS.format(customers=customers))
    cursor.execute(
        _DERIVE.format(
            customers=customers,
            values=_each(
                "(array_agg({field} order by rank) filter (where {field} is not null))[1] as {field}, "
                "(array_agg(id order by rank) filter (where {field} is not null))[1] as {source}"
            ),
            froms=_each("({source})"),
            any_from=_each("{source}"),
            provenance=_each("{name}, {source}"),
            assignments=_each("{field} = d.{field}"),
            current=_each("c.{field}"),
            wanted_values=_each("d.{field}"),
            searched=SEARCHED,
            every=sql.Literal(EVERY_FIELD),
            staff=sql.Literal(STAFF_SOURCE),
            keyless=sql.Literal(KEYLESS_PREFIX),
        )
    )
    return int(cursor.rowcount)


def _identify_staff_profiles(cursor: CursorWrapper, customer_ids: Sequence[int]) -> None:
    """What staff typed in is normalized here; imports bring their identifiers from the worker processes."""
    cursor.execute(_STAFF_CONTACTS, [list(customer_ids), STAFF_SOURCE])
    profiles = cursor.fetchall()
    if not profiles:
        return
    said = [
        (profile, customer, kind, value)
        for profile, customer, email, phone, country in profiles
        for kind, value in ((1, normalize_email(email)), (2, normalize_phone(phone, country)))
        if value
    ]
    columns = [list(column) for column in zip(*said, strict=True)] if said else [[], [], [], []]
    cursor.execute(_REPLACE_IDENTIFIERS, [*columns, [row[0] for row in profiles]])
