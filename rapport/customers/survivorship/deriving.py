"""Deriving golden records: which profile's value is shown for a customer, set-based, for the customers that changed.

The rules are data (survivorship/rules.py); the parts of a name, and those of an address, are taken from one profile together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.planned import ModelRow, planned
from rapport.customers.golden import (
    CUSTOM_PREFIX,
    EVERY_FIELD,
    GOLDEN_FIELDS,
    STAFF_SOURCE,
    UNITS,
    Unit,
    unit_of,
)
from rapport.customers.models import Customer
from rapport.customers.normalizing import KEYLESS_PREFIX, normalize_email, normalize_phone
from rapport.customers.survivorship.rules import (
    ASK_RULES,
    FREQUENT,
    HOLD_RULES,
    READ_RULES,
    Rules,
    count_sayers,
    order_of,
    order_of_custom,
    rules_asked,
    rules_of,
)
from rapport.records.custom_fields.queries import searched_values

IDENTIFYING = frozenset(("email", "phone", "country"))  # a number is read as one of its country
CUSTOMER_ROW = ModelRow(Customer, "c", without=("search",))
_NOTHING = sql.SQL("")
_ONCE = sql.SQL("materialized")  # else what is compared and what is stored are worked out each by itself
# the words of every e-mail address and number of the customer, besides those of the golden record
_FURTHER_WORDS = sql.SQL("""
coalesce((select array_to_tsvector(array_agg(distinct word)) from (
    select unnest(search_words(p.email)) as word from customers_profile p where p.customer_id = chosen.customer_id
    union all
    select left(search_phone(p.phone), 60) from customers_profile p where p.customer_id = chosen.customer_id
    union all
    select unnest(search_words(c.value)) from customers_contactpoint c
     where c.customer_id = chosen.customer_id and c.kind = 'email'
    union all
    select left(search_phone(c.value), 60) from customers_contactpoint c
     where c.customer_id = chosen.customer_id and c.kind = 'phone') further where word <> ''), '')
""")

SEARCHED = sql.SQL("concat_ws(' ', name, given_name, family_name, organization, email, keys)")

_DERIVED = sql.SQL("""
with {before} wanted as materialized (
    select distinct id from ({customers}) as given (id)
), ranked as (
    select p.id, p.customer_id, p.source_id, p.external_id, p.kind, p.seen_at, p.custom, {golden},
           coalesce(s.priority, 100) as priority, p.source_id = {staff} as is_staff,
           row_number() over (partition by p.customer_id order by coalesce(s.priority, 100), p.seen_at desc, p.id desc) as rank
           {sayers}
      from wanted join customers_profile p on p.customer_id = wanted.id
      left join unnest({sources}::bigint[], {priorities}::int[]) as s (id, priority) on s.id = p.source_id
), chosen as (
    select customer_id, {values}, {winners},
           (array_agg(kind order by rank))[1] as kind, (array_agg(id order by rank))[1] as first_profile,
           string_agg(external_id, ' ' order by rank)
               filter (where not is_staff and not starts_with(external_id, {keyless})) as keys
      from ranked group by customer_id
), said as (
    select r.*, each.key, each.value, each.value #>> '{{}}' as text
      from ranked r cross join lateral jsonb_each(r.custom) each
     where r.custom <> '{{}}' and each.value not in ('null', '""', '[]')
), counted as (
    select *, dense_rank() over (partition by customer_id, key, lower(text) order by source_id)
              + dense_rank() over (partition by customer_id, key, lower(text) order by source_id desc) - 1 as sayers from said
), custom_chosen as (
    select distinct on (customer_id, key) customer_id, key, value, id from counted order by customer_id, key, {custom_order}
), customs as (
    select customer_id, jsonb_object_agg(key, value) as custom, jsonb_object_agg({custom_prefix} || key, id) as origins,
           min(id) as least, max(id) as greatest
      from custom_chosen group by customer_id
), derived as {once} (
    select chosen.*, coalesce(customs.custom, '{{}}') as custom,
           case (select count(distinct f) from (values {froms}, (least), (greatest)) as said (f))
               when 0 then jsonb_build_object({every}, first_profile)
               when 1 then jsonb_build_object({every}, coalesce({any_from}, least))
               else jsonb_strip_nulls(jsonb_build_object({provenance})) || coalesce(origins, '{{}}') end as provenance,
           customer_sort_key(name, organization, email, phone) as sort_key,
           {search}
      from chosen left join customs using (customer_id) {shown}
)
""")

_SEARCH = sql.SQL("{words} as search")
_WORDS = sql.SQL("search_vector({searched}, phone) || {further_words} || {own_words}")
# they are made anew only where something is shown otherwise that they are made of
_SEARCH_KEPT = sql.SQL("""
case when row(name, given_name, family_name, organization, email, phone, coalesce(customs.custom, '{{}}')) is distinct from
          shown.made_of then {words} else shown.made end as search
""")
_SHOWN = sql.SQL("""
join (select id as customer_id, search as made, row(name, given_name, family_name, organization, email, phone, custom) as made_of
        from customers_customer) shown using (customer_id)
""")

_STORE = sql.SQL("""
update customers_customer c
   set {assignments}, custom = d.custom, kind = d.kind, provenance = d.provenance, sort_key = d.sort_key, search = d.search,
       version = c.version + 1, updated_at = now()
  from derived d
 where c.id = d.customer_id
   and ({current}, c.custom, c.kind, c.provenance, c.sort_key, c.search)
       is distinct from ({derived}, d.custom, d.kind, d.provenance, d.sort_key, d.search)
""")

_COMPARE = sql.SQL("""
select count(*), count(*) filter (where ({current}, c.custom) is distinct from ({derived}, d.custom)), {changes}
  from derived d join customers_customer c on c.id = d.customer_id
""")

_MOVE_IDENTIFIERS = sql.SQL("""
update customers_identifier i set customer_id = p.customer_id
  from (select distinct id from ({customers}) as given (id)) wanted join customers_profile p on p.customer_id = wanted.id
 where i.profile_id = p.id and i.customer_id <> p.customer_id
""")

_STAFF_CONTACTS = sql.SQL("""
with staff as (
    select p.id, p.customer_id, p.email, p.phone, p.country
      from customers_profile p join customers_source s on s.id = p.source_id
     where p.customer_id in ({customers}) and s.name = {staff}
)
select * from staff
union all
select s.id, s.customer_id, case c.kind when 'email' then c.value end, case c.kind when 'phone' then c.value end, s.country
  from staff s join customers_contactpoint c on c.profile_id = s.id where c.kind <> 'address'
""")

# goes before the rest of a statement, which does not see what it does
_REPLACE_IDENTIFIERS = sql.SQL("""
stated as (
    select * from jsonb_to_recordset({said}::jsonb) as said (profile_id bigint, customer_id bigint, kind smallint, value_norm text)
), gone as (
    delete from customers_identifier i
     where i.profile_id = any({staff}::bigint[]) and i.kind in (1, 2)
       and not exists (select from stated s where s.profile_id = i.profile_id and s.kind = i.kind and s.value_norm = i.value_norm)
), kept as (
    insert into customers_identifier (kind, value_norm, profile_id, customer_id)
    select kind, value_norm, profile_id, customer_id from stated
    on conflict (kind, value_norm, profile_id) do nothing
),
""")

_ASK_OF_ONE = sql.SQL("""
with moved as ({move}), rules (priorities, staff, rules, own) as ({rules})
select rules.*, (select coalesce(json_agg(json_build_array(id, customer_id, email, phone, country)), '[]')
                   from ({contacts}) said (id, customer_id, email, phone, country))
  from rules
""")


def derive_customers(customer_ids: Sequence[int]) -> None:
    """Derive the golden records of these customers again, and the identifiers that their staff profiles state."""
    if len(customer_ids) == 1:
        derive_customer(customer_ids[0])
    elif customer_ids:
        customers = sql.SQL("select unnest({}::bigint[])").format(sql.Literal(list(customer_ids)))
        asked = _MOVE_IDENTIFIERS.format(customers=customers) + sql.SQL("; ") + ASK_RULES
        with connection.cursor() as cursor:  # what does not wait for what an earlier statement found is sent together
            contacts = _STAFF_CONTACTS.format(customers=customers, staff=sql.Literal(STAFF_SOURCE))
            cursor.execute(contacts + sql.SQL("; ") + asked)
            said, staff = _identified(cursor.fetchall())
            cursor.nextset()
            cursor.nextset()
            identified = _REPLACE_IDENTIFIERS.format(said=sql.Literal(said), staff=sql.Literal(staff))
            cursor.execute(_derived(customers, rules_asked(cursor), identified) + _store())


def derive_known(customer_id: int, rules: Rules) -> Customer | None:
    """The same by rules that are held, where no profile of hers came, went or says anything else that is IDENTIFYING."""
    changed = planned(_derive_known(rules, own_words(sql.SQL("customs.custom")).as_string(None)), [customer_id])
    return CUSTOMER_ROW.read(changed[0]) if changed else None


def derive_customer(customer_id: int) -> Customer | None:
    """The same for one customer, by statements that are planned once; her as she is shown now, where that has changed."""
    planned(HOLD_RULES)  # by itself: what is asked then sees what was committed while this waited
    ((*rules, contacts),) = planned(_ask_of_one(), [customer_id])
    statement = _derive_one(rules_of(rules), own_words(sql.SQL("customs.custom")).as_string(None))
    changed = planned(statement, [customer_id, *_identified(contacts)])
    return CUSTOMER_ROW.read(changed[0]) if changed else None


@cache
def _ask_of_one() -> str:
    one = sql.SQL("select $1::bigint")
    contacts = _STAFF_CONTACTS.format(customers=one, staff=sql.Literal(STAFF_SOURCE))
    asked = _ASK_OF_ONE.format(move=_MOVE_IDENTIFIERS.format(customers=one), rules=READ_RULES, contacts=contacts)
    return asked.as_string(None)


@lru_cache(maxsize=16)
def _derive_one(rules: Rules, words: str) -> str:
    identified = _REPLACE_IDENTIFIERS.format(said=sql.SQL("$2"), staff=sql.SQL("$3"))
    derived = _derived(sql.SQL("select $1::bigint"), rules, identified, words=sql.SQL(words), of_one=True)  # type: ignore[arg-type]
    return (derived + _store() + sql.SQL("returning ") + CUSTOMER_ROW.columns).as_string(None)


@lru_cache(maxsize=16)
def _derive_known(rules: Rules, words: str) -> str:
    one = sql.SQL("select $1::bigint")
    derived = _derived(one, rules, words=sql.SQL(words), keeps_words=True, of_one=True)  # type: ignore[arg-type]
    return (derived + _store() + sql.SQL("returning ") + CUSTOMER_ROW.columns).as_string(None)


def derive_relation(cursor: CursorWrapper, customers: sql.Composable) -> int:
    """The same for the customer ids that a query returns, as a part of a chunk; says how many customers changed."""
    cursor.execute(_MOVE_IDENTIFIERS.format(customers=customers) + sql.SQL("; ") + ASK_RULES)
    cursor.nextset()
    cursor.execute(_derived(customers, rules_asked(cursor)) + _store())
    return int(cursor.rowcount)


def compare_relation(cursor: CursorWrapper, customers: sql.Composable, rules: Rules) -> tuple[int, int, dict[str, int]]:
    """What other rules would do: how many customers were looked at, how many would show something else, and by unit."""
    changes = [
        sql.SQL("count(*) filter (where ({}) is distinct from ({}))").format(
            _each_field("c.{field}", unit.fields), _each_field("d.{field}", unit.fields)
        )
        for unit in UNITS
    ]
    compare = _COMPARE.format(
        current=_each_field("c.{field}"), derived=_each_field("d.{field}"), changes=sql.SQL(", ").join(changes)
    )
    cursor.execute(_derived(customers, rules) + compare)
    looked_at, changed, *by_unit = cursor.fetchone()
    return looked_at, changed, {unit.name: count for unit, count in zip(UNITS, by_unit, strict=True) if count}


def _derived(
    customers: sql.Composable,
    rules: Rules,
    before: sql.Composable = _NOTHING,
    *,
    words: sql.Composable | None = None,
    keeps_words: bool = False,
    of_one: bool = False,
) -> sql.Composed:
    """The `derived` rows of these customers, to be followed by what is done with them."""
    own = own_words(sql.SQL("customs.custom")) if words is None else words
    made = _WORDS.format(searched=SEARCHED, further_words=_FURTHER_WORDS, own_words=own)
    return _DERIVED.format(
        before=before,
        customers=customers,
        once=_ONCE if of_one else _NOTHING,
        search=(_SEARCH_KEPT if keeps_words else _SEARCH).format(words=made),
        shown=_SHOWN if keeps_words else _NOTHING,
        **_pieces(rules),
    )


@lru_cache(maxsize=16)
def _pieces(rules: Rules) -> dict[str, sql.SQL]:
    """What depends on the rules alone, written out once: composing it takes longer than deriving one customer."""
    frequent = [unit for unit in UNITS if rules.rule_of(unit.name) == FREQUENT]
    pieces: dict[str, sql.Composable] = {
        "golden": _each_field("p.{field}"),
        "staff": sql.Literal(rules.staff_id),
        "sources": sql.Literal(list(rules.priorities)),
        "priorities": sql.Literal(list(rules.priorities.values())),
        "sayers": sql.SQL("").join(sql.SQL(", ") + count_sayers(unit) for unit in frequent),
        "values": _each_field(
            "(array_agg({field} order by {order}) filter (where {stated}))[1] as {field}",
            order=lambda unit: order_of(unit, rules),
        ),
        "winners": _each_unit(
            "(array_agg(id order by {order}) filter (where {stated}))[1] as {winner}",
            order=lambda unit: order_of(unit, rules),
        ),
        "keyless": sql.Literal(KEYLESS_PREFIX),
        "custom_order": order_of_custom(rules),
        "custom_prefix": sql.Literal(CUSTOM_PREFIX),
        "froms": _each_unit("({winner})"),
        "every": sql.Literal(EVERY_FIELD),
        "any_from": _each_unit("{winner}"),
        "provenance": _each_field("{name}, case when {field} is not null then {winner} end"),
    }
    return {name: _written(piece) for name, piece in pieces.items()}


@cache
def _store() -> sql.SQL:
    return _written(
        _STORE.format(
            assignments=_each_field("{field} = d.{field}"),
            current=_each_field("c.{field}"),
            derived=_each_field("d.{field}"),
        )
    )


def _written(piece: sql.Composable) -> sql.SQL:
    return sql.SQL(piece.as_string(None))  # type: ignore[arg-type]


def own_words(custom: sql.Composable) -> sql.Composable:
    """The words of the business's own fields that are to be found by the search, from the JSON that holds them."""
    said = searched_values("customer", custom)
    if not said:
        return sql.SQL("''::tsvector")
    return sql.SQL("coalesce(search_vector(concat_ws(' ', {}), null), '')").format(sql.SQL(", ").join(said))


def _each_field(
    template: str, fields: Sequence[str] = GOLDEN_FIELDS, *, order: Callable[[Unit], sql.Composed] | None = None
) -> sql.Composed:
    return sql.SQL(", ").join(_fill(template, unit_of(field), order, field=field) for field in fields)


def _each_unit(template: str, *, order: Callable[[Unit], sql.Composed] | None = None) -> sql.Composed:
    return sql.SQL(", ").join(_fill(template, unit, order) for unit in UNITS)


def _fill(template: str, unit: Unit, order: Callable[[Unit], sql.Composed] | None, *, field: str = "") -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, unit.fields))
    stated = sql.SQL("num_nonnulls({}) > 0" if len(unit.fields) > 1 else "{} is not null").format(columns)
    return sql.SQL(template).format(  # type: ignore[arg-type]
        field=sql.Identifier(field or unit.fields[0]),
        name=sql.Literal(field),
        winner=sql.Identifier(f"{unit.name}_from"),
        stated=stated,
        order=order(unit) if order is not None else sql.SQL(""),
    )


def _identified(profiles: Sequence[Sequence[Any]]) -> tuple[str, str]:
    """What staff typed in is normalized here; imports bring their identifiers from the worker processes.

    As the statement takes it: rows of identifiers as JSON, and the profiles that state nothing else.
    """
    said = [
        {"profile_id": profile, "customer_id": customer, "kind": kind, "value_norm": value}
        for profile, customer, email, phone, country in profiles
        for kind, value in identifiers_of(email, phone, country)
    ]
    return json.dumps(said), "{" + ",".join(str(row[0]) for row in profiles) + "}"


def identifiers_of(email: str | None, phone: str | None, country: str | None) -> list[tuple[int, str]]:
    """By which somebody with this address and number is known: kind and value, as imports write them."""
    known = ((1, normalize_email(email)), (2, normalize_phone(phone, country)))
    return [(kind, value) for kind, value in known if value]
