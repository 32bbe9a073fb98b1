"""Has what waits sent at once; were this forgotten, it would be sent within seconds all the same."""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from rapport.core.jobs import SENDING_QUEUE

SEND_TASK = "webhooks.send"


def wake() -> None:
    """Outside of a transaction: that it is asked for already is no failure."""
    try:
        app.configure_task(SEND_TASK, queue=SENDING_QUEUE, queueing_lock=SEND_TASK).defer(timestamp=0)
    except AlreadyEnqueued:
        return
