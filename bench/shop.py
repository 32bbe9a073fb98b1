"""What the benches of insight look at: a business whose customers bought, were in touch, and brought each other."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from bench.lists import write_staff
from bench.pages import write_business

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
PRODUCTS = 2_000
_MINUTES = 1_000_000  # that the first orders reach back, one after another

_FIRST = (
    "select setseed(0.5)",
    "select setval(pg_get_serial_sequence('commerce_order', 'id'), (select max(id) from commerce_order))",
)
_WRITTEN = (
    "insert into commerce_product (source_id, code, name, category, price_micros, cost_micros, currency)"
    " select (select max(id) from customers_source), 'P' || n, 'Product ' || n, 'Category ' || n %% 40,"
    " 1000000 * (3 + n %% 90), case when n %% 10 > 0 then 600000 * (3 + n %% 90) end, 'GBP'"
    " from generate_series(1, {products}) n",
    # to the order that everybody has come one and a half per customer: few have many, and most of those lie near the first
    "insert into commerce_order (source_id, external_id, kind, customer_id, profile_id, channel, currency, total_micros,"
    " line_count, placed_at) select (select max(id) from customers_source), 'X' || n,"
    " case when n %% 40 = 0 then 'return' else 'sale' end, c, c, (array['web_shop', 'till', 'phone'])[1 + n %% 3], 'GBP',"
    " case when n %% 40 = 0 then -1 else 1 end * 1000000 * (5 + (n * 7919) %% 120), 1 + n %% 3,"
    " timestamptz '2026-11-01' - make_interval(mins => (c * share * {spread})::int)"
    " from (select n, 1 + (floor({customers} * random() * random())::bigint * 7919) %% {customers} as c,"
    " 1 - random() * random() as share from generate_series(1::bigint, {customers} * 3 / 2) n) made",
    "update commerce_order set placed_at = timestamptz '2026-11-01' - (timestamptz '2026-11-01' - placed_at) * {spread}"
    " where {spread} <> 1 and external_id like 'O%%'",
    "insert into commerce_orderline (order_id, number, product_id, quantity, unit_price_micros, amount_micros)"
    " select o.id, line, (select min(id) from commerce_product) + floor({products} * random() * random())::int,"
    " case when o.total_micros < 0 then -1 else 1 end, abs(o.total_micros) / o.line_count, o.total_micros / o.line_count"
    " from commerce_order o, generate_series(1, o.line_count) line",
    "update commerce_order set promised_on = placed_at::date + 3,"
    " delivered_at = placed_at + make_interval(days => 2 + (id %% 20 = 0)::int * 4)"
    " where placed_at > timestamptz '2026-09-15' and kind = 'sale'",
    "insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, direction, summary)"
    " select timestamptz '2026-11-01' - make_interval(mins => (n * 37 %% 900000)::int), c, c,"
    " (array['call', 'email', 'case', 'survey', 'review', 'visit'])[1 + n %% 6], 'phone', (array['in', 'out'])[1 + n / 6 %% 2], ''"
    " from (select n, 1 + n * 48271 %% {customers} as c from generate_series(1::bigint, {customers} / 2) n) made",
    "insert into customers_relationship (public_id, kind, from_profile_id, from_customer_id, to_profile_id, to_customer_id,"
    " since) select gen_random_uuid(), 'referred', 1 + n / 3, 1 + n / 3, n, n, date '2026-01-01'"
    " from generate_series(2::bigint, {customers} / 10) n",
)
_COUNTED = (
    "select count(*), (select count(*) from commerce_orderline), (select count(*) from customers_touchpoint)"
    " from commerce_order"
)


def write_shop(customers: int) -> tuple[Any, Any]:
    """Everything but the numbers. Returns an administrator and somebody who sees what ten colleagues own."""
    from django.db import connection

    people = write_staff()
    began = time.perf_counter()
    write_business(customers)
    with connection.cursor() as cursor:
        for statement in _FIRST:
            cursor.execute(statement)
        # no triggers: the trail of made rows is not what is measured
        cursor.execute("set session_replication_role = replica")
        for statement in _WRITTEN:
            cursor.execute(statement.format(customers=customers, products=PRODUCTS, spread=_MINUTES / customers), [])
        cursor.execute("set session_replication_role = origin")
        cursor.execute("vacuum (analyze)")
        cursor.execute(_COUNTED)
        orders, lines, touchpoints = cursor.fetchone()
    print(
        f"   {customers:,} customers, {orders:,} orders, {lines:,} lines, {touchpoints:,} touchpoints, written in"
        f" {time.perf_counter() - began:.0f} s",
        flush=True,
    )
    return people


def write_numbers() -> None:
    """What the jobs of a refresh write, one after another, each with its time."""
    from rapport.customers.next_best.standing import write_standing
    from rapport.insight.actions import refresh
    from rapport.insight.churn.keeping import learn_and_keep
    from rapport.insight.churn.questions import ChurnQuestion
    from rapport.insight.customer_base.computing import prepare_base
    from rapport.insight.preparing import prepare_newest
    from rapport.insight.queries import report_settings
    from rapport.insight.rfm.settling import settle_newest

    for name, work in (
        ("refreshed, with traits, lifetimes and five worths", lambda: refresh(settings=report_settings(), now=NOW)),
        ("who leaves learned, and risks written", lambda: learn_and_keep(ChurnQuestion(), now=NOW)),
        ("groups settled", settle_newest),
        ("next actions compared and written down", lambda: write_standing(now=NOW)),
        ("the customer base prepared", prepare_base),
        ("products and forecast prepared", lambda: prepare_newest(now=NOW)),
    ):
        began = time.perf_counter()
        work()
        print(
            f"   {name:<52}{time.perf_counter() - began:8.1f} s   peak memory so far {peak_megabytes():,.0f} MB",
            flush=True,
        )


def peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
