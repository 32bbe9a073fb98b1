"""The jobs of this room: the warehouse is refreshed every hour and whenever somebody asks."""

from __future__ import annotations

from procrastinate.exceptions import AlreadyEnqueued

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.insight.queries import report_settings

_ONE = "insight.refresh"


@task(name="insight.refresh", queue="insight", queueing_lock=_ONE, lock=_ONE)
def refresh_warehouse() -> None:
    from rapport.insight.actions import refresh  # noqa: PLC0415 - every process lists the jobs, few run this one

    refresh(settings=report_settings(), now=utc_now())


@periodic(cron="7 * * * *")
@task(name="insight.refresh_hourly", queue="insight", lock=_ONE)
def refresh_hourly(timestamp: int) -> None:
    ask_for_refresh()


def ask_for_refresh() -> bool:
    """Queue a refresh; False where one waits already."""
    try:
        refresh_warehouse.defer()
    except AlreadyEnqueued:
        return False
    return True
