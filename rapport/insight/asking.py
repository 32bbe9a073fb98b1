"""Asking the worker for a refresh, from pages and jobs alike."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

TASK, FORGETTING_TASK = "insight.refresh", "insight.refresh_and_forget"
FOLLOWING_TASK = "insight.follow_refresh"
PREPARING_TASK = "insight.prepare_products"


def ask_for_refresh() -> bool:
    """Queue a refresh; False where one waits already."""
    return _ask(TASK)


def ask_to_follow() -> bool:
    """Queue what follows a refresh; it waits for it, and the next one for it."""
    return _ask(FOLLOWING_TASK)


def ask_to_forget() -> bool:
    """Queue a refresh after which no earlier snapshot is left."""
    return _ask(FORGETTING_TASK)


def ask_to_prepare_products() -> bool:
    """Queue the count of what is bought together, beside the next refresh."""
    return _ask(PREPARING_TASK, lock=PREPARING_TASK)


def _ask(task: str, *, lock: str = TASK) -> bool:
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            app.configure_task(task, queue="insight", lock=lock, queueing_lock=task).defer()
    except AlreadyEnqueued:
        return False
    return True
