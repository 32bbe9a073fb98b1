"""Files on records in the API: listed, sent, fetched, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.accounts.queries import public_ids_of
from rapport.core import environment
from rapport.core.acting import acting
from rapport.core.bodies import takes_body
from rapport.core.clock import utc_now
from rapport.core.files import FileTooLarge
from rapport.records.api import Instant, Undoable, count_fetched, undo_of
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work import actions_files, noting, queries
from rapport.work.api_reading import read_files
from rapport.work.api_schemas import AboutShown, Kind, OnRecordAsked
from rapport.work.events import FileTrashed
from rapport.work.models import Attachment
from rapport.work.permissions import EDIT, VIEW
from rapport.work.presenting import file_size
from rapport.work.signatures import UNKNOWN, TooManyPixels

if TYPE_CHECKING:
    from rapport.accounts.models import User

router = Router(tags=["files"])
_FORM_AROUND = 1 << 20
_BYTES = {
    "responses": {
        200: {
            "description": "The bytes, as something to save.",
            "content": {UNKNOWN: {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class FileShown(Undoable):
    id: UUID
    name: str
    media_type: str = Described(description="What the bytes say, not the name.", examples=["image/png"])
    size: int
    added_by: UUID
    added_at: Instant
    about: AboutShown


class FilesShown(Schema):
    items: list[FileShown]
    next: str | None


class FilePlace(Schema):
    about_kind: Kind = "customer"
    about: UUID = Described(description="The id of the record.")


@router.get("/files", auth=Bearer(VIEW), response=FilesShown)
def list_files(request: HttpRequest, asked: Query[OnRecordAsked]) -> FilesShown:
    """The files on a record, the newest first."""
    record = find_record(staff_user(request), asked.about_kind, asked.about)
    files, following = read_files(record, after=asked.after, size=asked.limit)
    count_fetched(request, len(files))
    return FilesShown(items=_shown([(each, record) for each in files]), next=following)


@router.post("/files", auth=Bearer(EDIT), response={201: FileShown})
@takes_body(at_most=environment.largest_file() + _FORM_AROUND)
def send_file(request: HttpRequest, place: Form[FilePlace], file: File[UploadedFile]) -> FileShown:
    """Put a file on a record: multipart/form-data with the parts `file`, `about` and `about_kind`."""
    user, now = staff_user(request), utc_now()
    record = find_record(user, place.about_kind, place.about)
    try:
        kept = actions_files.attach_file(record, file, by=user, now=now, request=request)
    except FileTooLarge as refusal:
        raise Problem(413, f"It is larger than {file_size(environment.largest_file())}.") from refusal
    except TooManyPixels as refusal:
        raise Problem(413, "It is an image of more than 50 million pixels.") from refusal
    command = noting.note_files_added([kept], by=user, now=now)
    (shown,) = _shown([(kept, record)])
    shown.undo = undo_of(command)
    return shown


@router.get("/files/{uuid:file_id}", auth=Bearer(VIEW), response=FileShown)
def get_file(request: HttpRequest, file_id: UUID) -> FileShown:
    """What a file is called, how large it is, and what it is on."""
    (shown,) = _shown([_find(staff_user(request), file_id)])
    return shown


@router.get("/files/{uuid:file_id}/content", auth=Bearer(VIEW), openapi_extra=_BYTES)
def fetch_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The bytes of a file."""
    found, _record = _find(staff_user(request), file_id)
    try:
        content = actions_files.open_bytes(found)
    except FileNotFoundError as error:
        raise Http404 from error
    return cast(HttpResponse, FileResponse(content, as_attachment=True, filename=found.name, content_type=UNKNOWN))


@router.delete("/files/{uuid:file_id}", auth=Bearer(EDIT), response=Undoable)
def delete_file(request: HttpRequest, file_id: UUID) -> Undoable:
    """Put a file into the trash of its record, where it is kept for 30 days."""
    user, now = staff_user(request), utc_now()
    found, _record = _find(user, file_id)
    with acting(user, request, reason=FileTrashed.name):
        was_there = actions_files.trash_file(found, by=user, now=now, request=request)
        command = noting.note_file_trashed(found, by=user, now=now) if was_there else None
    return Undoable(undo=undo_of(command))


def _find(user: User, file_id: UUID) -> tuple[Attachment, FoundRecord]:
    """A file that is not in the trash, and what it is on."""
    found = queries.find_attachment(user, file_id)
    record = queries.record_of(user, found)
    if record is None or found.trashed_at is not None:
        raise Http404
    return found, record


def _shown(files: list[tuple[Attachment, FoundRecord]]) -> list[FileShown]:
    people = public_ids_of({each.added_by_id for each, _record in files})
    return [
        FileShown(
            id=each.public_id,
            name=each.name,
            media_type=each.media_type,
            size=each.size,
            added_by=people[each.added_by_id],
            added_at=each.added_at,
            about=AboutShown(kind=record.kind, id=record.public_id),
            undo=None,
        )
        for each, record in files
    ]
