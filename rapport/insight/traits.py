"""Writing what the marts know of each customer back into PostgreSQL, all at once."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
from ibis import ir

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.marts import rfm
from rapport.insight.marts.customer_months import MONTHS, customer_months
from rapport.insight.models import TraitRun
from rapport.insight.reports import Reports
from rapport.insight.spare_tables import replace_rows

_COLUMNS = (
    "customer_id", "segment", "segment_before", "recency_band", "frequency_band", "monetary_band", "purchases", "reversals",
    "gross_micros", "value_micros", "first_purchase_on", "last_purchase_on", "months",
)  # fmt: skip
_MONTH_COLUMNS = tuple(f"m{month}" for month in range(1, MONTHS + 1))


def write_traits(answers: Reports, *, as_of: date, since: date, now: datetime) -> TraitRun:
    """Compute every customer's traits as of the end of `as_of` and swap them in; readers see the old or the new ones."""
    orders = answers.warehouse.orders()
    changed = answers.segment_changes(as_of=as_of, since=since)
    restricted = restricted_ids()
    if restricted:
        changed = changed.filter(~changed.customer_id.isin(restricted))
    (edges,) = answers.edges(as_of=as_of).to_pyarrow().to_pylist()
    with acting(SYSTEM, reason="insight.traits"):
        batches = answers.warehouse.batches(_with_months(changed, customer_months(orders, as_of=as_of)), rows=50_000)
        written = replace_rows("insight_rfm", _COLUMNS, map(_shaped, batches), called="traits")
        audit.record_bulk("traits computed", {"customers": written})
        return TraitRun.objects.create(
            snapshot_folder=answers.snapshot.folder,
            as_of=as_of,
            since=since,
            currency=answers.snapshot.currency,
            monetary=rfm.AVERAGE,
            customers=written,
            edges={name: _plain(value) for name, value in edges.items()},
            finished_at=now,
        )


def _with_months(customers: ir.Table, months: ir.Table) -> ir.Table:
    joined = customers.left_join(months, customers.customer_id == months.customer_id)
    return joined.select(
        *(customers[name] for name in _COLUMNS[:-1]), **{name: joined[name].fill_null(0) for name in _MONTH_COLUMNS}
    )


def _shaped(batch: pa.RecordBatch) -> pa.Table:
    """The months as one array in the writing of PostgreSQL."""
    months = pc.binary_join_element_wise(*(pc.cast(batch[name], pa.string()) for name in _MONTH_COLUMNS), ",")
    array = pc.binary_join_element_wise("{", months, "}", "")
    return pa.Table.from_batches([batch]).select(_COLUMNS[:-1]).append_column("months", array)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
