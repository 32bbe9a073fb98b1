"""The marts of the five lenses, on tables small enough to check by hand, and what holds of any table."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ibis import ir

from rapport.insight.customer_base.audit import lenses
from rapport.insight.customer_base.decomposition import effects
from rapport.insight.customer_base.periods import BaseQuestion, period_days, period_key, period_number
from rapport.insight.marts.cohorts import cohorts
from rapport.insight.marts.distribution import PARTS, distribution, purchase_counts
from rapport.insight.marts.lens_sales import sales_by_customer, sales_by_product
from rapport.insight.marts.line_costs import line_costs
from rapport.insight.marts.period_members import period_members
from rapport.insight.marts.two_periods import two_periods
from rapport.insight.tests.shop import MICROS, order, orders, rows_of
from rapport.insight.warehouse.portable import unportable_parts

BEFORE, FIRST, LAST = date(2025, 1, 1), date(2026, 1, 1), date(2026, 12, 31)
QUESTION = BaseQuestion(as_of=LAST, period="year", grain="year")
SHOP = (
    order(1, date(2025, 3, 1), 100), order(1, date(2026, 2, 1), 50), order(1, date(2026, 5, 1), 30),
    order(2, date(2026, 6, 1), 40), order(2, date(2026, 7, 1), -10, "return"),
    order(3, date(2024, 5, 1), 10), order(3, date(2026, 1, 1), 20),
    order(4, date(2025, 12, 31), 70), order(4, date(2026, 1, 5), -20, "return"),
    order(5, date(2024, 1, 1), 5), order(5, date(2026, 3, 1), -5, "return"),
    order(6, date(2024, 1, 1), 99),
    order(None, date(2025, 2, 2), 3), order(None, date(2026, 2, 2), 7),
    order(1, date(2027, 1, 1), 1_000), order(9, date(2027, 1, 1), 1_000),
)  # fmt: skip
LINES = pa.schema(
    [("order_id", pa.int64()), ("number", pa.int64()), ("product_id", pa.int64()), ("quantity_micros", pa.int64()),
     ("unit_price_micros", pa.int64()), ("amount_micros", pa.int64())]
)  # fmt: skip
PRODUCTS = pa.schema([("product_id", pa.int64()), ("cost_micros", pa.int64()), ("currency", pa.string())])
UNBOUND = {
    "orders": ibis.table(
        {
            "order_id": "int64",
            "customer_id": "int64",
            "kind": "string",
            "placed_on": "date",
            "total_micros": "int64",
            "reverses_id": "int64",
        },
        name="orders",
    ),
    "lines": ibis.table({field.name: "int64" for field in LINES}, name="order_lines"),
    "products": ibis.table({"product_id": "int64", "cost_micros": "int64", "currency": "string"}, name="products"),
}


def sales(*rows: dict[str, Any]) -> ir.Table:
    return sales_by_customer(orders(*rows), None)


def members_of(table: ir.Table) -> ir.Table:
    return period_members(table, before=BEFORE, first=FIRST, last=LAST)


def line(order_id: int, product: int | None, quantity: int, amount: float) -> dict[str, Any]:
    return {
        "order_id": order_id, "number": 1, "product_id": product, "quantity_micros": quantity, "unit_price_micros": 0,
        "amount_micros": round(amount * MICROS),
    }  # fmt: skip


def costed(*lines: dict[str, Any]) -> ir.Table:
    """Product 1 costs 2.50, product 2 nobody knows what, product 3 dollars, product 4 1.50."""
    products = [(1, 2_500_000, "GBP"), (2, None, "GBP"), (3, 1_000_000, "USD"), (4, 1_500_000, "GBP")]
    table = pa.Table.from_pylist(
        [{"product_id": key, "cost_micros": cost, "currency": currency} for key, cost, currency in products], PRODUCTS
    )
    return line_costs(
        ibis.memtable(pa.Table.from_pylist(list(lines), schema=LINES)), ibis.memtable(table), currency="GBP"
    )


def portable_tables() -> dict[str, ir.Table]:
    lines = line_costs(UNBOUND["lines"], UNBOUND["products"], currency="GBP")
    by_customer, by_product = sales_by_customer(UNBOUND["orders"], lines), sales_by_product(
        UNBOUND["orders"], UNBOUND["lines"], lines
    )  # fmt: skip
    members = members_of(by_customer)
    return {
        "line_costs": lines,
        "sales_by_customer": by_customer,
        "sales_by_customer without costs": sales_by_customer(UNBOUND["orders"], None),
        "sales_by_product": by_product,
        "sales_by_product without costs": sales_by_product(UNBOUND["orders"], UNBOUND["lines"], None),
        "period_members": members,
        "two_periods": two_periods(members),
        "distribution": distribution(members, "profit_micros"),
        "purchase_counts": purchase_counts(members),
        "cohorts": cohorts(by_customer, as_of=LAST, months=3),
    }


@pytest.mark.parametrize("name", portable_tables())
def test_a_lens_uses_only_what_means_the_same_on_every_engine(name: str) -> None:
    table = portable_tables()[name]

    assert sorted(set(unportable_parts(table))) == []
    for dialect in ("duckdb", "clickhouse"):
        assert "SELECT" in str(ibis.to_sql(table, dialect=dialect)).upper()


def test_everybody_of_two_periods_is_in_one_group() -> None:
    found = rows_of(members_of(sales(*SHOP)), by="before_value_micros")
    shown = {
        row["member_id"]: (
            row["group"], row["before_purchases"], row["purchases"], row["before_value_micros"] / MICROS,
            row["value_micros"] / MICROS,
        )
        for row in found
    }  # fmt: skip

    assert shown == {
        1: ("kept", 1, 2, 100, 80),
        2: ("new", 0, 1, 0, 30),
        3: ("back", 0, 1, 0, 20),
        4: ("lost", 1, 0, 70, -20),
        5: ("reversed", 0, 0, 0, -5),
        None: ("unknown", 1, 1, 3, 7),
    }


def test_the_change_between_two_periods_is_explained_to_the_micro() -> None:
    found = lenses(sales(*SHOP), QUESTION, keep=_at_once)["two_periods"]

    assert (found["before_first"], found["before_last"], found["first"], found["last"]) == (
        "2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31",
    )  # fmt: skip
    assert (found["before"]["members"], found["before"]["purchases"], found["before"]["value_micros"]) == (
        2, 2, 170 * MICROS,
    )  # fmt: skip
    assert (found["now"]["members"], found["now"]["purchases"], found["now"]["value_micros"]) == (3, 4, 130 * MICROS)
    # 2 × 1 × 85 became 3 × 4/3 × 32.5: the mean of the six orders in which that could have happened
    assert found["value_effects"] == {
        "members": 67_083_333, "purchases_per_member": 47_500_000, "value_per_purchase": -154_583_333,
    }  # fmt: skip
    assert (found["before_micros"], found["now_micros"]) == (173 * MICROS, 112 * MICROS)
    assert found["without_buyers_micros"] == -21 * MICROS
    assert found["profit_effects"] is None


def test_where_nobody_bought_before_the_customers_did_it_all() -> None:
    found = lenses(sales(order(1, date(2026, 5, 1), 30)), QUESTION, keep=_at_once)["two_periods"]

    assert found["value_effects"] == {"members": 30 * MICROS, "purchases_per_member": 0, "value_per_purchase": 0}


def test_tenths_are_cut_from_the_best_and_ties_change_nothing() -> None:
    table = members_of(sales(order(1, LAST, 50), *(order(number, LAST, 10) for number in range(2, 12))))

    found = {row["part"]: row for row in rows_of(distribution(table, "value_micros"), by="part")}

    counts = [found[part]["members"] if part in found else 0 for part in range(1, PARTS + 1)]
    assert counts == [1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    assert found[1] == {"part": 1, "members": 1, "micros": 50 * MICROS, "lowest": 50 * MICROS}
    assert {row["micros"] for part, row in found.items() if part > 1} == {10 * MICROS}


def test_of_nobody_there_are_no_tenths() -> None:
    report = lenses(sales(), QUESTION, keep=_at_once)

    assert [row["members"] for row in report["one_period"]["by_value"]["tenths"]] == [0] * 10
    assert (report["one_cohort"], report["cohorts"]["cohorts"], report["whole_base"]["periods"]) == (None, [], [])


def test_how_often_they_bought_is_counted_in_brackets() -> None:
    rows = [order(1, LAST), *[order(2, LAST)] * 7, *[order(3, LAST)] * 25]

    found = lenses(sales(*rows), QUESTION, keep=_at_once)["one_period"]["purchase_counts"]

    assert [(row["from"], row["to"], row["members"]) for row in found if row["members"]] == [
        (1, 1, 1), (5, 9, 1), (20, None, 1),
    ]  # fmt: skip


def test_cohorts_are_followed_by_calendar_periods() -> None:
    table = sales(
        order(1, date(2026, 1, 15), 10), order(1, date(2026, 4, 1), 5),
        order(2, date(2026, 3, 31), 20), order(2, date(2026, 5, 1), -20, "return"),
        order(3, date(2026, 4, 30), 7), order(3, date(2026, 4, 30), 8),
        order(4, date(2026, 5, 5), -3, "return"), order(None, date(2026, 6, 1), 1), order(1, date(2026, 7, 1), 99),
    )  # fmt: skip

    found = rows_of(cohorts(table, as_of=date(2026, 6, 30), months=3), by="period")
    shown = {
        (row["cohort"], row["period"], row["is_known"]): (
            row["active"],
            row["purchases"],
            row["value_micros"] // MICROS,
        )
        for row in found
    }

    assert shown == {
        (8104, 8104, True): (2, 2, 30),
        (8104, 8105, True): (1, 1, -15),
        (8105, 8105, True): (1, 2, 15),
        (None, 8105, True): (0, 0, -3),
        (None, 8105, False): (0, 1, 1),
    }


def test_cohorts_become_rows_with_an_age_for_every_period_up_to_the_day() -> None:
    table = sales(order(1, date(2025, 12, 31), 10), order(1, date(2026, 7, 1), 5), order(2, date(2026, 2, 1), 8))

    report = lenses(table, BaseQuestion(as_of=date(2026, 8, 1), grain="quarter"), keep=_at_once)

    first, second = report["cohorts"]["cohorts"]
    assert (first["cohort"], first["members"], first["first"], first["last"]) == (
        "2025-Q4", 1, "2025-10-01", "2025-12-31",
    )  # fmt: skip
    assert [(cell["age"], cell["period"], cell["active"]) for cell in first["periods"]] == [
        (0, "2025-Q4", 1), (1, "2026-Q1", 0), (2, "2026-Q2", 0), (3, "2026-Q3", 1),
    ]  # fmt: skip
    assert second["cohort"] == "2026-Q1"
    assert report["one_cohort"] == first
    newest = report["whole_base"]["periods"][-1]
    assert (newest["period"], newest["is_open"], newest["by_cohort"]) == ("2026-Q3", True, {"2025-Q4": 5 * MICROS})


def test_what_lines_cost_is_known_to_the_micro_where_the_product_says_so() -> None:
    table = costed(
        line(1, 1, 3 * MICROS, 12), line(2, 2, MICROS, 5), line(3, 3, MICROS, 5), line(4, None, MICROS, 5),
        line(5, 4, 333_333, 1), line(6, 4, -333_333, -1), line(7, 1, -2 * MICROS, -8),
    )  # fmt: skip

    found = {row["order_id"]: (row["costed_micros"], int(row["cost_micros"])) for row in rows_of(table, by="order_id")}

    assert found == {
        1: (12 * MICROS, 7_500_000), 2: (0, 0), 3: (0, 0), 4: (0, 0),
        5: (MICROS, 500_000), 6: (-MICROS, -499_999), 7: (-8 * MICROS, -5_000_000),
    }  # fmt: skip


def test_goods_come_back_at_their_cost_whether_the_quantity_or_the_price_is_below_zero() -> None:
    placed = orders(
        order(7, FIRST, 10), order(7, FIRST, -10, "return"), order(8, FIRST, 10), order(8, FIRST, -10, "return"),
        order(9, FIRST, 0),
    )  # fmt: skip
    lines = costed(
        line(1, 1, MICROS, 10), line(2, 1, -MICROS, -10), line(3, 1, MICROS, 10), line(4, 1, MICROS, -10),
        line(5, 1, MICROS, 0),
    )  # fmt: skip

    earned: dict[int, int] = defaultdict(int)
    for row in rows_of(sales_by_customer(placed, lines), by="member_id"):
        earned[row["member_id"]] += row["profit_micros"]

    assert earned == {7: 0, 8: 0, 9: -2_500_000}  # who was given one cost us one


def test_a_cost_is_rounded_as_whole_numbers_are_however_large_it_is() -> None:
    dice, held = random.Random(5), 2**50
    pairs = [(dice.randrange(1, 10 ** dice.randint(1, 12)), dice.randrange(-(10**9), 10**9)) for _ in range(2_000)]
    # around halves, and where floats stop to hold quotients
    pairs += [(1, near + MICROS * whole) for near in range(499_998, 500_003) for whole in (0, 1, 1_125_899_906, -7)]
    pairs += [(1, held + near) for near in range(-3, 4)] + [
        (999_999_999, held // 999_999_999 + near) for near in range(-2, 3)
    ]
    products = pa.Table.from_pylist(
        [{"product_id": key, "cost_micros": unit, "currency": "GBP"} for key, (unit, _) in enumerate(pairs)], PRODUCTS
    )
    lines = pa.Table.from_pylist(
        [line(key, key, quantity, quantity / MICROS) for key, (_, quantity) in enumerate(pairs)], schema=LINES
    )

    found = rows_of(line_costs(ibis.memtable(lines), ibis.memtable(products), currency="GBP"), by="order_id")

    assert [row["cost_micros"] for row in found] == [(unit * many + MICROS // 2) // MICROS for unit, many in pairs]


def test_a_cost_beyond_every_number_stays_a_number() -> None:
    huge = 9 * 10**17
    products = pa.Table.from_pylist([{"product_id": 1, "cost_micros": huge, "currency": "GBP"}], PRODUCTS)
    lines = pa.Table.from_pylist([line(1, 1, 10**15, 1)], schema=LINES)

    table = sales_by_customer(
        orders(order(7, LAST, 1)), line_costs(ibis.memtable(lines), ibis.memtable(products), currency="GBP")
    )

    assert rows_of(table, by="member_id")[0]["profit_micros"] == MICROS - 9 * 10**18


def test_orders_and_products_are_the_same_sales_seen_from_two_sides() -> None:
    placed = orders(order(7, FIRST, 17), order(None, FIRST, 5))
    raw = [line(1, 1, 3 * MICROS, 12), line(1, 2, MICROS, 5), line(2, None, MICROS, 5), line(9, 1, MICROS, 99)]
    lines = costed(*raw)

    by_customer = rows_of(sales_by_customer(placed, lines), by="total_micros")
    by_product = rows_of(sales_by_product(placed, lines, lines), by="total_micros")
    without = rows_of(sales_by_product(placed, ibis.memtable(pa.Table.from_pylist(raw, schema=LINES)), None), by="kind")

    assert [(row["member_id"], row["total_micros"], row["costed_micros"], row["profit_micros"]) for row in by_customer] == [
        (None, 5 * MICROS, 0, 0), (7, 17 * MICROS, 12 * MICROS, 4_500_000),
    ]  # fmt: skip
    assert sorted((row["member_id"] or 0, row["total_micros"], row["profit_micros"]) for row in by_product) == [
        (0, 5 * MICROS, 0), (1, 12 * MICROS, 4_500_000), (2, 5 * MICROS, 0),
    ]  # fmt: skip
    assert sum(row["total_micros"] for row in without) == 22 * MICROS


def test_what_is_earned_is_told_where_nearly_all_costs_are_known() -> None:
    placed = orders(order(1, date(2025, 5, 1), 10), order(1, date(2026, 5, 1), 12), order(2, date(2026, 6, 1), 20))
    table = sales_by_customer(
        placed, costed(line(1, 1, MICROS, 10), line(2, 1, 2 * MICROS, 12), line(3, 1, 10 * MICROS, 20))
    )

    report = lenses(table, QUESTION, keep=_at_once)
    half = lenses(sales_by_customer(placed, costed(line(3, 1, MICROS, 20))), QUESTION, keep=_at_once)

    # 7.50 of 10 before; 7.00 of 12 and a loss of 5.00 of 20 now
    assert report["one_period"]["profit_micros"] == 2 * MICROS
    assert [point["micros"] for point in report["one_period"]["by_profit"]["whale"]][::10] == [7 * MICROS, 2 * MICROS]
    assert sum(report["two_periods"]["profit_effects"].values()) == 2 * MICROS - 7_500_000
    assert list(report["two_periods"]["profit_effects"]) == [
        "members", "purchases_per_member", "value_per_purchase", "margin",
    ]  # fmt: skip
    assert (half["one_period"]["profit_micros"], half["one_period"]["by_profit"]) == (None, None)


@pytest.mark.parametrize(
    ("day", "period", "first", "before"),
    [
        (date(2011, 12, 10), "year", date(2010, 12, 11), date(2009, 12, 11)),
        (date(2026, 2, 28), "month", date(2026, 2, 1), date(2026, 1, 1)),
        (date(2024, 2, 29), "year", date(2023, 3, 1), date(2022, 3, 1)),
        (date(2026, 3, 31), "quarter", date(2026, 1, 1), date(2025, 10, 1)),
        (date(2026, 3, 30), "month", date(2026, 2, 28), date(2026, 1, 31)),
    ],
)
def test_a_period_ends_with_the_day_and_one_that_ends_a_month_begins_with_one(
    day: date, period: str, first: date, before: date
) -> None:
    question = BaseQuestion(as_of=day, period=period)

    assert (question.first, question.before) == (first, before)


@pytest.mark.parametrize(
    ("grain", "key", "days"),
    [
        ("year", "2026", (date(2026, 1, 1), date(2026, 12, 31))),
        ("quarter", "2026-Q4", (date(2026, 10, 1), date(2026, 12, 31))),
        ("month", "2026-12", (date(2026, 12, 1), date(2026, 12, 31))),
    ],
)
def test_calendar_periods_have_names_and_days(grain: str, key: str, days: tuple[date, date]) -> None:
    number = period_number(date(2026, 12, 24), grain)

    assert (period_key(number, grain), period_days(number, grain)) == (key, days)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**6), st.integers(1, 50), st.integers(-(10**9), 10**12)), min_size=2, max_size=2
    )
)
def test_effects_come_to_the_change_whatever_the_factors(periods: list[tuple[int, int, int]]) -> None:
    (n0, p0, v0), (n1, p1, v1) = periods

    found = effects(
        {"n": n0, "f": Fraction(p0, n0), "a": Fraction(v0, p0)}, {"n": n1, "f": Fraction(p1, n1), "a": Fraction(v1, p1)}
    )
    back = effects(
        {"n": n1, "f": Fraction(p1, n1), "a": Fraction(v1, p1)}, {"n": n0, "f": Fraction(p0, n0), "a": Fraction(v0, p0)}
    )

    assert sum(found.values()) == v1 - v0
    assert all(abs(found[name] + back[name]) <= 1 for name in found)


_ORDERS = st.lists(
    st.builds(
        order,
        st.sampled_from([1, 2, 3, 4, 5, None]),
        st.dates(date(2024, 6, 1), date(2027, 3, 1)),
        st.integers(-50, 200),
        st.sampled_from(["sale", "sale", "sale", "return"]),
    ),
    max_size=40,
)


@settings(max_examples=5, deadline=None)
@given(_ORDERS, st.randoms())
def test_parts_sum_to_the_whole_order_and_threads_do_not_matter_and_the_future_is_not_seen(
    placed: list[dict[str, Any]], chance: Any
) -> None:
    shuffled = [each for each in placed if each["placed_on"] <= LAST]
    chance.shuffle(shuffled)

    report = lenses(sales(*placed), QUESTION, keep=_at_once)
    again = lenses(sales(*shuffled), QUESTION, keep=_with_one_thread)

    assert report == again
    sums: dict[int, int] = defaultdict(int)
    for each in shuffled:
        sums[each["placed_on"].year] += each["total_micros"]
    periods = {int(period["period"]): period for period in report["whole_base"]["periods"]}
    assert {year: period["value_micros"] for year, period in periods.items() if year in sums} == dict(sums)
    for period in periods.values():
        parts = (*period["by_cohort"].values(), period["never_bought_micros"], period["unknown_micros"])
        assert sum(parts) == period["value_micros"]
    two, one = report["two_periods"], report["one_period"]
    assert (two["before_micros"], two["now_micros"]) == (sums[2025], sums[2026])
    change = sum(two["value_effects"].values()) + two["without_buyers_micros"]
    assert change == two["now_micros"] - two["before_micros"]
    assert sum(row["micros"] for row in one["by_value"]["tenths"]) == one["value_micros"]
    assert sum(row["members"] for row in one["by_value"]["tenths"]) == one["members"]
    assert sum(row["members"] for row in one["purchase_counts"]) == one["members"]
    assert all(cohort["periods"][0]["active"] == cohort["members"] for cohort in report["cohorts"]["cohorts"])


def _at_once(name: str, compute: Any) -> ir.Table:
    return compute()


def _with_one_thread(name: str, compute: Any) -> ir.Table:
    return ibis.memtable(ibis.duckdb.connect(threads=1).to_pyarrow(compute()))


def test_yesterday_is_told_as_it_was() -> None:
    day = LAST - timedelta(days=200)
    until = [each for each in SHOP if each["placed_on"] <= day]
    question = BaseQuestion(as_of=day, grain="month")

    assert lenses(sales(*SHOP), question, keep=_at_once) == lenses(sales(*until), question, keep=_at_once)
