"""The job queue: procrastinate's app, the delivery of events, and the care of jobs whose worker died."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from rapport.core import files
from rapport.core.planned import as_json, planned

SIGN_OF_LIFE_EVERY_SECONDS = 5
STALLED_AFTER_SECONDS = 20
KEEP_FAILED_HOURS = 30 * 24
CARE_QUEUE = "care"
SENDING_QUEUE = "sending"

_DELIVER = """
select procrastinate_defer_jobs_v1(array(
    select row($1, $2, 0, null, null, each.args, null)::procrastinate_job_to_defer_v1
      from jsonb_array_elements($3::jsonb) with ordinality as each (args, place) order by each.place))
"""

task = app.task
periodic = app.periodic


@app.task(name="core.deliver", queue="events", retry=3)
def deliver(subscription: str, payload: dict[str, Any]) -> None:
    """Hand one published event to one subscriber."""
    from rapport.core.events import hand_over  # noqa: PLC0415 - events publish through this module

    hand_over(subscription, payload)


def deliver_all(deliveries: Sequence[Mapping[str, Any]]) -> None:
    """A job for each, in one statement that every act sends: the queue's own way there takes longer than the act."""
    if deliveries:
        planned(_DELIVER, [deliver.queue, deliver.name, as_json(list(deliveries))])


@app.periodic(cron="* * * * * */10")
@app.task(name="core.retry_stalled", queue=CARE_QUEUE, queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Put jobs back in the queue whose worker stopped giving signs of life."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # another of its kind waits already: this one is not missed
            assert job.id is not None
            await manager.finish_job_by_id_async(job_id=job.id, status=Status.FAILED, delete_job=True)


@app.periodic(cron="17 * * * *")
@app.task(name="core.remove_finished", queue=CARE_QUEUE, queueing_lock="core.remove_finished", pass_context=True)
async def remove_finished(context: JobContext, timestamp: int) -> None:
    """The worker removes what succeeded at once; what failed stays visible for a month. Uploads cut off by a kill go too."""
    await asyncio.to_thread(files.remove_cut_off, now=time.time())
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEEP_FAILED_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
