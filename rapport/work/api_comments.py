"""Comments in the API: what staff said about a record, saying something, and changing or deleting one's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import form_errors
from rapport.accounts.queries import public_ids_of
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.records.api import (
    Instant,
    Strict,
    Undoable,
    count_fetched,
    invalid,
    mark_of,
    tell_version,
    undo_of,
    version_matched,
)
from rapport.records.record_kinds import FoundRecord, find_record
from rapport.work import actions_comments, noting, queries
from rapport.work.api_reading import read_comments
from rapport.work.api_schemas import About, AboutShown, OnRecordAsked
from rapport.work.events import CommentDeleted, CommentWritten
from rapport.work.forms import LONGEST_TEXT, CommentForm
from rapport.work.models import Comment
from rapport.work.permissions import EDIT, VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

router = Router(tags=["comments"])
_TEXT = "Plain text; `@Name` names a colleague."


class NewComment(Strict):
    about: About
    text: str = Described(min_length=1, max_length=LONGEST_TEXT, description=_TEXT, examples=["@Mina, she called."])


class CommentChanges(Strict):
    text: str = Described(min_length=1, max_length=LONGEST_TEXT, description=_TEXT, examples=["@Mina, she wrote."])


class CommentShown(Undoable):
    id: UUID
    version: int
    text: str
    author: UUID
    mentions: list[UUID] = Described(description="The colleagues named in it.")
    written_at: Instant
    edited_at: Instant | None
    about: AboutShown


class CommentsShown(Schema):
    items: list[CommentShown]
    next: str | None


@router.get("/comments", auth=Bearer(VIEW), response=CommentsShown)
def list_comments(request: HttpRequest, asked: Query[OnRecordAsked]) -> CommentsShown:
    """What was said about a record, the newest first."""
    user = staff_user(request)
    record = find_record(user, asked.about_kind, asked.about)
    comments, following = read_comments(user, record, after=asked.after, size=asked.limit)
    count_fetched(request, len(comments))
    return CommentsShown(items=_shown([(each, record) for each in comments]), next=following)


@router.post("/comments", auth=Bearer(EDIT), response={201: CommentShown})
def write_comment(request: HttpRequest, response: HttpResponse, body: NewComment) -> CommentShown:
    """Say something about a record to everybody who may see it; whoever is named, or follows it, is told."""
    user, now = staff_user(request), utc_now()
    record = find_record(user, body.about.kind, body.about.id)
    text = _read(body.text)
    with acting(user, request, reason=CommentWritten.name):
        made = actions_comments.write_comment(record, text, by=user, now=now, request=request)
        command = noting.note_comment_written(made, by=user, now=now)
    return _told(made, record, response, command)


@router.get("/comments/{uuid:comment_id}", auth=Bearer(VIEW), response=CommentShown)
def get_comment(request: HttpRequest, response: HttpResponse, comment_id: UUID) -> CommentShown:
    """One comment."""
    found, record = _find(staff_user(request), comment_id)
    return _told(found, record, response)


@router.patch("/comments/{uuid:comment_id}", auth=Bearer(EDIT), response=CommentShown)
def edit_comment(request: HttpRequest, response: HttpResponse, comment_id: UUID, body: CommentChanges) -> CommentShown:
    """Change one's own words. Needs If-Match with the ETag that was read."""
    user, now = staff_user(request), utc_now()
    found, record = _find_own(user, comment_id)
    version_matched(request, _version(found))
    text = _read(body.text)
    with acting(user, request, reason=CommentWritten.name):
        saved = actions_comments.edit_comment(found, text, by=user, now=now, request=request)
        command = noting.note_comment_changed(saved, found.text, by=user, now=now)
    return _told(saved, record, response, command)


@router.delete("/comments/{uuid:comment_id}", auth=Bearer(EDIT), response=Undoable)
def delete_comment(request: HttpRequest, comment_id: UUID) -> Undoable:
    """Put one's own words into the trash."""
    user, now = staff_user(request), utc_now()
    found, _record = _find_own(user, comment_id)
    with acting(user, request, reason=CommentDeleted.name):
        was_there = actions_comments.delete_comment(found, by=user, now=now, request=request)
        command = noting.note_comment_trashed(found, by=user, now=now) if was_there else None
    return Undoable(undo=undo_of(command))


def _find(user: User, comment_id: UUID) -> tuple[Comment, FoundRecord]:
    """A comment that is not in the trash, and what it is about."""
    found = queries.find_comment(user, comment_id)
    record = queries.record_of(user, found)
    if record is None or found.trashed_at is not None:
        raise Http404
    return found, record


def _find_own(user: User, comment_id: UUID) -> tuple[Comment, FoundRecord]:
    found, record = _find(user, comment_id)
    if found.author_id != user.pk:
        raise PermissionDenied("to be its author")
    return found, record


def _read(text: str) -> str:
    form = CommentForm({"text": text})
    if not form.is_valid():
        raise invalid(form_errors(form.errors, within="body"))
    return str(form.cleaned_data["text"])


def _version(comment: Comment) -> int:
    return mark_of([comment.text])


def _told(
    comment: Comment, record: FoundRecord, response: HttpResponse, command: Command | None = None
) -> CommentShown:
    (shown,) = _shown([(comment, record)])
    shown.undo = undo_of(command)
    tell_version(response, shown.version)
    return shown


def _shown(comments: list[tuple[Comment, FoundRecord]]) -> list[CommentShown]:
    people = public_ids_of({key for each, _record in comments for key in (each.author_id, *each.mentions)})
    return [
        CommentShown(
            id=each.public_id,
            version=_version(each),
            text=each.text,
            author=people[each.author_id],
            mentions=[people[key] for key in each.mentions if key in people],
            written_at=each.written_at,
            edited_at=each.edited_at,
            about=AboutShown(kind=record.kind, id=record.public_id),
            undo=None,
        )
        for each, record in comments
    ]
