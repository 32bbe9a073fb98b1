"""How unequal customers are: what each part of them brings, from the best to the worst."""

from __future__ import annotations

import ibis
from ibis import ir

from rapport.insight.marts.facts import money_sum

PARTS = 20


def distribution(members: ir.Table, column: str) -> ir.Table:
    """What does each twentieth of the members bring, from the best to the worst?

    One row per part that is not empty: part (1 is best), members, micros, and lowest, the smallest value in it. The first n
    parts hold n twentieths of all members, rounded up. Members of equal value bring the same, whichever of them is on which
    side of a border, so ties change nothing.
    """
    marked = members.select(value=members[column], one=ibis.literal(1, "int64"))
    placed = marked.mutate(
        before=ibis.row_number().over(order_by=marked.value.desc()).cast("int64"),
        everybody=marked.one.sum().over().cast("int64"),
    )
    parted = placed.mutate(part=(placed.before * PARTS / placed.everybody).floor().cast("int64") + 1)
    return parted.group_by("part").aggregate(
        members=parted.count(), micros=money_sum(parted.value), lowest=parted.value.min()
    )


def purchase_counts(members: ir.Table) -> ir.Table:
    """How many bought once, how many twice? One row per number of purchases: purchases, members, value_micros."""
    return members.group_by("purchases").aggregate(
        members=members.count(), value_micros=money_sum(members.value_micros)
    )
