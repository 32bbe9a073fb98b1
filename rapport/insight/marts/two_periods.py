"""Two periods compared, group by group."""

from __future__ import annotations

from ibis import ir

from rapport.insight.marts.facts import money_sum
from rapport.insight.marts.period_members import SUMS


def two_periods(period_members: ir.Table) -> ir.Table:
    """What did those bring who stayed, who came and who were lost, in either period?

    One row per group of `period_members` that is not empty: group, members, and for both periods purchases and sums. All
    groups together come to all orders of the two periods.
    """
    return period_members.group_by("group").aggregate(
        members=period_members.member_id.count(),
        **{
            name: period_members[name].sum().cast("int64") for name in ("purchases", "before_purchases")
        },
        **{
            prefix + name: money_sum(period_members[prefix + name]) for prefix in ("", "before_") for name in SUMS
        },
    )  # fmt: skip
