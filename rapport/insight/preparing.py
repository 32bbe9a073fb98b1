"""Making what pages ask for that takes longer than a refresh may, once it is done, and what nobody foresaw when it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rapport.core.clock import utc_now
from rapport.insight import queries
from rapport.insight.actions import BACKGROUND
from rapport.insight.customer_base.computing import BASE
from rapport.insight.forecast.keeping import keep_forecast
from rapport.insight.journeys.computing import JOURNEYS, JourneyQuestion, has_journeys
from rapport.insight.long_answers import LongAnswer, make_answer
from rapport.insight.reports import reports
from rapport.insight.rfm.computing import WORTH
from rapport.insight.together.computing import prepare
from rapport.insight.warehouse.engine import SnapshotMissing

PAGES: dict[str, LongAnswer[Any, Any]] = {page.name: page for page in (WORTH, BASE, JOURNEYS)}


def prepare_newest(*, now: datetime | None = None) -> bool:
    """As far as it is not there for the newest snapshot; False where there is none, or where a newer one took its place."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return False
    as_of = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
            if has_journeys(snapshot):
                JOURNEYS.make(answers, JourneyQuestion(as_of=as_of))
            prepare(answers, as_of=as_of)
            keep_forecast(answers, as_of=as_of, now=now or utc_now())
    except SnapshotMissing:
        return False
    return True


def answer_newest(page: str, question: dict[str, Any], *, snapshot_id: int) -> bool:
    """What somebody asked a page; False where a newer snapshot came meanwhile, of which the page asks again."""
    snapshot = queries.current_snapshot()
    if snapshot is None or snapshot.pk != snapshot_id:
        return False
    make_answer(PAGES[page], question, snapshot=snapshot, rules=queries.segment_rules(), engine=BACKGROUND)
    return True
