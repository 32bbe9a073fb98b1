"""What each customer is worth in five ways, after Kumar et al. 2010, Journal of Service Research 13(3), 297-310.

Money that is counted once stands in `contribution`; what customers teach us and whom they bring stands beside it and is never
added to it: what a referrer is credited with is a part of what the referred customer contributes.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from rapport.insight.customer_base.audit import sales_of
from rapport.insight.customer_base.periods import CUSTOMERS
from rapport.insight.five_worths.referrals import without_cycles
from rapport.insight.five_worths.unit_values import GENERATIONS, Amounts, contact_costs, lesson_values, referral_shares
from rapport.insight.marts import contacts as contact_marts
from rapport.insight.marts import contribution as marts
from rapport.insight.marts import referrals as referral_marts
from rapport.insight.marts.contacts import LESSONS, NOBODY
from rapport.insight.marts.facts import money_sum
from rapport.insight.reports import Report, rows

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Reports

VERSION = 1
_EDGES = pa.schema([("referred_id", pa.int64()), ("referrer_id", pa.int64())])


def contributions(answers: Reports, *, as_of: date, amounts: Amounts) -> ir.Table:
    """The mart `contribution`: one row per customer, and one with customer_id 0 for what is of nobody known."""
    warehouse = answers.warehouse
    profiles, orders, costs = warehouse.table("profile_customers"), warehouse.orders(), contact_costs(amounts)

    def compute() -> ir.Table:
        bought = marts.bought(sales_of(answers, CUSTOMERS), as_of=as_of)
        delivered = marts.deliveries(orders, as_of=as_of)
        told = contact_marts.contacts(warehouse.table("touchpoints"), profiles, as_of=as_of)
        return marts.contribution(bought, delivered, told, costs=costs)

    return warehouse.keep(f"contribution_{as_of:%Y%m%d}", compute)


def credits(answers: Reports, *, as_of: date, amounts: Amounts) -> tuple[ir.Table, int]:
    """The mart `referral_credits`, and how many referrals went round in circles and were cut."""
    warehouse = answers.warehouse
    found = rows(
        referral_marts.referral_edges(
            warehouse.table("relationships"), warehouse.table("profile_customers"), as_of=as_of
        )
    )
    links = {row["referred_id"]: (row["referrer_id"], row["since"], row["relationship_id"]) for row in found}
    kept, cut = without_cycles(links)
    edges = pa.Table.from_pydict({"referred_id": list(kept), "referrer_id": list(kept.values())}, schema=_EDGES)
    worths = contributions(answers, as_of=as_of, amounts=amounts)
    made = referral_marts.referral_credits(ibis.memtable(edges), worths, shares=referral_shares(amounts), as_of=as_of)
    return warehouse.keep(f"referral_credits_{as_of:%Y%m%d}", lambda: made), cut


def customers(answers: Reports, *, as_of: date, amounts: Amounts) -> ir.Table:
    """One row per customer who bought, was in contact or referred somebody: the mart `contribution` with insight_items,
    insight_micros, referred, referred_buying, n_1 …, credit_1 … and influence_micros.
    """
    worths = contributions(answers, as_of=as_of, amounts=amounts)
    referred = credits(answers, as_of=as_of, amounts=amounts)[0].rename(referrer_id="customer_id")
    joined = worths.outer_join(referred, worths.customer_id == referred.referrer_id)
    further = [name for name in referred.columns if name != "referrer_id"]
    counts = (*marts.COUNTS, *marts.MONEY, *further)
    filled = joined.select(
        customer_id=ibis.coalesce(joined.customer_id, joined.referrer_id),
        last_purchase_on=joined.last_purchase_on,
        **{name: joined[name].fill_null(0).cast("int64") for name in counts},
    )
    values = lesson_values(amounts)
    valued = filled.mutate(
        insight_items=sum((filled[name] for name in LESSONS[1:]), filled[LESSONS[0]]),
        insight_micros=sum(
            (filled[name] * ibis.literal(values[name], "int64") for name in LESSONS), ibis.literal(0, "int64")
        ),
        influence_micros=sum((filled[f"credit_{number}"] for number in range(2, GENERATIONS + 1)), filled["credit_1"]),
    )
    return valued.filter(valued.customer_id != NOBODY)


def five_worths(answers: Reports, *, as_of: date, amounts: Amounts) -> Report:
    """The five worths of the whole base as plain values. Money is in micros; `nobody` is what is of no known customer."""
    warehouse = answers.warehouse
    found = {row["is_known"]: row for row in rows(marts.totals(contributions(answers, as_of=as_of, amounts=amounts)))}
    nothing = dict.fromkeys(("customers", *marts.COUNTS, *marts.MONEY), 0)
    known, nobody = ({**nothing, **found.get(is_known, {})} for is_known in (True, False))
    made, cut = credits(answers, as_of=as_of, amounts=amounts)
    sums = {
        f"{name}_{number}": made[f"{name}_{number}"] for number in range(1, GENERATIONS + 1) for name in ("n", "credit")
    }
    (credited,) = rows(
        made.aggregate(
            referrers=made.count(),
            referred_buying=made.referred_buying.sum().cast("int64"),
            **{name: money_sum(column) for name, column in sums.items()},
        )
    )
    lines = marts.costed_lines(
        warehouse.orders(), warehouse.table("order_lines"), warehouse.table("products"), currency=warehouse.currency,
        as_of=as_of,
    )  # fmt: skip
    values = lesson_values(amounts)
    return {
        "mart": f"five_worths v{VERSION}",
        "as_of": as_of.isoformat(),
        "time_zone": answers.snapshot.time_zone,
        "currency": answers.snapshot.currency,
        "units": dict(amounts),
        "customers": _plain(known),
        "nobody": _plain(nobody),
        "lines": rows(lines)[0],
        "insight": {
            "items": {name: known[name] for name in LESSONS},
            "value_micros": sum(known[name] * values[name] for name in LESSONS),
        },
        "influence": {
            "referrers": credited["referrers"],
            "referred_buying": credited["referred_buying"] or 0,
            "generations": [
                {"referred": credited[f"n_{number}"], "micros": credited[f"credit_{number}"], "share": share}
                for number, share in enumerate(referral_shares(amounts), start=1)
            ],
            "cut": cut,
        },
        "left_out": {row["currency"]: row["orders"] for row in rows(warehouse.left_out(), order_by="currency")},
    }


def _plain(row: dict[str, Any]) -> Report:
    return {name: int(value) for name, value in row.items() if name != "is_known"}
