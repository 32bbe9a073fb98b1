"""How far an import is, kept so that it never runs backwards, and the locks that say who is at work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from rapport.records.models import Import, ImportState

WHOLE = 1000
READING_SHARE = 250
MOST_RESUMPTIONS = 10
_IMPORT_LOCK, SOURCE_LOCK = 7_263_101, 7_263_102

Report = Callable[[str, int], None]


class Cancelled(Exception):
    """Somebody asked the import to stop; what is done stays and can be undone."""


class GivenUp(RuntimeError):
    """An import was cut off so often that it is not taken up again by itself."""


class SourceBusy(Exception):
    """Another import of the same source is at work, and this one does not wait for it here; it is to be tried later."""


class AlreadyAtWork(RuntimeError):
    """Another process is at work on this import."""


def count_resumption(job: Import) -> None:
    """It was cut off and is taken up again. Raises GivenUp when that has happened too often: then it is the import's doing."""
    if job.resumptions >= MOST_RESUMPTIONS:
        raise GivenUp(f"It was begun {job.resumptions + 1} times, and its process ended without a word each time.")
    Import.objects.filter(pk=job.pk).update(resumptions=job.resumptions + 1)


@contextmanager
def at_work(import_id: int) -> Iterator[None]:
    """The import is this connection's as long as it lives; when its process is killed the database gives it back."""
    if not _try_lock(_IMPORT_LOCK, import_id):
        raise AlreadyAtWork(f"Import {import_id} is being worked on already.")
    try:
        yield
    finally:
        _unlock(_IMPORT_LOCK, import_id)


def is_worked_on(import_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and classid = %s and objid = %s and granted"
            " and database = (select oid from pg_database where datname = current_database()))",
            [_IMPORT_LOCK, import_id],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def source_to_oneself(source_id: int, *, wait: Callable[[], None]) -> Iterator[None]:
    """Imports of one source come one after the other; `wait` is called until it is free, and may raise."""
    while not _try_lock(SOURCE_LOCK, source_id):
        wait()
    try:
        yield
    finally:
        _unlock(SOURCE_LOCK, source_id)


def note(import_id: int, progress: int, **values: Any) -> None:
    """Write how far it is; a smaller number than before is not written."""
    Import.objects.filter(pk=import_id).update(progress=Greatest(F("progress"), min(progress, WHOLE)), **values)


def refuse_if_cancelled(import_id: int) -> None:
    state = Import.objects.filter(pk=import_id).values_list("state", flat=True).first()
    if state == ImportState.CANCELLING:
        raise Cancelled


def merge_counts(job: Import, counts: Mapping[str, Any]) -> None:
    with transaction.atomic():
        current = Import.objects.select_for_update().get(pk=job.pk)
        current.counts = {**current.counts, **counts}
        current.save(update_fields=["counts"])
    job.counts = current.counts


def _try_lock(kind: int, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [kind, number])
        return bool(cursor.fetchone()[0])


def _unlock(kind: int, number: int) -> None:
    if connection.connection is None or connection.connection.closed:
        return
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock(%s, %s)", [kind, number])
