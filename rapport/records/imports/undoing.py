"""Taking back a whole import, batch by batch, also one that was cancelled or failed half-way."""

from __future__ import annotations

from django.db import connection, transaction

from rapport.audit import actions as audit
from rapport.core import clock
from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.records.events import ImportUndone
from rapport.records.imports import progress, staging
from rapport.records.imports.importing import find_importer
from rapport.records.imports.progress import Report
from rapport.records.models import Import, ImportChunk, ImportState, ImportUndo
from rapport.records.statistics import refresh_statistics


class UnableToUndo(Exception):
    """The import stays as it is; the message says why."""


def undo_import(job: Import, *, by: Actor, report: Report) -> Import:
    """Put every row back as it was before the import. Raises UnableToUndo with the reasons, or AlreadyAtWork."""
    with progress.at_work(job.pk):
        job.refresh_from_db()
        if job.state == ImportState.UNDONE:
            return job
        if job.started_at is None:
            raise UnableToUndo(f"Import {job.pk} has not been started.")
        importer = find_importer(job.importer)
        if job.state != ImportState.UNDOING:
            reasons = undo_obstacles(job)
            if reasons:
                raise UnableToUndo(f"Import {job.pk} cannot be undone: " + " ".join(reasons))
            # whoever takes this up after a crash signs for the same person
            Import.objects.filter(pk=job.pk).update(asked_by=getattr(by, "pk", None))
            Import.objects.filter(pk=job.pk).update(state=ImportState.UNDOING, stage="undoing", resumptions=0)
        else:
            _take_up(job)
        staging.drop_tables(job.pk)
        _take_back(job, by=by, report=report)
        refresh_statistics()
        made = job.counts.get("source_made")
        if made:
            importer.sources.forget(made)
        ImportUndo.objects.filter(job=job).delete()
        ImportChunk.objects.filter(job=job).delete()
        with transaction.atomic():
            Import.objects.filter(pk=job.pk).update(state=ImportState.UNDONE, stage="", finished_at=clock.utc_now())
            publish(ImportUndone(job.pk, job.importer))
        job.refresh_from_db()
        return job


def _take_up(job: Import) -> None:
    """Half undone it can only be undone further, so where it is given up it is as one that was cancelled."""
    try:
        progress.count_resumption(job)
    except progress.GivenUp as end:
        Import.objects.filter(pk=job.pk).update(state=ImportState.CANCELLED, finished_at=clock.utc_now())
        raise UnableToUndo(str(end)) from end


def note_refusal(job: Import, refusal: UnableToUndo) -> None:
    """Where nobody waits for the answer, the import keeps it."""
    Import.objects.filter(pk=job.pk).update(stage="", failure=str(refusal))


def undo_obstacles(job: Import) -> list[str]:
    """What stands against taking the import back, in words."""
    with connection.cursor() as cursor:
        return find_importer(job.importer).conflicts(cursor, job.pk)


def _take_back(job: Import, *, by: Actor, report: Report) -> None:
    importer = find_importer(job.importer)
    done = 0
    while True:
        with acting(by, reason=f"undo import {job.pk}"), connection.cursor() as cursor:
            for name, value in (("rapport.bulk", "on"), ("lock_timeout", "60s"), ("jit", "off"), ("work_mem", "64MB")):
                cursor.execute("select set_config(%s, %s, true)", [name, value])
            count = importer.undo(cursor, job.pk)
            if count:
                audit.record_bulk("undo-import", {"import": job.pk, "rows": count})
            cursor.execute("select set_config('rapport.bulk', 'off', true)")
        if not count:
            return
        done += count
        report("undoing", done)
