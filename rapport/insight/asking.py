"""Asking the worker for a refresh, from pages and jobs alike."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

TASK = "insight.refresh"


def ask_for_refresh() -> bool:
    """Queue a refresh; False where one waits already."""
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            app.configure_task(TASK, queue="insight", lock=TASK, queueing_lock=TASK).defer()
    except AlreadyEnqueued:
        return False
    return True
