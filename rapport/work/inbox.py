"""The notifications of one person: read page by page, grouped by what they are about, marked as read, and put off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Q
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.accounts.sharing import shares
from rapport.core.acting import acting
from rapport.records.places import UnknownPlace, read_place, write_place
from rapport.records.record_kinds import FoundRecord
from rapport.work.inbox_undo import note_put_off, note_read, note_task_put_off, note_unread
from rapport.work.models import Comment, Notification, NotificationKind, Notifications, Task
from rapport.work.queries import UnknownNarrowing, record_of_task, records_of

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

PAGE = 50
MOST_COUNTED = 99
_EXCERPT = 160

UNREAD, ALL, SNOOZED = "unread", "all", "snoozed"
BOXES: dict[str, str | Promise] = {UNREAD: _("Unread"), ALL: _("All"), SNOOZED: _("Put off")}
SAID: dict[str, str | Promise] = {
    NotificationKind.MENTION: _("mentioned you"),
    NotificationKind.COMMENT: _("wrote"),
    NotificationKind.GIVEN: _("gave you this task"),
    NotificationKind.DONE: _("did this task of yours"),
    NotificationKind.SNOOZED: _("You put this off until now"),
    NotificationKind.SHARED: _("shared this with you"),
}


@dataclass(frozen=True)
class Entry:
    """One thing that somebody is told, with the words that it points at."""

    notification: Notification
    said: str | Promise
    excerpt: str

    @property
    def is_mention(self) -> bool:
        return self.notification.kind == NotificationKind.MENTION


@dataclass(frozen=True)
class Group:
    """What somebody is told about one record, newest first."""

    record: FoundRecord
    url: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_unread(self) -> bool:
        return any(entry.notification.read_at is None for entry in self.entries)

    @property
    def ids(self) -> list[str]:
        return [str(entry.notification.public_id) for entry in self.entries]


@dataclass(frozen=True)
class Box:
    name: str
    groups: list[Group]
    following: str = ""


def read_box(user: User, *, now: datetime, name: str = UNREAD, after: str = "") -> Box:
    """One page of a box, newest first."""
    if name not in BOXES:
        raise UnknownNarrowing
    found = _in_box(Notification.objects.visible_to(user), name, now=now)
    if after:
        found = _after(found, after)
    rows = list(found.select_related("actor").order_by("-shown_at", "-pk")[: PAGE + 1])
    shown = rows[:PAGE]
    following = write_place(shown[-1].shown_at, shown[-1].pk) if len(rows) > PAGE else ""
    return Box(name, grouped(user, shown), following)


def count_waiting(user: User, *, now: datetime) -> int:
    """How many are unread and not put off; not counted further than to one more than is shown."""
    found = Notification.objects.visible_to(user).waiting(now=now)
    return len(found.values_list("pk", flat=True)[: MOST_COUNTED + 1])


def snoozed_tasks(user: User, *, now: datetime) -> set[int]:
    """The ids of the tasks that somebody has put off until later."""
    found = Notification.objects.filter(recipient=user, kind=NotificationKind.SNOOZED, shown_at__gt=now)
    return {task for task in found.values_list("task_id", flat=True) if task is not None}


def grouped(user: User, notifications: Sequence[Notification]) -> list[Group]:
    """In the order in which they come, each record where it comes first."""
    comments = Comment.objects.in_bulk([each.comment_id for each in notifications if each.comment_id is not None])
    tasks = Task.objects.in_bulk([each.task_id for each in notifications if each.task_id is not None])
    records = records_of(user, comments.values())
    shared = _shared(user, notifications)
    groups: dict[tuple[str, int], Group] = {}
    for each in notifications:
        comment, task = comments.get(each.comment_id or 0), tasks.get(each.task_id or 0)
        record = records.get(comment.pk) if comment is not None else record_of_task(task) if task is not None else None
        record = record or shared.get(each.share_id or 0)
        if record is None:  # taken away since the page was read
            continue
        url = record.part_url("comments") if comment is not None else record.url
        group = groups.setdefault((record.kind, record.id), Group(record, url))
        group.entries.append(Entry(each, _said(each), _excerpt(comment.said if comment is not None else "")))
    return list(groups.values())


def _shared(user: User, notifications: Sequence[Notification]) -> dict[int, FoundRecord]:
    """What was shared, by the key of the share."""
    ids = [each.share_id for each in notifications if each.share_id is not None]
    return records_of(user, shares().filter(pk__in=ids)) if ids else {}


def mark_read(
    user: User, public_ids: Iterable[UUID], *, now: datetime, is_read: bool = True, request: HttpRequest | None = None
) -> int:
    """Says how many of one's own were changed."""
    with acting(user, request, reason="work.notifications_read"):
        own = Notification.objects.filter(recipient=user, public_id__in=list(public_ids), read_at__isnull=is_read)
        if not is_read:
            before = list(own.select_for_update())
            own.update(read_at=None)
            if before:
                note_unread(before, by=user, now=now)
            return len(before)
        changed = own.update(read_at=now)
        if changed:
            note_read(by=user, now=now)
        return changed


def mark_all_read(user: User, *, now: datetime, request: HttpRequest | None = None) -> int:
    """Everything that is waiting now; what is put off comes back all the same."""
    with acting(user, request, reason="work.notifications_read"):
        changed = Notification.objects.filter(recipient=user).waiting(now=now).update(read_at=now)
        if changed:
            note_read(by=user, now=now)
        return changed


def snooze(
    user: User, public_ids: Iterable[UUID], *, until: datetime, now: datetime, request: HttpRequest | None = None
) -> Command | None:
    """Put off one's own until an instant, at which they are unread again; nothing where there are none."""
    with acting(user, request, reason="work.notifications_put_off"):
        own = Notification.objects.filter(recipient=user, public_id__in=list(public_ids))
        before = list(own.select_for_update())
        own.update(shown_at=until, read_at=None)
        return note_put_off(before, until=until, by=user, now=now) if before else None


def snooze_task(
    user: User, task: Task, *, until: datetime, now: datetime, request: HttpRequest | None = None
) -> Command:
    """Put a task off for oneself alone: the task stays what it is and when it is due."""
    with acting(user, request, reason="work.task_put_off"):
        own = Notification.objects.filter(recipient=user, kind=NotificationKind.SNOOZED, task_id=task.pk)
        before = own.select_for_update().first()
        Notification.objects.update_or_create(
            recipient=user,
            kind=NotificationKind.SNOOZED,
            task_id=task.pk,
            defaults={"shown_at": until, "read_at": None, "happened_at": now},
        )
        return note_task_put_off(task, before, until=until, by=user, now=now)


def wake_task(user: User, task: Task, *, request: HttpRequest | None = None) -> bool:
    """Take back that it was put off; says whether it was."""
    with acting(user, request, reason="work.task_put_off"):
        own = Notification.objects.filter(recipient=user, kind=NotificationKind.SNOOZED, task_id=task.pk)
        return bool(own.delete()[0])


def came_back(notification: Notification, *, now: datetime) -> bool:
    return notification.happened_at < notification.shown_at <= now


def _in_box(found: Notifications, name: str, *, now: datetime) -> Notifications:
    if name == UNREAD:
        return found.waiting(now=now)
    return found.filter(shown_at__gt=now) if name == SNOOZED else found.filter(shown_at__lte=now)


def _after(found: Notifications, place: str) -> Notifications:
    try:
        instant, last = read_place(place)
    except UnknownPlace as error:
        raise UnknownNarrowing from error
    return found.filter(Q(shown_at__lt=instant) | Q(shown_at=instant, pk__lt=last))


def _said(notification: Notification) -> str | Promise:
    if notification.kind == NotificationKind.GIVEN and notification.actor is None:
        return _("Rapport asks you to see to this")
    return SAID[notification.kind]


def _excerpt(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _EXCERPT else f"{words[: _EXCERPT - 1].rstrip()}…"


def returned(user: User, *, now: datetime) -> Notifications:
    """What was put off and is back, unread."""
    return Notification.objects.visible_to(user).waiting(now=now).filter(shown_at__gt=F("happened_at"))
