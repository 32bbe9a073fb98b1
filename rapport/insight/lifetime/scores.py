"""Writing back what each customer is foretold to do: learned once a week, scored at every refresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis import ir

from rapport.audit import actions as audit
from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restricted_ids
from rapport.insight.learned import keep_model
from rapport.insight.lifetime.cohorts import models_in_use
from rapport.insight.lifetime.learning import HORIZON_WEEKS, NAME, columns, in_weeks, kept_customers, lifetime_value
from rapport.insight.marts import purchase_days as marts
from rapport.insight.models import CustomerLifetime, LearnedModel, ScoreRun
from rapport.insight.reports import Reports
from rapport.insight.scores import lifetime
from rapport.insight.spare_tables import replace_rows

LEARNED_FOR = timedelta(days=7)
CHANGED = 0.1
FARTHEST_DAYS = 3650
_COLUMNS = ("customer_id", "alive_percent", "expected_purchases", "expected_micros", "due_on", "repeats")
_TABLE, _ROWS = "insight_clv", 50_000


def write_lifetimes(answers: Reports, *, as_of: date, now: datetime) -> ScoreRun:
    """Score every customer as of the end of `as_of` and swap the scores in; nobody has one where the data cannot carry it."""
    learned = _model_in_use(answers, as_of, now)
    with acting(SYSTEM, reason="insight.lifetime"):
        parts = [] if learned.is_refused else _parts(answers, learned, as_of)
        written = 0
        if not learned.is_refused or CustomerLifetime.objects.exists():
            written = replace_rows(_TABLE, _COLUMNS, parts, called="foretold values")
            audit.record_bulk("lifetime values computed", {"customers": written})
        return ScoreRun.objects.create(
            model=learned, as_of=as_of, snapshot_folder=answers.snapshot.folder, customers=written, finished_at=now
        )


def scores(answers: Reports, learned: LearnedModel, *, as_of: date) -> ir.Table:
    """One row per customer who bought: the columns of the table. The same model as of the same day says the same again."""
    customers = kept_customers(answers, as_of)
    warehouse = answers.warehouse
    by_history = warehouse.keep(
        f"lifetime_{learned.pk}_{as_of:%Y%m%d}", lambda: ibis.memtable(_by_history(customers, learned.report, as_of))
    )
    joined = customers.inner_join(by_history, [customers[name] == by_history[f"of_{name}"] for name in marts.HISTORY])
    return joined.select(
        customer_id=customers.customer_id,
        alive_percent=by_history.alive_percent,
        expected_purchases=by_history.expected_purchases,
        expected_micros=_value(customers, by_history, learned.report["spending"]),
        due_on=by_history.due_on,
        repeats=customers.repeats,
    )


def _model_in_use(answers: Reports, as_of: date, now: datetime) -> LearnedModel:
    """The newest model, while it is of this week, this currency and much the same customers; else one that is learned now."""
    newest = LearnedModel.objects.filter(kind=NAME).order_by("-id").first()
    if newest is not None and _still_good(newest, answers, as_of):
        return newest
    report = lifetime_value(answers, as_of=as_of)
    is_refused = "refused" in report
    if is_refused and newest is not None and newest.is_refused and newest.report["refused"] == report["refused"]:
        return newest
    return keep_model(
        kind=NAME, version=lifetime.VERSION, as_of=as_of, snapshot_folder=answers.snapshot.folder,
        currency=answers.snapshot.currency, is_refused=is_refused, report=report, learned_at=now,
    )  # fmt: skip


def _still_good(newest: LearnedModel, answers: Reports, as_of: date) -> bool:
    of_this = (newest.version, newest.currency) == (lifetime.VERSION, answers.snapshot.currency)
    if newest.is_refused or not of_this or not timedelta() <= as_of - newest.as_of < LEARNED_FOR:
        return False
    before, now = newest.report["customers"], int(kept_customers(answers, as_of).count().to_pyarrow().as_py())
    return abs(now - before) <= CHANGED * before


def _parts(answers: Reports, learned: LearnedModel, as_of: date) -> Iterator[pa.Table]:
    """Whatever asks the database is asked before the first part: while parts are copied into it, it answers nothing."""
    found = scores(answers, learned, as_of=as_of)
    restricted = restricted_ids()
    if restricted:
        found = found.filter(~found.customer_id.isin(restricted))
    batches = answers.warehouse.batches(found, rows=_ROWS)
    return (pa.Table.from_batches([batch]) for batch in batches)


def _by_history(customers: ir.Table, report: dict[str, Any], as_of: date) -> pa.Table:
    """What the model says of each history; customers with the same one are scored once."""
    found = columns(marts.histories(customers))
    known = in_weeks(found)
    model, alive_by = models_in_use(report, until=as_of)
    chance = alive_by.chance_alive(known)
    wait = model.usual_wait(known) * 7
    is_due = (chance >= 0.5) & (known.repeats > 0) & (wait < FARTHEST_DAYS)
    days = np.where(is_due, np.ceil(np.minimum(wait, FARTHEST_DAYS)), 0).astype(np.int32)
    return pa.table(
        {
            **{f"of_{name}": pa.array(found[name].astype(np.int64)) for name in marts.HISTORY},
            "alive_percent": np.round(chance * 100, 1),
            "expected_purchases": model.further_purchases(known, float(HORIZON_WEEKS)),
            "due_on": pa.array(np.datetime64(as_of) + days, type=pa.date32(), mask=~is_due),
        }
    )


def _value(customers: ir.Table, by_history: ir.Table, spending: dict[str, Any]) -> ir.Value:
    """What the expected purchases bring in micros, by Gamma-Gamma of the customer's own repeats; null where that was refused."""
    if "refused" in spending:
        return ibis.null("int64")
    p, q, v = (spending["parameters"][name] for name in ("p", "q", "v"))
    paid = ibis.greatest(customers.repeat_micros, 0).cast("float64")
    mean = p * (v * 1e6 + paid) / (p * customers.repeats + q - 1)
    return (by_history.expected_purchases * mean).round().cast("int64")
