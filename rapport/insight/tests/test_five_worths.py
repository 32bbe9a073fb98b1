"""What customers contribute, teach us and bring us: tables checked by hand, and sums that are those of the ledger."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa
import pytest

from rapport.insight.five_worths.referrals import without_cycles
from rapport.insight.five_worths.unit_values import contact_costs, referral_shares
from rapport.insight.marts.contacts import COUNTED, contacts
from rapport.insight.marts.contribution import bought, contribution, deliveries, totals
from rapport.insight.marts.lens_sales import sales_by_customer
from rapport.insight.marts.referrals import referral_credits, referral_edges
from rapport.insight.tests.shop import order, orders, rows_of
from rapport.insight.warehouse.portable import unportable_parts

DAY = date(2026, 3, 31)
MILLION = 1_000_000
COSTS = {"call": 3 * MILLION, "case": 5 * MILLION, "campaign_email": 10_000, "delivery": 4 * MILLION}
_TOUCHPOINTS = pa.schema(
    [("profile_id", pa.int64()), ("kind", pa.string()), ("channel", pa.string()), ("direction", pa.string()),
     ("occurred_on", pa.date32())]
)  # fmt: skip
_LINES = pa.schema([("order_id", pa.int64()), ("costed_micros", pa.int64()), ("cost_micros", pa.decimal128(38, 0))])
_TIES = pa.schema(
    [("relationship_id", pa.int64()), ("kind", pa.string()), ("from_profile_id", pa.int64()), ("to_profile_id", pa.int64()),
     ("since", pa.date32())]
)  # fmt: skip


def table(schema: pa.Schema, *rows: tuple[Any, ...]) -> ibis.Table:
    return ibis.memtable(
        pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
    )


def profiles(**more: int) -> ibis.Table:
    """Profile n is of customer n, but 9 is of nobody known."""
    return ibis.memtable(pa.table({"profile_id": range(1, 9), "customer_id": range(1, 9)}))


def touched(*rows: tuple[Any, ...]) -> ibis.Table:
    return contacts(table(_TOUCHPOINTS, *rows), profiles(), as_of=DAY)


def _sent(sold: dict[str, Any], day: date | None) -> dict[str, Any]:
    return sold | {"delivered_on": day}


def a_shop() -> ibis.Table:
    placed = orders(
        _sent(order(1, date(2026, 1, 1), 100), date(2026, 1, 3)),
        _sent(order(1, date(2026, 2, 1), -30, kind="return"), date(2026, 2, 2)), order(2, date(2026, 1, 5), 50),
        _sent(order(None, date(2026, 1, 6), 7), date(2026, 1, 7)), order(1, date(2026, 4, 1), 999),
    )  # fmt: skip
    lines = table(
        _LINES, (1, 100 * MILLION, 60 * MILLION), (2, -30 * MILLION, -18 * MILLION), (3, 20 * MILLION, 15 * MILLION)
    )
    told = touched(
        (1, "call", "call_center", "in", date(2026, 1, 9)), (1, "call", "call_center", "out", date(2026, 1, 10)),
        (1, "case", "email", "in", date(2026, 1, 11)), (2, "campaign", "email", "out", date(2026, 1, 2)),
        (2, "campaign", "email", "out", date(2026, 1, 3)), (2, "campaign", "email", "in", date(2026, 1, 3)),
        (3, "idea", "web", "in", date(2026, 1, 3)), (9, "call", "call_center", "in", date(2026, 1, 3)),
        (1, "call", "call_center", "in", date(2026, 4, 2)),
    )  # fmt: skip
    return contribution(
        bought(sales_by_customer(placed, lines), as_of=DAY), deliveries(placed, as_of=DAY), told, costs=COSTS
    )


def test_contribution_is_what_is_left_after_goods_service_campaigns_and_delivery() -> None:
    found = {row["customer_id"]: row for row in rows_of(a_shop())}

    def money(customer: int) -> list[float]:
        names = (
            "sold",
            "returned",
            "net",
            "goods",
            "uncosted",
            "margin",
            "service",
            "campaign",
            "delivery",
            "contribution",
        )
        return [found[customer][f"{name}_micros"] / MILLION for name in names]

    assert money(1) == [100, -30, 70, 42, 0, 28, 11, 0, 4, 13]
    assert money(2) == [50, 0, 50, 15, 30, 35, 0, 0.02, 0, 34.98]
    assert money(3) == [0] * 10
    assert money(0) == [7, 0, 7, 0, 7, 7, 3, 0, 4, 0]
    assert (found[1]["purchases"], found[1]["reversals"], found[1]["deliveries"]) == (1, 1, 1)
    assert found[3]["idea"] == 1
    assert found[1]["last_purchase_on"] == date(2026, 1, 1)


def test_they_mean_the_same_on_any_engine() -> None:
    edges = referral_edges(table(_TIES, (1, "referred", 1, 2, None)), profiles(), as_of=DAY)

    made = referral_credits(edges, a_shop(), shares=[200_000, 100_000, 50_000], as_of=DAY)

    assert [part for each in (a_shop(), totals(a_shop()), made) for part in unportable_parts(each)] == []
    assert rows_of(made)[0]["credit_1"] == 34_980_000 // 5


def test_customers_and_nobody_together_are_the_ledger() -> None:
    known = {row["is_known"]: row for row in rows_of(totals(a_shop()), by="is_known")}

    assert known[True]["net_micros"] + known[False]["net_micros"] == 127 * MILLION
    assert known[True]["goods_micros"] + known[False]["goods_micros"] == 57 * MILLION
    assert known[True]["customers"] == 3


@pytest.mark.parametrize("seed", range(4))
def test_parts_sum_to_the_whole_to_the_micro_in_any_order_of_rows(seed: int) -> None:
    dice = random.Random(seed)
    rows = [
        order(dice.choice((None, 1, 2, 3)), date(2026, 1, 1) + timedelta(days=dice.randint(0, 150)),
              dice.randint(-5_000_000_000, 9_000_000_000) / MILLION, kind=dice.choice(("sale", "return")))
        for _ in range(60)
    ]  # fmt: skip
    lines = [
        (number, dice.choice((0, row["total_micros"])), dice.randint(-(10**9), 10**9))
        for number, row in enumerate(rows, 1)
    ]
    told = [
        (dice.randint(1, 9), dice.choice(("call", "case", "campaign", "idea")), dice.choice(("email", "web")),
         dice.choice(("in", "out")), date(2026, 1, 1) + timedelta(days=dice.randint(0, 150)))
        for _ in range(80)
    ]  # fmt: skip
    rows = [
        _sent({"order_id": number} | row, date(2026, 2, 1) if dice.random() < 0.5 else None)
        for number, row in enumerate(rows, 1)
    ]

    def worked_out() -> list[dict[str, Any]]:
        placed = orders(*rows)
        made = contribution(
            bought(sales_by_customer(placed, table(_LINES, *lines)), as_of=DAY),
            deliveries(placed, as_of=DAY), touched(*told), costs=COSTS,
        )  # fmt: skip
        return rows_of(made)

    found = worked_out()

    placed_by_then = [number for number, row in enumerate(rows) if row["placed_on"] <= DAY]
    assert sum(row["net_micros"] for row in found) == sum(rows[number]["total_micros"] for number in placed_by_then)
    assert sum(row["goods_micros"] for row in found) == sum(lines[number][2] for number in placed_by_then)
    for row in found:
        assert row["net_micros"] == row["sold_micros"] + row["returned_micros"]
        assert row["contribution_micros"] == (
            row["net_micros"]
            - row["goods_micros"]
            - row["service_micros"]
            - row["campaign_micros"]
            - row["delivery_micros"]
        )
    dice.shuffle(told)
    dice.shuffle(rows)
    assert worked_out() == found


def test_a_campaign_counts_as_sent_or_where_nothing_was_noted_as_sent_as_it_came_back() -> None:
    found = rows_of(
        touched(
            (1, "campaign", "email", "out", DAY), (1, "campaign", "email", "out", DAY), (1, "campaign", "email", "in", DAY),
            (1, "campaign", "direct_mail", "in", DAY), (1, "campaign", "sms", "in", DAY), (1, "survey", "web", "out", DAY),
            (1, "review", "web", "in", DAY), (1, "page_view", "web", "in", DAY),
        )
    )[0]  # fmt: skip

    counted = {name: found[name] for name in COUNTED if found[name]}
    assert counted == {"campaign_email": 2, "campaign_direct_mail": 1, "campaign_other": 1, "review": 1}


def test_a_minute_has_a_cost_and_a_contact_so_many_minutes() -> None:
    amounts = {"service_minute": 750_000, "minutes_call": 6_500_000, "cost_delivery": 5}

    costs = contact_costs(amounts)

    assert (costs["call"], costs["case"], costs["delivery"]) == (4_875_000, 0, 5)
    assert contact_costs({}) == dict.fromkeys(costs, 0)


def edges_of(*ties: tuple[Any, ...]) -> list[tuple[int, int]]:
    made = referral_edges(table(_TIES, *ties), profiles(), as_of=DAY)
    return [(row["referred_id"], row["referrer_id"]) for row in rows_of(made, by="referred_id")]


def test_the_first_who_referred_somebody_counts_and_nobody_refers_herself() -> None:
    found = edges_of(
        (1, "referred", 1, 3, date(2026, 2, 1)), (2, "referred", 2, 3, date(2026, 1, 1)), (3, "referred", 4, 4, None),
        (4, "referred", 5, 6, date(2026, 4, 1)), (5, "household", 1, 7, None), (6, "referred", 1, 8, None),
        (7, "referred", 2, 8, None), (8, "referred", 9, 5, None),
    )  # fmt: skip

    assert found == [(3, 2), (8, 1)]


def test_of_a_circle_the_newest_link_is_cut() -> None:
    old, new = date(2025, 1, 1), date(2026, 1, 1)

    kept, cut = without_cycles({1: (2, old, 1), 2: (3, old, 2), 3: (1, new, 3), 4: (1, new, 4), 5: (5, old, 5)})

    assert (kept, cut) == ({1: 2, 2: 3, 4: 1}, 2)


def credited(
    kept: dict[int, int], worth: dict[int, int], shares: list[int], bought_on: date = DAY
) -> dict[int, dict[str, Any]]:
    edges = ibis.memtable(
        pa.table({"referred_id": pa.array(kept, pa.int64()), "referrer_id": pa.array(kept.values(), pa.int64())})
    )
    worths = ibis.memtable(
        pa.table(
            {
                "customer_id": pa.array(worth, pa.int64()), "contribution_micros": pa.array(worth.values(), pa.int64()),
                "last_purchase_on": pa.array([bought_on] * len(worth), pa.date32()),
            }
        )
    )  # fmt: skip
    return {row["customer_id"]: row for row in rows_of(referral_credits(edges, worths, shares=shares, as_of=DAY))}


def test_referrers_are_credited_by_generation() -> None:
    shares = referral_shares({"referral_share": 20 * MILLION, "referral_next": 50 * MILLION})
    assert shares == [200_000, 100_000, 50_000]

    found = credited({2: 1, 3: 2, 4: 3, 5: 1}, {2: 100, 3: 1_000, 4: 10_000_009, 5: -700}, shares)

    assert {name: [found[1][f"{name}_{each}"] for each in (1, 2, 3)] for name in ("n", "credit")} == {
        "n": [2, 1, 1], "credit": [20, 100, 500_000],
    }  # fmt: skip
    assert (found[1]["referred"], found[1]["referred_buying"]) == (2, 2)
    assert (found[3]["credit_1"], found[3]["credit_2"]) == (2_000_001, 0)
    assert credited({2: 1}, {2: 100}, shares, date(2025, 3, 31))[1]["referred_buying"] == 0


@pytest.mark.parametrize("seed", range(6))
def test_no_more_is_credited_than_referred_customers_contribute(seed: int) -> None:
    dice = random.Random(seed)
    everybody = range(1, 40)
    links = {
        who: (dice.choice([each for each in everybody if each != who]), DAY - timedelta(days=dice.randint(0, 9)), who)
        for who in everybody if dice.random() < 0.8
    }  # fmt: skip
    kept, _cut = without_cycles(links)
    worth = {who: dice.choice((-5, 0, 1, 999_999, 10**12 + 7, 9 * 10**15)) for who in everybody}
    shares = [dice.randint(300_000, 500_000), dice.randint(0, 300_000), dice.randint(0, 200_000)]

    found = credited(kept, worth, shares)

    given = sum(row[f"credit_{each}"] for row in found.values() for each in (1, 2, 3))
    assert given <= sum(max(worth[who], 0) for who in kept)
    for who in kept:  # followed upwards nobody is met twice
        seen = {who}
        while who in kept:
            who = kept[who]
            assert who not in seen
            seen.add(who)
    for who in kept:
        alone = credited(kept, {who: worth[who]}, shares)
        assert sum(row[f"credit_{each}"] for row in alone.values() for each in (1, 2, 3)) <= max(worth[who], 0)


def test_more_than_a_whole_is_not_credited() -> None:
    with pytest.raises(ValueError, match="shares of a whole"):
        credited({2: 1}, {2: 1}, [900_000, 200_000, 0])
