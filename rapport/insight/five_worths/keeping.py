"""Writing back what each customer is worth in five ways, and what the whole base comes to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.five_worths.computing import customers, five_worths
from rapport.insight.five_worths.unit_values import GENERATIONS, KEPT_COUNTS, Amounts
from rapport.insight.marts.contribution import MONEY
from rapport.insight.models import FiveWorthsRun
from rapport.insight.queries import foretold_sums
from rapport.insight.reports import Reports
from rapport.insight.spare_tables import replace_rows

_PLAIN = ("customer_id", "purchases", "reversals", *MONEY, "contribution_percent", "insight_items", "insight_micros",
          "referred", "referred_buying", "influence_micros",
    "last_purchase_on")  # fmt: skip
_ARRAYS = {
    "counts": KEPT_COUNTS,
    "referrals": tuple(f"n_{number}" for number in range(1, GENERATIONS + 1)),
    "credits": tuple(f"credit_{number}" for number in range(1, GENERATIONS + 1)),
}
_TABLE, _ROWS = "insight_five", 50_000


def write_five_worths(answers: Reports, *, as_of: date, now: datetime, amounts: Amounts) -> FiveWorthsRun:
    """Compute every customer's worths as of the end of `as_of` and swap them in; what is foretold was written before."""
    report = five_worths(answers, as_of=as_of, amounts=amounts)
    with acting(SYSTEM, reason="insight.five_worths"):
        written = replace_rows(_TABLE, (*_PLAIN, *_ARRAYS), _parts(answers, as_of, amounts), called="worths")
        audit.record_bulk("five worths computed", {"customers": written})
        return FiveWorthsRun.objects.create(
            as_of=as_of, snapshot_folder=answers.snapshot.folder, currency=answers.snapshot.currency,
            report=report | {"foretold": foretold_sums()}, customers=written, finished_at=now,
        )  # fmt: skip


def _parts(answers: Reports, as_of: date, amounts: Amounts) -> Iterator[pa.Table]:
    """Whatever asks the database is asked before the first part: while parts are copied into it, it answers nothing."""
    found = customers(answers, as_of=as_of, amounts=amounts)
    present = answers.warehouse.table("customers").select("customer_id")
    found = found.semi_join(present, "customer_id")
    restricted = restricted_ids()
    if restricted:
        found = found.filter(~found.customer_id.isin(restricted))
    share = found.contribution_micros.cast("float64") / found.net_micros.cast("float64") * 100
    found = found.mutate(contribution_percent=ibis.ifelse(found.net_micros > 0, share, ibis.null("float64")))
    return map(_shaped, answers.warehouse.batches(found, rows=_ROWS))


def _shaped(batch: pa.RecordBatch) -> pa.Table:
    """Lists in the writing of PostgreSQL."""
    table = pa.Table.from_batches([batch]).select(_PLAIN)
    for name, columns in _ARRAYS.items():
        joined = pc.binary_join_element_wise(*(pc.cast(batch[column], pa.string()) for column in columns), ",")
        table = table.append_column(name, pc.binary_join_element_wise("{", joined, "}", ""))
    return table
