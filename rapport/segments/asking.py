"""Asking the worker to compute segments, from pages, jobs and other rooms alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

CATCH_UP, REBUILD, LOCK = "segments.catch_up", "segments.rebuild", "segments"


def note_changed(customer_ids: Iterable[int | None]) -> None:
    """These customers may fit other segments than before: they are asked anew before long."""
    ids = sorted({each for each in customer_ids if each is not None})
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into segments_pending (customer_id) select unnest(%s::bigint[]) on conflict do nothing", [ids]
            )
        ask_to_catch_up()


def ask_to_catch_up() -> None:
    _ask(CATCH_UP, CATCH_UP)


def ask_to_rebuild(segment_id: int | None = None) -> None:
    """All customers are asked anew, for one segment and those that are made of it, or for all segments."""
    _ask(REBUILD, f"{REBUILD}:{segment_id or 'all'}", segment_id=segment_id)


def ask_to_rebuild_reading(table: str) -> None:
    """What this table says of customers has been computed anew: whoever asks for that is asked again, and nobody else."""
    _ask(REBUILD, f"{REBUILD}:{table}", table=table)


def _ask(task: str, queueing_lock: str, **arguments: Any) -> None:
    try:
        with transaction.atomic():  # a refused job must not spoil the caller's transaction
            app.configure_task(task, queue="segments", lock=LOCK, queueing_lock=queueing_lock).defer(**arguments)
    except AlreadyEnqueued:
        return
