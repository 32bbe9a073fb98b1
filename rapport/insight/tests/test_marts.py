"""The other marts, and the rule that all of them mean the same on any engine."""

from __future__ import annotations

import inspect
import pkgutil
import re
from datetime import date
from importlib import import_module
from pathlib import Path

import ibis
import pytest
from ibis import ir

from rapport.insight import marts
from rapport.insight.marts import facts, purchase_rhythm
from rapport.insight.marts.customer_months import customer_months
from rapport.insight.marts.monthly_revenue import monthly_revenue
from rapport.insight.marts.revenue_days import revenue_days
from rapport.insight.marts.rfm import TOTAL, customers, rfm
from rapport.insight.marts.segments import cell_totals, segment_changes, segment_moves, segment_totals, segments
from rapport.insight.marts.top_share import top_share
from rapport.insight.rfm.segments import BANDS, DEFAULT_MAP, NOT_YET, Segment
from rapport.insight.tests.shop import MICROS, order, orders, rows_of
from rapport.insight.warehouse.portable import unportable_parts

DAY = date(2026, 3, 10)
FACTS = ibis.table(
    {
        "order_id": "int64",
        "customer_id": "int64",
        "kind": "string",
        "placed_on": "date",
        "total_micros": "int64",
        "reverses_id": "int64",
        "delivered_on": "date",
    },
    name="orders",
)
RAW = ibis.table(
    {
        "order_id": "int64", "profile_id": "int64", "direct_customer_id": "int64", "kind": "string",
        "placed_on": "date", "total_micros": "int64", "currency": "string",
    },
    name="raw_orders",
)  # fmt: skip
PROFILES = ibis.table({"profile_id": "int64", "customer_id": "int64"}, name="profile_customers")
TOUCHED = ibis.table(
    {"profile_id": "int64", "kind": "string", "direction": "string", "occurred_on": "date"}, name="touchpoints"
)
VALUES = ibis.table({"customer_id": "int64", "field": "string", "value": "string"}, name="customer_values")
SEGMENTED = segments(rfm(FACTS, as_of=DAY), rules=DEFAULT_MAP)
ALL = {
    "facts.orders": facts.orders(RAW, PROFILES, currency="GBP"),
    "facts.left_out": facts.left_out(RAW, currency="GBP"),
    "rfm": rfm(FACTS, as_of=DAY),
    "rfm by total": rfm(FACTS, as_of=DAY, monetary=TOTAL),
    "segments": SEGMENTED,
    "segment_totals": segment_totals(SEGMENTED),
    "cell_totals": cell_totals(SEGMENTED),
    "segment_moves": segment_moves(segment_changes(SEGMENTED, SEGMENTED.view(), not_yet=NOT_YET)),
    "monthly_revenue": monthly_revenue(FACTS, as_of=DAY),
    "customer_months": customer_months(FACTS, as_of=DAY),
    "purchase_rhythm": purchase_rhythm.purchase_rhythm(FACTS, as_of=DAY, period_days=30),
    "bought_between": purchase_rhythm.bought_between(FACTS, after=DAY, until=DAY),
    "purchase_span": purchase_rhythm.purchase_span(FACTS, as_of=DAY),
    "contacts_between": purchase_rhythm.contacts_between(TOUCHED, PROFILES, after=DAY, until=DAY),
    "customer_values": purchase_rhythm.customer_values(VALUES, fields=("c_plan",)),
    "revenue_days": revenue_days(FACTS, as_of=DAY),
    "top_share": top_share(customers(FACTS, as_of=DAY)),
}


@pytest.mark.parametrize("name", ALL)
def test_a_mart_uses_only_what_means_the_same_on_every_engine(name: str) -> None:
    assert sorted(set(unportable_parts(ALL[name]))) == []


@pytest.mark.parametrize("dialect", ["duckdb", "clickhouse"])
@pytest.mark.parametrize("name", ALL)
def test_a_mart_can_be_written_for_other_engines(name: str, dialect: str) -> None:
    assert "SELECT" in str(ibis.to_sql(ALL[name], dialect=dialect)).upper()


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("MinRank", FACTS.mutate(x=ibis.rank().over(order_by=FACTS.total_micros))),
        ("NTile", FACTS.mutate(x=ibis.ntile(5).over(order_by=FACTS.total_micros))),
        ("CumeDist", FACTS.mutate(x=ibis.cume_dist().over(order_by=FACTS.total_micros))),
        ("First", FACTS.aggregate(x=FACTS.kind.first())),
        ("ApproxMedian", FACTS.aggregate(x=FACTS.total_micros.approx_median())),
        ("TimestampNow", FACTS.mutate(x=ibis.now())),
        ("an order of texts", FACTS.mutate(x=ibis.row_number().over(order_by=FACTS.kind))),
        ("a sum of floating-point numbers", FACTS.aggregate(x=FACTS.total_micros.cast("float64").sum())),
    ],
)
def test_what_differs_between_engines_is_found(name: str, table: ir.Table) -> None:
    assert name in set(unportable_parts(table))


def test_every_mart_asks_its_business_question() -> None:
    for module in pkgutil.iter_modules(marts.__path__):
        for name, function in inspect.getmembers(import_module(f"{marts.__name__}.{module.name}"), inspect.isfunction):
            if function.__module__.endswith(module.name) and not name.startswith("_"):
                assert "?" in (function.__doc__ or ""), f"{module.name}.{name} does not say which question it answers"


def test_every_cell_of_recency_and_frequency_has_exactly_one_segment() -> None:
    assert set(DEFAULT_MAP) == {(recency, frequency) for recency in BANDS for frequency in BANDS}
    assert set(DEFAULT_MAP.values()) == {segment.value for segment in Segment}


def test_segments_say_what_they_are_worth() -> None:
    table = orders(*(order(number, date(2026, 3, number), total=number) for number in range(1, 6)))
    rules = DEFAULT_MAP | {(5, 1): "champions", (4, 1): "champions"}

    found = rows_of(segment_totals(segments(rfm(table, as_of=DAY), rules=rules)), by="segment")

    assert [(row["segment"], row["customers"], row["value_micros"]) for row in found] == [
        ("champions", 2, 9 * MICROS),
        ("hibernating", 2, 3 * MICROS),
        ("needs_attention", 1, 3 * MICROS),
    ]


def test_moves_are_counted_between_two_days_and_newcomers_come_from_nowhere() -> None:
    table = orders(order(1, date(2026, 1, 1)), order(2, date(2026, 1, 2)), order(1, date(2026, 3, 5)), order(3, DAY))

    now, then = (segments(rfm(table, as_of=day), rules=DEFAULT_MAP) for day in (DAY, date(2026, 1, 31)))
    found = rows_of(segment_moves(segment_changes(now, then, not_yet=NOT_YET)), by="segment_before")

    # then: 1 is older (R1), 2 newer (R3); now: 2 is oldest (R1 F1), 1 in between but bought twice (R2 F4), 3 newest (R4 F1)
    assert [(row["segment_before"], row["segment"], row["customers"]) for row in found] == [
        ("hibernating", "at_risk", 1),
        ("needs_attention", "hibernating", 1),
        ("not_yet", "new", 1),
    ]


def test_revenue_is_net_in_the_month_it_happened_also_of_nobody_known() -> None:
    table = orders(
        order(1, date(2026, 1, 31), 100), order(None, date(2026, 1, 1), 5), order(1, date(2026, 2, 1), -30, "return"),
        order(1, date(2026, 3, 11), 7),
    )  # fmt: skip

    found = rows_of(monthly_revenue(table, as_of=DAY), by="month")

    assert found == [
        {"year": 2026, "month": 1, "purchases": 2, "gross_micros": 105 * MICROS, "net_micros": 105 * MICROS},
        {"year": 2026, "month": 2, "purchases": 0, "gross_micros": 0, "net_micros": -30 * MICROS},
    ]


def test_a_customers_months_end_with_that_of_the_as_of_day() -> None:
    table = orders(
        order(1, date(2025, 3, 31), 1), order(1, date(2025, 4, 1), 2), order(1, DAY, 3), order(1, date(2026, 3, 11), 4)
    )

    (only,) = rows_of(customer_months(table, as_of=DAY))

    months = [only[f"m{month}"] for month in range(1, 13)]
    assert months == [2 * MICROS, *[0] * 10, 3 * MICROS]


def test_the_top_fifth_is_rounded_up_and_ties_at_its_edge_change_nothing() -> None:
    table = orders(order(1, DAY, 50), *(order(number, DAY, 10) for number in range(2, 12)))

    (found,) = rows_of(top_share(customers(table, as_of=DAY)), by="customers")

    assert found == {
        "customers": 11, "top_customers": 3, "top_micros": 70 * MICROS, "value_micros": 150 * MICROS,
    }  # fmt: skip


def test_a_customer_beyond_every_number_leaves_the_others_as_they_are() -> None:
    huge = 9 * 10**12
    table = orders(
        order(1, DAY, huge), order(1, DAY, huge), order(2, DAY, 10),
        order(3, DAY, 5), order(3, DAY, -huge, "return"), order(3, DAY, -huge, "return"),
    )  # fmt: skip

    named = segments(rfm(table, as_of=DAY), rules=DEFAULT_MAP)
    values = {row["customer_id"]: row["value_micros"] for row in rows_of(named)}
    (top,) = rows_of(top_share(named), by="customers")
    (month,) = rows_of(monthly_revenue(table, as_of=DAY), by="month")

    assert values == {1: facts.MOST_MICROS, 2: 10 * MICROS, 3: -facts.MOST_MICROS}
    assert top["top_micros"] == facts.MOST_MICROS
    assert (month["gross_micros"], month["net_micros"]) == (facts.MOST_MICROS, 15 * MICROS)
    assert sum(row["customers"] for row in rows_of(segment_totals(named), by="segment")) == 3
    assert {row["m12"] for row in rows_of(customer_months(table, as_of=DAY))} == set(values.values())


def test_nobody_brings_nothing() -> None:
    (found,) = rows_of(top_share(customers(orders(order(1, DAY, 5, "return")), as_of=DAY)), by="customers")

    assert (found["top_micros"], found["value_micros"]) == (0, 0)


def test_the_map_of_segments_in_the_docs_is_the_one_a_business_starts_with() -> None:
    text = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
    rows = re.findall(r"^\| F (\d) \|(.+)\|$", text, flags=re.MULTILINE)
    found = {
        (recency, int(frequency)): name.strip().replace(" ", "_")
        for frequency, cells in rows
        for recency, name in zip(BANDS, cells.split("|"), strict=True)
    }

    assert found == DEFAULT_MAP


def test_the_docs_name_files_that_exist() -> None:
    room = Path(__file__).parents[1]
    text = (room.parents[1] / "docs" / "metrics.md").read_text()

    assert [name for name in re.findall(r"`((?:marts/)?\w+\.py)`", text) if not (room / name).exists()] == []
