"""RFM groups with hysteresis: nobody changes bands by standing at an edge."""

from __future__ import annotations

import ibis
from ibis import ir

from rapport.insight.marts.rfm import BANDS

WHOLE_BAND = 1_000


def settled(banded: ir.Table, before: ir.Table, *, recency_margin: int, frequency_margin: int) -> ir.Table:
    """Who has really moved to another band since before, and who only stands at its edge?

    `banded` is the mart `rfm`, `before` has customer_id, recency_band and frequency_band. A customer's standing on a scale is
    5 × customers strictly worse ÷ customers; her band is kept as long as the standing is at most the margin (in
    thousandths of a band) beyond its edges, and is that of `banded` otherwise, or where there was none before. The columns of
    `banded`, with both bands as they are settled.
    """
    placed = _placed(_placed(banded, "last_purchase_on", "recency"), "purchases", "frequency")
    earlier = before.select(
        earlier_id=before.customer_id, recency_was=before.recency_band, frequency_was=before.frequency_band
    )
    joined = placed.left_join(earlier, placed.customer_id == earlier.earlier_id)
    bands = {
        f"{name}_band": ibis.ifelse(_is_near(joined, name, margin), joined[f"{name}_was"], joined[f"{name}_band"])
        for name, margin in (("recency", recency_margin), ("frequency", frequency_margin))
    }
    return joined.mutate(**bands).select(*banded.columns)


def _placed(customers: ir.Table, column: str, name: str) -> ir.Table:
    """With how many are strictly worse, and how many there are."""
    histogram = customers.group_by(column).aggregate(n=customers.count())
    running = histogram.mutate(
        worse=histogram.n.sum().over(order_by=histogram[column], rows=(None, 0)).cast("int64") - histogram.n,
        everybody=histogram.n.sum().over().cast("int64"),
    )
    standing = running.select(
        **{f"{name}_at": running[column], f"{name}_worse": running.worse, f"{name}_of": running.everybody}
    )
    return customers.join(standing, customers[column] == standing[f"{name}_at"])


def _is_near(joined: ir.Table, name: str, margin: int) -> ir.BooleanValue:
    """Whether the standing lies in the band of before, or at most the margin beyond it."""
    standing = joined[f"{name}_worse"] * (BANDS * WHOLE_BAND)
    band, everybody = joined[f"{name}_was"].cast("int64"), joined[f"{name}_of"]
    lowest, after = (band - 1) * WHOLE_BAND - margin, band * WHOLE_BAND + margin
    return ((standing >= lowest * everybody) & (standing < after * everybody)).fill_null(False)


def cell_moves(now: ir.Table, then: ir.Table) -> ir.Table:
    """How many went from which cell of recency and frequency to which? One row per pair of cells: recency_before,
    frequency_before (null for those who had not bought), recency_band, frequency_band, customers.
    """
    before = then.select(
        then_id=then.customer_id, recency_before=then.recency_band, frequency_before=then.frequency_band
    )
    joined = now.left_join(before, now.customer_id == before.then_id)
    return joined.group_by("recency_before", "frequency_before", "recency_band", "frequency_band").aggregate(
        customers=joined.count()
    )
