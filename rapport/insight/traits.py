"""Writing what the marts know of each customer back into PostgreSQL, all at once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from django.db import OperationalError, connection, transaction
from ibis import ir

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.customers.restrictions import restricted_ids
from rapport.insight.engine import Warehouse
from rapport.insight.marts import rfm
from rapport.insight.marts.customer_months import MONTHS, customer_months
from rapport.insight.models import TraitRun
from rapport.insight.refresh import UnableToRefresh
from rapport.insight.reports import Reports

_SWAP_TRIES = 5
_COLUMNS = (
    "customer_id", "segment", "segment_before", "recency_band", "frequency_band", "monetary_band", "purchases", "reversals",
    "gross_micros", "value_micros", "first_purchase_on", "last_purchase_on", "months",
)  # fmt: skip
_MONTH_COLUMNS = tuple(f"m{month}" for month in range(1, MONTHS + 1))


def write_traits(answers: Reports, *, as_of: date, since: date, now: datetime) -> TraitRun:
    """Compute every customer's traits as of the end of `as_of` and swap them in; readers see the old or the new ones.

    The table is filled without indexes, then indexed, then takes the place of the live one by renaming.
    """
    orders = answers.warehouse.orders()
    changed = answers.segment_changes(as_of=as_of, since=since)
    restricted = restricted_ids()
    if restricted:
        changed = changed.filter(~changed.customer_id.isin(restricted))
    (edges,) = answers.edges(as_of=as_of).to_pyarrow().to_pylist()
    with acting(SYSTEM, reason="insight.traits"):
        _call("insight_rfm_empty_spare")
        written = _copy(answers.warehouse, _with_months(changed, customer_months(orders, as_of=as_of)))
        _call("insight_rfm_index_spare")
        _swap()
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


def _copy(warehouse: Warehouse, traits: ir.Table) -> int:
    written = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy insight_rfm_spare ({', '.join(_COLUMNS)}) from stdin (format csv)") as copy,
    ):
        for batch in warehouse.batches(traits, rows=50_000):
            for block in _csv(pa.Table.from_batches([batch])):
                copy.write(block)
            written += batch.num_rows
    return written


def _csv(rows: pa.Table) -> Iterator[bytes]:
    months = pc.binary_join_element_wise(*(pc.cast(rows[name], pa.string()) for name in _MONTH_COLUMNS), ",")
    array = pc.binary_join_element_wise("{", months, "}", "")
    target = io.BytesIO()
    shaped = rows.select(_COLUMNS[:-1]).append_column("months", array)
    pyarrow.csv.write_csv(shaped, target, pyarrow.csv.WriteOptions(include_header=False))
    yield target.getvalue()


def _swap() -> None:
    """Renaming waits for readers at most `lock_timeout`, then lets them pass and tries again."""
    for attempt in range(_SWAP_TRIES):
        try:
            with transaction.atomic():
                _call("insight_rfm_swap")
            return
        except OperationalError as error:
            if attempt == _SWAP_TRIES - 1:
                raise UnableToRefresh(
                    "The traits of customers are being read without a pause; they stay as they were."
                ) from error


def _call(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}()")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
