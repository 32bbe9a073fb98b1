"""Pages of the customer list for 200 seeded combinations of filters and sort, beside the best SQL for the same page.

For each combination the page is asked for as the product does it; then the same rows are asked for in the ways somebody
would write by hand (as it comes, walking the index of the order, finding first and sorting then), and the fastest of
these is the measure: all statements of the product's page, those that choose the way with them, may take 3 times as
long. Sizes: 10,000, and a hundred times as many (BENCH_SCALE; a tenth of it in between), with accounts of 10,000
contacts, 50 fields of one's own, traits, and a ledger of consents.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.http import urlencode

from bench.apart import migrated_database, run_apart
from bench.lists import SMALL, write_customers, write_staff

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.lists.querying import ListRequest
    from rapport.records.registry import Field

COMBINATIONS, GOAL, TIMES = 200, 3.0, 3
WAYS = ("as it comes", "walk", "find, then sort")
PEOPLE = ("everything", "a team of ten")
NOISE_MS = 1.0  # of what is faster than this, the ratio says nothing
FELT_MS = 20.0
_OWN = 46  # beside the four of bench/lists.py

# streets, regions and jobs as unequal as they are: the most common has a fifth of all, the rarest a handful
_SKEWED = """
update customers_customer set
       street = 'Street ' || (id * 7919) %% 20011, postal_code = 'P' || (id * 31) %% 9973,
       region = (array['North','North','North','South','South','East','West','Isles'])[1 + id %% 8],
       job_title = case when id %% 5 < 3 then (array['Owner','Buyer','Manager','Clerk'])[1 + id %% 4]
                        when id %% 1009 = 0 then 'Chief of ' || id %% 7 end,
       language = case when id %% 11 = 0 then 'ko' when id %% 3 = 0 then 'de' else 'en' end,
       life_stage = (array['lead','customer','customer','customer','former'])[1 + id %% 5],
       born_on = case when id %% 4 = 0 then date '1950-01-01' + (id * 13 %% 20000)::int end,
       owner_id = case when id <= 10000 and id %% 2 = 0 then (select min(id) from accounts_user)
                       when id %% 17 = 0 then null else owner_id end,
       created_at = timestamptz '2026-11-01' - make_interval(mins => (id * 7 %% 900000)::int),
       custom = custom || coalesce((select jsonb_object_agg('c_more_' || n, 'v' || (id * n) %% (n * n + 3))
                                      from generate_series(1, %s) n where id %% 5 = 0), '{}')
 where true
"""
_TRAITS = """
insert into insight_rfm (customer_id, segment, segment_before, recency_band, frequency_band, monetary_band, purchases,
                         reversals, gross_micros, value_micros, first_purchase_on, last_purchase_on, months)
select id, (array['champions','loyal','at_risk','hibernating'])[1 + id %% 4], 'loyal', 1 + id %% 5, 1 + id / 5 %% 5,
       1 + id / 25 %% 5, 1 + id %% 9, 0, 1000000 * (id * 37 %% 5003), 1000000 * (id * 37 %% 5003),
       date '2024-01-01', date '2026-11-01' - (id * 17 %% 900)::int, '{}'
  from customers_customer where id %% 10 < 8
"""
# what is foretold of those who bought: most who bought once are as good as gone, few are expected to bring much
_FORETOLD = """
insert into insight_clv (customer_id, alive_percent, expected_purchases, expected_micros, due_on, repeats)
select customer_id, 100.0 * (customer_id * 7907 %% 1000) ^ 2 / 1e6, (customer_id * 13 %% 700) / 100.0,
       1000000 * (customer_id * 41 %% 4001),
       case when customer_id %% 3 = 0 then date '2026-11-01' + (customer_id * 7 %% 400)::int end, purchases - 1
  from insight_rfm
"""
_RISKS = """
insert into insight_leaving (customer_id, leaving_percent, reasons)
select customer_id, 100.0 * (customer_id * 7919 %% 1000) ^ 2 / 1e6, '[]' from insight_rfm where customer_id %% 4 < 3
"""
# what customers contributed, taught and brought: nearly nobody taught or brought anything
_FIVE_WORTHS = """
insert into insight_five (customer_id, purchases, reversals, sold_micros, returned_micros, net_micros, goods_micros,
                          uncosted_micros, margin_micros, service_micros, campaign_micros, delivery_micros, contribution_micros,
                          contribution_percent, counts, insight_items, insight_micros, referred, referred_buying, referrals,
                          credits, influence_micros, last_purchase_on)
select customer_id, purchases, 0, gross_micros, 0, gross_micros, gross_micros / 2, 0, gross_micros / 2, 0, 0, 0,
       gross_micros / 2 - 5000000 * (customer_id %% 7), 40.0 - customer_id %% 50, '{}',
       case when customer_id %% 40 = 0 then customer_id %% 9 else 0 end, 0,
       case when customer_id %% 60 = 0 then 1 + customer_id %% 3 else 0 end, 0, '{}', '{}',
       case when customer_id %% 60 = 0 then 1000000 * (customer_id * 29 %% 301) else 0 end, last_purchase_on
  from insight_rfm
"""
# a third agreed to the newsletter and a fifth of these withdrew; few agreed to calls, texts that ended, and post
_LEDGER = """
insert into customers_consent (public_id, profile_id, customer_id, purpose, channel, status, occurred_at, recorded_at,
                               expires_at, origin)
select gen_random_uuid(), c.id, c.id, purpose, channel, status, at, at, ends, 'web form'
  from customers_customer c, lateral (values
       ('newsletter', 'email', 'granted', timestamptz '2025-06-01', null::timestamptz, c.id %% 3 = 0),
       ('newsletter', 'email', 'withdrawn', '2026-02-01', null, c.id %% 15 = 0),
       ('offers', 'email', 'granted', '2025-06-01', '2099-06-01', c.id %% 12 = 0),
       ('offers', 'call_center', 'granted', '2025-06-01', null, c.id %% 20 = 0),
       ('offers', 'call_center', 'withdrawn', '2026-03-01', null, c.id %% 40 = 0),
       ('offers', 'sms', 'granted', '2024-06-01', '2026-06-01', c.id %% 50 = 0),
       ('newsletter', 'direct_mail', 'granted', '2025-06-01', null, c.id %% 1000 = 0)
       ) said (purpose, channel, status, at, ends, is_said)
 where said.is_said
"""
_RESTRICTED = """
insert into customers_restriction (public_id, profile_id, customer_id, ground, since, set_by, lifted_by)
select gen_random_uuid(), id, id, 'disputed', timestamptz '2026-01-01', '', '' from customers_customer where id %% 5000 = 17
"""


@dataclass(frozen=True)
class Combination:
    who: str
    query: str


@dataclass(frozen=True)
class Timed:
    """Milliseconds of one page, of its statements alone, and of the best other way to it."""

    of: Combination
    whole: float
    ours: float
    best: float
    way: str


def run() -> None:
    large = int(os.environ.get("BENCH_SCALE", "1000000"))
    for size in sorted({SMALL, large // 10, large}):
        run_apart("bench.combinations", size)


def measure(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        administrator, seller = write_staff()
        write_customers(customers)
        _write_more()
        people = dict(zip(PEOPLE, (administrator, seller), strict=True))
        found = [_timed(people[each.who], each) for each in _combinations(random.Random(7))]
        _print(customers, found)


def _write_more() -> None:
    from django.db import connection

    from rapport.accounts.models import User
    from rapport.core.acting import SYSTEM, acting
    from rapport.records.custom_fields.actions import add_field

    administrator = User.objects.get(email="admin@example.com")
    for number in range(1, _OWN + 1):
        add_field("customer", label=f"More {number}", kind="text", by=administrator)
    with connection.cursor() as cursor:
        cursor.execute("alter table customers_customer disable trigger user")
        cursor.execute(_SKEWED, [_OWN])
        cursor.execute("alter table customers_customer enable trigger user")
        for each in (_TRAITS, _FORETOLD, _RISKS, _FIVE_WORTHS):
            cursor.execute(each, [])
        cursor.execute(_LEDGER, [])
        cursor.execute("vacuum (full, analyze) customers_customer")
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_RESTRICTED, [])
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze) insight_rfm, insight_clv, insight_leaving, insight_five")
        cursor.execute("vacuum (analyze) customers_consent, customers_restriction")


def _combinations(chance: random.Random) -> Iterator[Combination]:
    """One to three conditions on declared fields with values that there are, in one of the orders that are offered."""
    from rapport.accounts.models import User
    from rapport.customers.lists import CUSTOMERS
    from rapport.records.layouts.sight import visible_fields

    fields = visible_fields(User.objects.get(email="admin@example.com"), CUSTOMERS.name)
    orders = [name for name, each in fields.items() if each.sortable]
    filtered = [each for each in fields.values() if each.operators]
    made = 0
    while made < COMBINATIONS:
        asked = [_condition(each, chance) for each in chance.sample(filtered, chance.choice((1, 1, 2, 2, 3)))]
        order = chance.choice(("", "-")) + chance.choice(orders)
        who = chance.choice(PEOPLE)
        if all(asked):
            made += 1
            yield Combination(who, urlencode([("sort", order), *(("filter", each) for each in asked)]))


def _condition(field: Field, chance: random.Random) -> str:
    """A comparison that the field allows, with a value that somebody has; empty where there is none to be had."""
    from rapport.records.filters.operators import Takes, operators_of

    operator = chance.choice(operators_of(field))
    if operator.takes is Takes.NOTHING:
        return f"{field.name}.{operator.name}"
    if operator.takes is Takes.PERIOD:
        return f"{field.name}.{operator.name}:{chance.choice(('this_month', 'this_quarter', 'last_year'))}"
    if operator.takes is Takes.AMOUNT:
        return f"{field.name}.{operator.name}:{chance.choice(('7_days', '90_days', '1_year'))}"
    values = [_written(field, value) for value in sorted(_values_of(field, chance))]
    if not values:
        return ""
    first, last = values[0], values[-1]
    text = {
        Takes.TWO: f"{first}..{last}",
        Takes.SEVERAL: ",".join(values).replace("~", "~~"),
    }.get(operator.takes, first)
    if operator.name == "starts_with":
        text = first[:4]
    if operator.name.startswith("contains"):
        text = first[1:5]
    return f"{field.name}.{operator.name}:{text}" if text.strip() else ""


def _values_of(field: Field, chance: random.Random) -> list[Any]:
    """What two customers have, drawn by lot."""
    from django.db import connection
    from psycopg import sql

    from rapport.records.lists.sql import joins_of

    query = sql.SQL("select {} from customers_customer r{} where r.id = any(%s) and {} is not null limit 2").format(
        sql.SQL(field.sql), joins_of([field.join]), sql.SQL(field.sql)
    )
    with connection.cursor() as cursor:
        cursor.execute("select max(id) from customers_customer")
        last = cursor.fetchone()[0]
        cursor.execute(query.as_string(connection.connection), [[chance.randint(1, last) for _each in range(40)]])
        return [row[0] for row in cursor.fetchall()]


def _written(field: Field, value: Any) -> str:
    """A value as somebody writes it into an address."""
    from rapport.records.registry import FieldKind

    if field.kind is FieldKind.BOOLEAN:
        return "yes" if value else "no"
    if field.kind is FieldKind.PERSON:
        return "me"
    if field.kind is FieldKind.MONEY:
        return str(value // 1_000_000)
    if field.kind is FieldKind.INSTANT:
        return value.date().isoformat()
    return str(value)


def _timed(user: User, each: Combination) -> Timed:
    """Medians in ms of the keys of one page: as the product asks, and in the best of the other ways."""
    from django.db import connection

    from rapport.customers.lists import CUSTOMERS
    from rapport.records.lists.querying import keys_of_page, read_request

    asked = read_request(QueryDict(each.query), CUSTOMERS, user=user)
    spent: list[float] = []

    def page() -> None:
        spent.append(0.0)
        keys_of_page(asked, 51)

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent[-1] += (time.perf_counter() - started) * 1000

    with connection.execute_wrapper(timed):
        whole = _median(page)
    ours = statistics.median(spent[1:])
    best, way = min((_by_hand(asked, way, ours), way) for way in WAYS)
    return Timed(each, whole, ours, best, way)


def _by_hand(asked: ListRequest, way: str, at_most: float) -> float:
    """Whole pages written another way; one that takes far longer than ours is stopped."""
    from django.db import OperationalError, connection, transaction

    statement, arguments = _statement(asked, way)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local statement_timeout = {int(at_most * 2) + 20}")
            if way == "walk":
                for switch in ("sort", "hashjoin", "mergejoin", "bitmapscan"):
                    cursor.execute(f"set local enable_{switch} = off")
            return _median(lambda: cursor.execute(statement, arguments))
    except OperationalError:
        return float("inf")


def _statement(asked: ListRequest, way: str) -> tuple[str, list[Any]]:
    from django.db import connection
    from psycopg import sql

    from rapport.records.lists.sql import ListQuery

    query = ListQuery(asked)
    direction = "desc nulls last" if asked.descending else "asc nulls last"
    order = sql.SQL(" order by {} {}, {} limit 51").format(
        query.sort, sql.SQL(direction), sql.SQL("r.id desc" if asked.descending else "r.id")
    )
    if way == "find, then sort":
        found, arguments = query.select(sql.SQL("r.id, {} as place").format(query.sort), conditions=query.conditions())
        text = sql.SQL("with found as materialized ({}) select id from found order by place {}, id limit 51")
        return text.format(found, sql.SQL(direction)).as_string(connection.connection), arguments
    whole, arguments = query.select(sql.SQL("r.id"), conditions=query.conditions(), tail=(order, []))
    return whole.as_string(connection.connection), arguments


def _median(work: Callable[[], Any]) -> float:
    """Milliseconds, hot."""
    work()
    spent = []
    for _time in range(TIMES):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    return statistics.median(spent)


def _print(customers: int, found: list[Timed]) -> None:
    whole = sorted(each.whole for each in found)
    middle, late = whole[len(whole) // 2], whole[int(len(whole) * 0.95)]
    slow = [each for each in found if each.ours > max(GOAL * each.best, each.best + NOISE_MS)]
    print(
        f"   {customers:,} customers, {len(found)} combinations: p50 {middle:.1f} ms, p95 {late:.1f} ms, "
        f"longest {whole[-1]:.0f} ms"
    )
    print(
        f"   statements longer than {GOAL:.0f} x the best by hand: {len(slow)} of {len(found)}, by more than "
        f"{FELT_MS:.0f} ms: {sum(each.ours > GOAL * each.best + FELT_MS for each in slow)}; goal 0: "
        f"{'missed' if slow else 'reached'}"
    )
    for each in sorted(slow, key=lambda each: each.best / each.ours)[:10]:
        print(f"      {each.ours:8.1f} ms, {each.best:.1f} by hand ({each.way}): {each.of.who}, {each.of.query}")
    for each in sorted(found, key=lambda each: -each.ours)[:5]:
        print(
            f"      longest: {each.ours:8.1f} ms, {each.best:.1f} by hand ({each.way}): {each.of.who}, {each.of.query}"
        )


if __name__ == "__main__":
    measure(int(sys.argv[1]))
