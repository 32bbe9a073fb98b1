"""Asking the worker for a refresh, from pages and jobs alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

TASK, FORGETTING_TASK = "insight.refresh", "insight.refresh_and_forget"
FOLLOWING_TASK = "insight.follow_refresh"
PREPARING_TASK = "insight.prepare_products"
LEARNING_TASK = "insight.learn_who_leaves"


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


def ask_to_learn(question: Mapping[str, Any]) -> bool:
    """Queue that it is learned who leaves, once for each field that can say so."""
    return _ask(LEARNING_TASK, lock=LEARNING_TASK, once_for=f"{LEARNING_TASK}:{question['label']}", question=question)


def _ask(task: str, *, lock: str = TASK, once_for: str = "", **said: Any) -> bool:
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            app.configure_task(task, queue="insight", lock=lock, queueing_lock=once_for or task).defer(**said)
    except AlreadyEnqueued:
        return False
    return True
