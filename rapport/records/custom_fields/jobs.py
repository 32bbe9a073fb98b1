"""What fields of one's own have done in the background: indexes, words of the search, and purging after the time of keeping."""

from __future__ import annotations

from datetime import timedelta

from rapport.core.clock import utc_now
from rapport.core.jobs import periodic, task
from rapport.records.custom_fields.actions import INDEX_TASK, QUEUE, SEARCH_TASK
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.custom_fields.indexes import follow_index
from rapport.records.custom_fields.purging import purge_field
from rapport.records.models import CustomField

KEEP_ARCHIVED = timedelta(days=30)


@task(name=INDEX_TASK, queue=QUEUE, retry=3)
def index_field(field_id: int) -> None:
    field = CustomField.objects.filter(pk=field_id).first()
    if field is not None:
        follow_index(field, now=utc_now())


@task(name=SEARCH_TASK, queue=QUEUE, retry=3)
def search_field(field_id: int) -> None:
    field = CustomField.objects.filter(pk=field_id).first()
    of = custom_objects().get(field.object) if field is not None else None
    if field is None or of is None:
        return
    if of.search_again is not None:
        of.search_again([field.name])
    else:
        follow_index(field, now=utc_now())


@periodic(cron="23 3 * * *")
@task(name="records.purge_fields", queue="care", queueing_lock="records.purge_fields")
def purge_fields(timestamp: int) -> None:
    for field in CustomField.objects.filter(archived_at__lt=utc_now() - KEEP_ARCHIVED):
        purge_field(field)
