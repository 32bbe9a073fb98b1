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
    parted = member_parts(members, column)
    return parted.group_by("part").aggregate(
        members=parted.count(), micros=money_sum(parted.value), lowest=parted.value.min()
    )


def member_parts(members: ir.Table, column: str) -> ir.Table:
    """In which twentieth of the members is each of them, from the best to the worst?

    One row per member: member_id, value, part (1 is best). Of equal ones the one with the smaller key stands first.
    """
    marked = members.select(member_id=members.member_id, value=members[column], one=ibis.literal(1, "int64"))
    placed = marked.mutate(
        before=ibis.row_number().over(order_by=[marked.value.desc(), marked.member_id.asc()]).cast("int64"),
        everybody=marked.one.sum().over().cast("int64"),
    )
    parted = placed.mutate(part=(placed.before * PARTS / placed.everybody).floor().cast("int64") + 1)
    return parted.select("member_id", "value", "part")


def purchase_counts(members: ir.Table) -> ir.Table:
    """How many bought once, how many twice? One row per number of purchases: purchases, members, value_micros."""
    return members.group_by("purchases").aggregate(
        members=members.count(), value_micros=money_sum(members.value_micros)
    )
