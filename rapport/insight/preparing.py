"""Making what pages ask for that takes longer than a refresh may, once it is done: products, and the forecast of revenue."""

from __future__ import annotations

from datetime import datetime

from rapport.core.clock import utc_now
from rapport.insight import queries
from rapport.insight.actions import BACKGROUND
from rapport.insight.forecast.keeping import keep_forecast
from rapport.insight.reports import reports
from rapport.insight.together.computing import prepare
from rapport.insight.warehouse.engine import SnapshotMissing


def prepare_newest(*, now: datetime | None = None) -> bool:
    """As far as it is not there for the newest snapshot; False where there is none, or where a newer one took its place."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return False
    as_of = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
            prepare(answers, as_of=as_of)
            keep_forecast(answers, as_of=as_of, now=now or utc_now())
    except SnapshotMissing:
        return False
    return True
