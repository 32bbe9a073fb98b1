"""The jobs of this room: imports and their undoing, exports, and taking up what a killed process left."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from rapport.core.acting import SYSTEM
from rapport.core.clock import utc_now
from rapport.core.files import StoredFile
from rapport.core.jobs import periodic, task
from rapport.records.bulk import jobs as bulk_jobs
from rapport.records.custom_fields import jobs as custom_fields_jobs
from rapport.records.exporting.actions import EXPORT_TASK, remove_old_files, run_export
from rapport.records.imports.actions import FILE_TASK, IMPORT_TASK, UNDO_TASK, queue_import, remove_file
from rapport.records.imports.decoding import FileRefused
from rapport.records.imports.progress import AlreadyAtWork, Cancelled, GivenUp, SourceBusy, is_worked_on
from rapport.records.imports.running import run_import
from rapport.records.imports.undoing import UnableToUndo, note_refusal, undo_import
from rapport.records.models import UNDER_WAY, Export, Import, ImportState

OWN_FIELDS = (custom_fields_jobs.index_field, custom_fields_jobs.search_field, custom_fields_jobs.purge_fields)
BULK = (bulk_jobs.carry_out_many, bulk_jobs.take_back_many, bulk_jobs.take_up_bulk)
_LONG_WAITING = timedelta(minutes=2)
_TRIED_AGAIN_SECONDS = 2


@task(name=IMPORT_TASK, queue="imports")
def import_file(import_id: int) -> None:
    job = Import.objects.select_related("started_by", "asked_by").get(pk=import_id)
    try:
        run_import(job, by=job.asked_by or job.started_by or SYSTEM, report=_unless_busy)
    except SourceBusy:
        queue_import(job, in_seconds=_TRIED_AGAIN_SECONDS)
    except (FileRefused, Cancelled, AlreadyAtWork, GivenUp):
        return  # the import itself says it


@task(name=UNDO_TASK, queue="imports")
def take_back(import_id: int) -> None:
    job = Import.objects.select_related("asked_by").get(pk=import_id)
    try:
        undo_import(job, by=job.asked_by or SYSTEM, report=_silently)
    except UnableToUndo as refusal:
        note_refusal(job, refusal)
    except AlreadyAtWork:
        return


@task(name=FILE_TASK, queue="imports")
def remove_discarded(digest: str, size: int) -> None:
    remove_file(StoredFile(digest, size), now=utc_now())


@periodic(cron="* * * * * */20")
@task(name="records.take_up_imports", queue="care", queueing_lock="records.take_up_imports")
def take_up_imports(timestamp: int) -> None:
    """Imports that say they are under way while nobody works on them go on by themselves."""
    forgotten = Q(state=ImportState.WAITING, created_at__lt=utc_now() - _LONG_WAITING)
    for job in Import.objects.filter(Q(state__in=UNDER_WAY) & ~Q(state=ImportState.WAITING) | forgotten):
        if not is_worked_on(job.pk):
            queue_import(job)


def _unless_busy(stage: str, at: int) -> None:
    """An import that must wait for another one leaves its place to other jobs."""
    if stage == "waiting":
        raise SourceBusy


def _silently(stage: str, at: int) -> None:
    return None


@task(name=EXPORT_TASK, queue="imports")
def export_list(export_id: int) -> None:
    export = Export.objects.select_related("asked_by").filter(pk=export_id).first()
    if export is not None:
        run_export(export)


@periodic(cron="23 * * * *")
@task(name="records.remove_exports", queue="care", queueing_lock="records.remove_exports")
def remove_exports(timestamp: int) -> None:
    remove_old_files(now=utc_now())
