"""Notifications in the API: what somebody is told, read, and put off; and which records she follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AwareDatetime
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.queries import public_ids_of
from rapport.core.clock import utc_now
from rapport.records.api import Instant, Strict, count_fetched, invalid, unknown_place
from rapport.records.record_kinds import find_record
from rapport.work import inbox, queries
from rapport.work.api_schemas import About, AboutShown
from rapport.work.following import follow, is_following
from rapport.work.permissions import VIEW

router = Router(tags=["notifications"])
_MOST = 200
_FARTHEST = timedelta(days=3653)


class BoxAsked(Schema):
    box: Literal["unread", "all", "snoozed"] = "unread"
    after: str = Described("", description="`next` of the page before.")


class NotificationShown(Schema):
    """Something that the owner of the token is told, and the record it is about."""

    id: UUID
    kind: str = Described(examples=["mention"])
    excerpt: str = Described(description="The beginning of the comment it points at.")
    actor: UUID | None
    about: AboutShown
    happened_at: Instant
    shown_at: Instant
    read_at: Instant | None


class NotificationsShown(Schema):
    items: list[NotificationShown]
    waiting: int = Described(description="How many are unread, counted up to 100.")
    next: str | None


class Chosen(Strict):
    ids: list[UUID] = Described(min_length=1, max_length=_MOST)
    is_read: bool = True


class PutOff(Strict):
    ids: list[UUID] = Described(min_length=1, max_length=_MOST)
    until: AwareDatetime = Described(description="With its time zone; ahead, within ten years.")


class TaskPutOff(Strict):
    until: AwareDatetime | None = Described(
        None, description="With its time zone; ahead, within ten years. null brings it back at once."
    )


class ChangedShown(Schema):
    changed: int


class Following(Strict):
    about: About
    is_on: bool = True


class FollowingShown(Schema):
    about: AboutShown
    is_on: bool


@router.get("/notifications", auth=Bearer(VIEW), response=NotificationsShown)
def list_notifications(request: HttpRequest, asked: Query[BoxAsked]) -> NotificationsShown:
    """What the owner of the token is told, the newest first, by record."""
    user, now = staff_user(request), utc_now()
    try:
        box = inbox.read_box(user, now=now, name=asked.box, after=asked.after)
    except queries.UnknownNarrowing as error:
        raise unknown_place() from error
    entries = [(group, entry) for group in box.groups for entry in group.entries]
    actors = public_ids_of({entry.notification.actor_id for _group, entry in entries} - {None})  # type: ignore[arg-type]
    count_fetched(request, len(entries))
    items = [
        NotificationShown(
            id=entry.notification.public_id,
            kind=entry.notification.kind,
            excerpt=entry.excerpt,
            actor=actors.get(entry.notification.actor_id or 0),
            about=AboutShown(kind=group.record.kind, id=group.record.public_id),
            happened_at=entry.notification.happened_at,
            shown_at=entry.notification.shown_at,
            read_at=entry.notification.read_at,
        )
        for group, entry in entries
    ]
    return NotificationsShown(items=items, waiting=inbox.count_waiting(user, now=now), next=box.following or None)


@router.post("/notifications/read", auth=Bearer(VIEW), response=ChangedShown)
def read_notifications(request: HttpRequest, body: Chosen) -> ChangedShown:
    """Mark some of one's own as read, or as unread again."""
    user = staff_user(request)
    return ChangedShown(changed=inbox.mark_read(user, body.ids, now=utc_now(), is_read=body.is_read, request=request))


@router.post("/notifications/read-all", auth=Bearer(VIEW), response=ChangedShown)
def read_all_notifications(request: HttpRequest) -> ChangedShown:
    """Mark everything as read that waits now; what is put off comes back all the same."""
    return ChangedShown(changed=inbox.mark_all_read(staff_user(request), now=utc_now(), request=request))


@router.post("/notifications/snooze", auth=Bearer(VIEW), response=ChangedShown)
def snooze_notifications(request: HttpRequest, body: PutOff) -> ChangedShown:
    """Put some of one's own off until an instant, at which they are unread again."""
    put_off = inbox.snooze(staff_user(request), body.ids, until=_ahead(body.until), now=utc_now(), request=request)
    return ChangedShown(changed=len(put_off.arguments["before"]) if put_off is not None else 0)


@router.post("/tasks/{uuid:public_id}/snooze", auth=Bearer(VIEW), response=ChangedShown)
def snooze_task(request: HttpRequest, public_id: UUID, body: TaskPutOff) -> ChangedShown:
    """Put a task off for the owner of the token: it leaves her “Today” until then, and nobody else's."""
    user, now = staff_user(request), utc_now()
    task = queries.find_task(user, public_id)
    if body.until is None:
        inbox.wake_task(user, task, request=request)
    else:
        inbox.snooze_task(user, task, until=_ahead(body.until), now=now, request=request)
    return ChangedShown(changed=1)


@router.post("/following", auth=Bearer(VIEW), response=FollowingShown)
def follow_record(request: HttpRequest, body: Following) -> FollowingShown:
    """Be told of what is said about a record from now on, or no more."""
    user = staff_user(request)
    record = find_record(user, body.about.kind, body.about.id)
    follow(record, by=user, now=utc_now(), is_on=body.is_on, request=request)
    about = AboutShown(kind=record.kind, id=record.public_id)
    return FollowingShown(about=about, is_on=is_following(user, record))


def _ahead(instant: datetime) -> datetime:
    now = utc_now()
    try:
        found = instant.astimezone(UTC)
    except OverflowError as error:
        raise invalid([{"name": "body.until", "message": "This is no time that there will be."}]) from error
    if not now < found <= now + _FARTHEST:
        raise invalid([{"name": "body.until", "message": "Choose a time that lies ahead, within ten years."}])
    return found
