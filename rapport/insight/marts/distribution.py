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
    histogram = members.group_by(column).aggregate(n=members.count())
    running = histogram.mutate(
        better=histogram.n.sum().over(order_by=histogram[column].desc(), rows=(None, 0)).cast("int64") - histogram.n,
        everybody=histogram.n.sum().over().cast("int64"),
    )
    crossed = running.cross_join(ibis.memtable({"part": list(range(1, PARTS + 1))}, schema={"part": "int64"}))
    reached = ibis.least(crossed.better + crossed.n, _border(crossed, crossed.part))
    cut = crossed.mutate(taken=reached - ibis.greatest(crossed.better, _border(crossed, crossed.part - 1)))
    within = cut.filter(cut.taken > 0)
    return within.group_by("part").aggregate(
        members=within.taken.sum().cast("int64"),
        micros=money_sum(within.taken.cast("decimal(38, 0)") * within[column]),
        lowest=within[column].min(),
    )


def _border(table: ir.Table, part: ir.IntegerColumn) -> ir.IntegerColumn:
    """How many members the parts up to this one hold."""
    return ((table.everybody * part + PARTS - 1) / PARTS).floor().cast("int64")


def purchase_counts(members: ir.Table) -> ir.Table:
    """How many bought once, how many twice? One row per number of purchases: purchases, members, value_micros."""
    return members.group_by("purchases").aggregate(
        members=members.count(), value_micros=money_sum(members.value_micros)
    )
