"""Everybody who bought in a period or in the one before it, and into which group that puts them."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

from rapport.insight.marts.facts import SALE, money_sum

KEPT, NEW, BACK, LOST, REVERSED, UNKNOWN = "kept", "new", "back", "lost", "reversed", "unknown"
GROUPS = (KEPT, NEW, BACK, LOST, REVERSED, UNKNOWN)
SUMS = ("value_micros", "costed_micros", "profit_micros")


def period_members(sales: ir.Table, *, before: date, first: date, last: date) -> ir.Table:
    """Who stayed, who came, who came back and who was lost from one period to the next?

    One row per member (a customer, or a product) with orders of any kind from `before` to `last`; the period begins on
    `first`, the one before it on `before`. Columns: member_id, group, and for both periods purchases, value_micros,
    costed_micros and profit_micros, those of the period before with `before_` in front. Groups: kept (bought in both), new
    (the first purchase of all lies in the period), back (bought earlier, not in the period before, and again), lost (bought
    in the period before and not in the period), reversed (bought in neither: something was taken back or corrected), and
    unknown, which is one row with a null member_id for all that hangs on nobody.
    """
    until = sales.filter(sales.placed_on <= last)
    is_sale, is_now = until.kind == SALE, until.placed_on >= first
    was_before = (until.placed_on >= before) & (until.placed_on < first)
    sums = {name: money_sum(is_now.ifelse(until[column], 0)) for name, column in _columns("")}
    sums |= {name: money_sum(was_before.ifelse(until[column], 0)) for name, column in _columns("before_")}
    totals = until.group_by("member_id").aggregate(
        first_on=ibis.ifelse(is_sale, until.placed_on, ibis.null("date")).min(),
        newest_on=until.placed_on.max(),
        purchases=(is_sale & is_now).cast("int64").sum().cast("int64"),
        before_purchases=(is_sale & was_before).cast("int64").sum().cast("int64"),
        **sums,
    )
    recent = totals.filter(totals.newest_on >= before)
    group = ibis.cases(
        (recent.member_id.isnull(), UNKNOWN),
        ((recent.purchases > 0) & (recent.before_purchases > 0), KEPT),
        ((recent.purchases > 0) & (recent.first_on >= first), NEW),
        (recent.purchases > 0, BACK),
        (recent.before_purchases > 0, LOST),
        else_=REVERSED,
    )
    return recent.mutate(group=group).drop("first_on", "newest_on")


def _columns(prefix: str) -> list[tuple[str, str]]:
    return [(prefix + name, "total_micros" if name == "value_micros" else name) for name in SUMS]
