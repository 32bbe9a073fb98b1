"""The jobs of acts on many rows: carrying out, taking back, and taking up what a killed process left."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from procrastinate.contrib.django import app

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.records.bulk.models import BULK_UNDER_WAY, BulkRun, BulkState
from rapport.records.bulk.running import (
    BULK_TASK,
    UNDO_BULK_TASK,
    carry_out,
    count_resumption,
    is_worked_on,
    take_back,
)

_LONG_WAITING = timedelta(minutes=2)


@task(name=BULK_TASK, queue="imports")
def carry_out_many(run_id: int) -> None:
    run = BulkRun.objects.select_related("selection").filter(pk=run_id).first()
    if run is not None:
        carry_out(run)


@task(name=UNDO_BULK_TASK, queue="imports")
def take_back_many(run_id: int) -> None:
    run = BulkRun.objects.select_related("selection").filter(pk=run_id).first()
    if run is not None:
        take_back(run)


@periodic(cron="* * * * * */20")
@task(name="records.take_up_bulk", queue="care", queueing_lock="records.take_up_bulk")
def take_up_bulk(timestamp: int) -> None:
    """Acts that say they are under way while nobody works on them go on by themselves."""
    forgotten = ~Q(state=BulkState.WAITING) | Q(started_at__lt=utc_now() - _LONG_WAITING)
    for run in BulkRun.objects.filter(forgotten, state__in=BULK_UNDER_WAY):
        if not is_worked_on(run.pk) and count_resumption(run):
            name = UNDO_BULK_TASK if run.state == BulkState.UNDOING else BULK_TASK
            app.configure_task(name, queue="imports").defer(run_id=run.pk)
