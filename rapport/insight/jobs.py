"""The jobs of this room: the warehouse is refreshed every hour, soon after a change, and whenever somebody asks."""

from __future__ import annotations

from procrastinate.exceptions import AlreadyEnqueued

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.insight.queries import refresh_is_due, report_settings

_ONE = "insight.refresh"


@task(name="insight.refresh", queue="insight", queueing_lock=_ONE, lock=_ONE)
def refresh_warehouse() -> None:
    from rapport.insight.actions import refresh  # noqa: PLC0415 - every process lists the jobs, few run this one

    refresh(settings=report_settings(), now=utc_now())


@periodic(cron="* * * * *")
@task(name="insight.refresh_when_due", queue="care", queueing_lock="insight.refresh_when_due")
def refresh_when_due(timestamp: int) -> None:
    if refresh_is_due(now=utc_now()):
        ask_for_refresh()


def ask_for_refresh() -> bool:
    """Queue a refresh; False where one waits already."""
    try:
        refresh_warehouse.defer()
    except AlreadyEnqueued:
        return False
    return True
