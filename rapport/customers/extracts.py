"""What this room brings into the warehouse: customers and their profiles, contacts, consents and ties, without a word on them.

No name, address, number or text of anybody: what is analyzed are kinds, codes, days and ids, and short values of fields of
the business's own.
"""

from __future__ import annotations

from rapport.core.extracts import ColumnType, Extract

PROFILE_CUSTOMERS = Extract(
    name="profile_customers",
    select="""
        select p.id, p.customer_id from customers_profile p join customers_customer c on c.id = p.customer_id
         where c.merged_into_id is null and c.trashed_at is null
    """,
    columns=(("profile_id", ColumnType.INTEGER), ("customer_id", ColumnType.INTEGER)),
    reads=("customers_profile", "customers_customer"),
    key="profile_id",
    reached={
        "customers_customer": "select p.id from customers_profile p where p.customer_id between {low} and {high}",
    },
)

CUSTOMERS = Extract(
    name="customers",
    select="""
        select c.id, c.kind, case when length(c.country) = 2 then upper(c.country) end,
               case when c.region ~ '^[A-Za-z0-9]{2,3}$' then upper(c.region) end,
               case when c.language ~ '^[A-Za-z]{2,3}(-[A-Za-z]{2,4})?$' then lower(c.language) end, c.owner_id,
               c.email is not null, c.phone is not null, c.created_at, (c.created_at at time zone %(time_zone)s)::date
          from customers_customer c where c.merged_into_id is null and c.trashed_at is null
    """,
    columns=(
        ("customer_id", ColumnType.INTEGER),
        ("kind", ColumnType.TEXT),
        ("country", ColumnType.TEXT),
        ("region", ColumnType.TEXT),
        ("language", ColumnType.TEXT),
        ("owner_id", ColumnType.INTEGER),
        ("has_email", ColumnType.BOOLEAN),
        ("has_phone", ColumnType.BOOLEAN),
        ("created_at", ColumnType.INSTANT),
        ("created_on", ColumnType.DATE),
    ),
    reads=("customers_customer",),
    key="customer_id",
)

PROFILES = Extract(
    name="profiles",
    select="""
        select p.id, s.name, p.kind, p.seen_at, (p.seen_at at time zone %(time_zone)s)::date
          from customers_profile p join customers_source s on s.id = p.source_id
    """,
    columns=(
        ("profile_id", ColumnType.INTEGER),
        ("source", ColumnType.TEXT),
        ("kind", ColumnType.TEXT),
        ("seen_at", ColumnType.INSTANT),
        ("seen_on", ColumnType.DATE),
    ),
    reads=("customers_profile", "customers_source"),
    key="profile_id",
    reached={"customers_source": "select p.id from customers_profile p where p.source_id between {low} and {high}"},
)

TOUCHPOINTS = Extract(
    name="touchpoints",
    # the kind of its source, not its name: a join of all contacts with their profiles would double what copying them takes
    select="""
        select t.id, t.profile_id, t.kind, t.channel, t.direction, t.occurred_at,
               (t.occurred_at at time zone %(time_zone)s)::date, case when t.import_id is null then 'live' else 'import' end
          from customers_touchpoint t
    """,
    columns=(
        ("touchpoint_id", ColumnType.INTEGER),
        ("profile_id", ColumnType.INTEGER),
        ("kind", ColumnType.TEXT),
        ("channel", ColumnType.TEXT),
        ("direction", ColumnType.TEXT),
        ("occurred_at", ColumnType.INSTANT),
        ("occurred_on", ColumnType.DATE),
        ("source_kind", ColumnType.TEXT),
    ),
    reads=("customers_touchpoint",),
    key="touchpoint_id",
    instant="occurred_at",
)

CONSENTS = Extract(
    name="consents",
    select="""
        select e.id, e.profile_id, e.purpose, e.channel, e.status, e.occurred_at,
               (e.occurred_at at time zone %(time_zone)s)::date, e.expires_at
          from customers_consent e
    """,
    columns=(
        ("consent_id", ColumnType.INTEGER),
        ("profile_id", ColumnType.INTEGER),
        ("purpose", ColumnType.TEXT),
        ("channel", ColumnType.TEXT),
        ("status", ColumnType.TEXT),
        ("occurred_at", ColumnType.INSTANT),
        ("occurred_on", ColumnType.DATE),
        ("expires_at", ColumnType.INSTANT),
    ),
    reads=("customers_consent",),
    key="consent_id",
)

RELATIONSHIPS = Extract(
    name="relationships",
    select="""
        select r.id, r.kind, r.from_profile_id, r.to_profile_id, r.since, r.until from customers_relationship r
    """,
    columns=(
        ("relationship_id", ColumnType.INTEGER),
        ("kind", ColumnType.TEXT),
        ("from_profile_id", ColumnType.INTEGER),
        ("to_profile_id", ColumnType.INTEGER),
        ("since", ColumnType.DATE),
        ("until", ColumnType.DATE),
    ),
    reads=("customers_relationship",),
    key="relationship_id",
)

CUSTOMER_VALUES = Extract(
    name="customer_values",
    # fields of the business's own; several choices are several rows, and long texts and addresses stay where they are
    select="""
        select c.id, v.key, e.value
          from customers_customer c cross join lateral jsonb_each(c.custom) v
          cross join lateral jsonb_array_elements_text(
              case jsonb_typeof(v.value) when 'array' then v.value else jsonb_build_array(v.value) end) e
         where c.custom <> jsonb_build_object() and c.merged_into_id is null and c.trashed_at is null
           and length(e.value) <= 60 and e.value !~ '@|://'
    """,
    columns=(("customer_id", ColumnType.INTEGER), ("field", ColumnType.TEXT), ("value", ColumnType.TEXT)),
    reads=("customers_customer",),
    key="customer_id",
)

EXTRACTS = (PROFILE_CUSTOMERS, CUSTOMERS, CUSTOMER_VALUES, PROFILES, TOUCHPOINTS, CONSENTS, RELATIONSHIPS)
