"""The jobs of this room: who has changed is asked soon, everybody when a day begins and when a segment is changed."""

from __future__ import annotations

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.segments.asking import CATCH_UP, LOCK, REBUILD, ask_to_catch_up, ask_to_rebuild
from rapport.segments.keeping import catch_up, days_have_passed, rebuild
from rapport.segments.queries import somebody_waits


@task(name=CATCH_UP, queue="segments", lock=LOCK, queueing_lock=CATCH_UP)
def catch_up_segments() -> None:
    catch_up(now=utc_now())


@task(name=REBUILD, queue="segments", lock=LOCK)
def rebuild_segments(segment_id: int | None = None, table: str = "") -> None:
    rebuild(segment_id, table=table, now=utc_now())


@periodic(cron="*/10 * * * *")
@task(name="segments.when_due", queue="care", queueing_lock="segments.when_due")
def compute_when_due(timestamp: int) -> None:
    if somebody_waits():
        ask_to_catch_up()
    if days_have_passed(now=utc_now()):
        ask_to_rebuild()
