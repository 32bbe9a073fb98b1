"""Writes to files on records: keeping, putting into the trash, taking out of it, and removing what lay there long enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from rapport.core import environment, files
from rapport.core.acting import SYSTEM, acting
from rapport.core.events import publish
from rapport.core.files import JUST_KEPT_SECONDS, StoredFile, store
from rapport.core.jobs import app
from rapport.core.personal import is_needed
from rapport.records.record_kinds import FoundRecord
from rapport.work.actions import place_of
from rapport.work.events import FileAttached, FileTrashed
from rapport.work.file_names import clean_name
from rapport.work.models import Attachment, Comment
from rapport.work.signatures import UNKNOWN, BrokenImage, check_pixels, media_type_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_AT_ONCE = 10
KEPT_IN_TRASH = timedelta(days=30)
REMOVE_TASK = "work.remove_file"
_PURGED_AT_ONCE = 500


def attach_file(
    record: FoundRecord, upload: UploadedFile, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Attachment:
    """Keep a file on a record. Raises FileTooLarge and TooManyPixels; nothing of it is kept then."""
    content = cast(BinaryIO, upload)
    media_type = media_type_of(content)
    try:
        check_pixels(content, media_type)
    except BrokenImage:
        media_type = UNKNOWN
    stored = store(upload.chunks(), at_most=environment.largest_file())
    try:
        with acting(by, request, reason=FileAttached.name):
            attachment = Attachment.objects.create(
                **place_of(record), name=clean_name(upload.name or ""), media_type=media_type, size=stored.size,
                digest=stored.digest, added_by=by, added_at=now,
            )  # fmt: skip
            publish(FileAttached(attachment.pk, record.kind, record.id, attachment.customer_id))
    except BaseException:
        remove_later(stored)
        raise
    return attachment


def trash_file(attachment: Attachment, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Put a file into the trash of its record; says whether it was still there."""
    with acting(by, request, reason=FileTrashed.name):
        found = Attachment.objects.filter(pk=attachment.pk, trashed_at=None)
        if not found.update(trashed_at=now, trashed_by=by):
            return False
        publish(FileTrashed(attachment.pk))
    return True


def restore_file(attachment: Attachment, *, by: User, request: HttpRequest | None = None) -> bool:
    """Take a file out of the trash; says whether it lay there."""
    with acting(by, request, reason="work.file_restored"):
        found = Attachment.objects.filter(pk=attachment.pk).exclude(trashed_at=None)
        return bool(found.update(trashed_at=None, trashed_by=None))


def empty_trash(*, now: datetime) -> dict[str, int]:
    """Remove for good what has lain in the trash for its time: files with their bytes, and comments."""
    with acting(SYSTEM, reason="work.trash_emptied"):
        old = Attachment.objects.filter(trashed_at__lt=now - KEPT_IN_TRASH).order_by("pk")
        gone = list(old.select_for_update(skip_locked=True)[:_PURGED_AT_ONCE])
        Attachment.objects.filter(pk__in=[each.pk for each in gone]).delete()
        for digest, size in {(each.digest, each.size) for each in gone}:
            remove_later(StoredFile(digest, size))
        comments, _by_table = Comment.objects.filter(trashed_at__lt=now - KEPT_IN_TRASH).delete()
    return {"files": len(gone), "comments": comments}


def remove_later(stored: StoredFile) -> None:
    """Have a job remove the bytes, unless something names them then: the same content may be on its way in just now."""
    later = app.configure_task(REMOVE_TASK, queue="care", schedule_in={"seconds": 2 * JUST_KEPT_SECONDS})
    later.defer(digest=stored.digest, size=stored.size)


def remove_bytes(stored: StoredFile, *, now: datetime) -> bool:
    """Remove the bytes of a file that no room names any more; says whether they were."""
    return not is_needed(stored.digest) and files.remove(stored, now=now.timestamp())


def open_bytes(attachment: Attachment) -> BinaryIO:
    return StoredFile(attachment.digest, attachment.size).path.open("rb")
