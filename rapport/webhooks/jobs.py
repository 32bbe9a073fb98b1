"""The jobs of this room: sending what waits, each endpoint in a lane of its own, and clearing away."""

from __future__ import annotations

import logging
import random
import time

from asgiref.sync import sync_to_async
from django.db import connection

from rapport.core.clock import utc_now
from rapport.core.environment import webhook_networks
from rapport.core.jobs import SENDING_QUEUE, periodic, task
from rapport.webhooks import tidying
from rapport.webhooks.delivering import Outcome, alone_with, endpoints_waiting, send_next
from rapport.webhooks.lanes import Lanes
from rapport.webhooks.waking import SEND_TASK, wake

log = logging.getLogger(__name__)
LANES = 12
_LANE_SECONDS = 5.0
_lanes = Lanes(LANES)


@periodic(cron="* * * * * */5")
@task(name=SEND_TASK, queue=SENDING_QUEUE, queueing_lock=SEND_TASK)
async def send(timestamp: int) -> None:
    """Ends at once: the lanes go on by themselves, and ask for more when they are done."""
    waiting = await sync_to_async(_waiting, thread_sensitive=False)()
    random.shuffle(waiting)  # where there are more than lanes, each has its turn
    for endpoint_id in waiting:
        _lanes.take(endpoint_id, _send_to)


@periodic(cron="37 * * * *")
@task(name="webhooks.tidy", queue="care", queueing_lock="webhooks.tidy")
def tidy(timestamp: int) -> None:
    tidying.tidy(now=utc_now())


def _waiting() -> list[int]:
    try:
        return endpoints_waiting(now=utc_now())
    finally:
        connection.close()


def _send_to(endpoint_id: int) -> None:
    """One message after the other as long as they are accepted, and others need not wait long for the lane."""
    try:
        has_sent, until = False, time.monotonic() + _LANE_SECONDS
        with alone_with(endpoint_id) as is_alone:
            outcome = Outcome.DELIVERED if is_alone else Outcome.NOTHING
            while outcome is Outcome.DELIVERED and time.monotonic() < until:
                outcome = send_next(endpoint_id, now=utc_now(), own=webhook_networks(), chance=random.random)
                has_sent |= outcome is not Outcome.NOTHING
    except Exception:
        log.exception("Sending to endpoint %s broke off; what waits is sent later.", endpoint_id)
    else:
        if has_sent and outcome is not Outcome.NOTHING:
            wake()
    finally:
        connection.close()  # the thread is ours, so nobody else does it
