"""Writes to comments: one verb, one function, one transaction, one event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.core.events import publish
from rapport.records.record_kinds import FoundRecord
from rapport.work.actions import place_of
from rapport.work.events import CommentDeleted, CommentWritten
from rapport.work.following import follow_by_itself, followers_at
from rapport.work.models import Comment
from rapport.work.notifying import tell_of_comment
from rapport.work.queries import people_to_mention, record_of
from rapport.work.texts import mentions_in

if TYPE_CHECKING:
    from rapport.accounts.models import User


class NotTheAuthor(Exception):
    """Somebody else's words can be read, not changed."""


def write_comment(
    record: FoundRecord,
    text: str,
    *,
    by: User,
    now: datetime,
    is_private: bool = False,
    request: HttpRequest | None = None,
) -> Comment:
    """Say something about a record to everybody who may see it; in private to oneself, and to those named of them."""
    with acting(by, request, reason=CommentWritten.name):
        mentioned = mentions_in(text, people_to_mention())
        place = place_of(record)
        comment = Comment(**place, is_private=is_private, mentions=mentioned, author=by, written_at=now)
        comment.say(text)
        comment.save()
        if not is_private:
            follow_by_itself(place, by=by, now=now)
        followers = followers_at(place, record) if not is_private else set()
        tell_of_comment(comment, record, mentioned=mentioned, followers=followers, by=by, now=now)
        publish(CommentWritten(comment.pk, record.kind, record.id, tuple(mentioned), comment.customer_id))
    return comment


def edit_comment(
    comment: Comment, text: str, *, by: User, now: datetime, request: HttpRequest | None = None
) -> Comment:
    """Change one's own words; what they were before is in the audit trail. Raises NotTheAuthor."""
    _refuse_others(comment, by)
    with acting(by, request, reason=CommentWritten.name):
        current = Comment.objects.select_for_update().get(pk=comment.pk)
        if current.said == text:
            return current
        known = set(current.mentions)
        current.say(text)
        current.edited_at = now
        current.mentions = mentions_in(text, people_to_mention())
        current.save(update_fields=["text", "private_text", "mentions", "edited_at"])
        fresh = tuple(person for person in current.mentions if person not in known)
        record_id = current.record_id or current.customer_id or 0
        about = record_of(by, current) if fresh else None
        if about is not None:
            tell_of_comment(current, about, mentioned=fresh, followers=(), by=by, now=now)
        publish(CommentWritten(current.pk, current.record_kind, record_id, fresh, current.customer_id))
    return current


def delete_comment(comment: Comment, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """Put one's own words into the trash; says whether they were still there. Raises NotTheAuthor."""
    _refuse_others(comment, by)
    with acting(by, request, reason=CommentDeleted.name):
        if not Comment.objects.filter(pk=comment.pk, trashed_at=None).update(trashed_at=now):
            return False
        publish(CommentDeleted(comment.pk))
    return True


def restore_comment(comment: Comment, *, by: User, request: HttpRequest | None = None) -> bool:
    """Bring one's own words back from the trash. Raises NotTheAuthor."""
    _refuse_others(comment, by)
    with acting(by, request, reason="work.comment_restored"):
        return bool(Comment.objects.filter(pk=comment.pk).exclude(trashed_at=None).update(trashed_at=None))


def _refuse_others(comment: Comment, by: User) -> None:
    if comment.author_id != by.pk:
        raise NotTheAuthor
