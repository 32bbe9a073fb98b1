"""Asking for the job that looks at everybody again; a name of its own, so that pages need not know the job."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from rapport.core.clock import utc_now

TASK = "identity.resolve_everybody"


def ask_to_look_at_everybody() -> None:
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            app.configure_task(TASK, queue="events", queueing_lock=TASK, lock=TASK).defer(
                timestamp=int(utc_now().timestamp())
            )
    except AlreadyEnqueued:
        return
