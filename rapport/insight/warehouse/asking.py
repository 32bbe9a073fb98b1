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
ANSWERING_TASK = "insight.answer_page"
_SOMEBODY_WAITS = 10


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


def ask_to_answer(page: str, question: Mapping[str, Any], *, snapshot_id: int, once_for: str) -> bool:
    """Queue what a page waits for, before what nobody looks at; one at a time, for each takes much of the memory."""
    return _ask(
        ANSWERING_TASK, lock=ANSWERING_TASK, once_for=once_for, priority=_SOMEBODY_WAITS,
        page=page, question=question, snapshot_id=snapshot_id,
    )  # fmt: skip


def _ask(task: str, *, lock: str = TASK, once_for: str = "", priority: int = 0, **said: Any) -> bool:
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            asked = app.configure_task(
                task, queue="insight", lock=lock, queueing_lock=once_for or task, priority=priority
            )
            asked.defer(**said)
    except AlreadyEnqueued:
        return False
    return True
