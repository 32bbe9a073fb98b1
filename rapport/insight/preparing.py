"""Making what pages about products ask for, once a refresh is done."""

from __future__ import annotations

from rapport.insight import queries
from rapport.insight.actions import BACKGROUND
from rapport.insight.engine import SnapshotMissing
from rapport.insight.reports import reports
from rapport.insight.together import prepare


def prepare_newest() -> bool:
    """As far as it is not there for the newest snapshot; False where there is none, or where a newer one took its place."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return False
    as_of = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
            prepare(answers, as_of=as_of)
    except SnapshotMissing:
        return False
    return True
