"""Customers in named segments, and what each segment is worth."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import ir

from rapport.insight.marts.facts import money_sum

Rules = Mapping[tuple[int, int], str]


def segments(rfm: ir.Table, *, rules: Rules) -> ir.Table:
    """Which named segment is every customer in? `rules` maps (recency band, frequency band) to its name.

    Adds the column `segment` to the mart `rfm`.
    """
    names = sorted(set(rules.values()))
    cell = rfm.recency_band * 10 + rfm.frequency_band
    branches = [
        (cell.isin(sorted(10 * recency + frequency for (recency, frequency), to in rules.items() if to == name)), name)
        for name in names
    ]
    return rfm.mutate(segment=ibis.cases(*branches, else_=""))


def segment_totals(segmented: ir.Table) -> ir.Table:
    """How many customers does each segment hold, and what are they worth so far?

    One row per segment that is not empty: segment, customers, purchases, gross_micros, value_micros.
    """
    return segmented.group_by("segment").aggregate(
        customers=segmented.count(),
        purchases=segmented.purchases.sum().cast("int64"),
        gross_micros=money_sum(segmented.gross_micros),
        value_micros=money_sum(segmented.value_micros),
    )


def cell_totals(segmented: ir.Table) -> ir.Table:
    """How many customers are in each cell of the bands? One row per cell that is not empty."""
    return segmented.group_by("recency_band", "frequency_band", "monetary_band").aggregate(customers=segmented.count())


def segment_changes(now: ir.Table, then: ir.Table, *, not_yet: str) -> ir.Table:
    """In which segment was every customer of today before? `not_yet` where they had not bought then.

    Adds the column `segment_before` to `now`; both are marts of `segments`, of two as-of days.
    """
    before = then.select(then_id=then.customer_id, segment_before=then.segment)
    joined = now.left_join(before, now.customer_id == before.then_id)
    return joined.select(
        *(joined[name] for name in now.columns), segment_before=joined.segment_before.fill_null(not_yet)
    )


def segment_moves(changes: ir.Table) -> ir.Table:
    """Who moved between segments? One row per pair: segment_before, segment, customers; from `segment_changes`."""
    return changes.group_by("segment_before", "segment").aggregate(customers=changes.count())
