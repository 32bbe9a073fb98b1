"""How putting off, marking as read or unread and following are undone, so that nothing older is taken for what was done last."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.records.command_log.noting import Undoable, Undoing, changed_since, gone, note_command, plain
from rapport.work.models import TASK, Follower, Notification, NotificationKind, Task
from rapport.work.permissions import VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

TASK_PUT_OFF, PUT_OFF, READ, UNREAD, FOLLOWED = (
    "work.task_put_off", "work.notifications_put_off", "work.notifications_read", "work.notifications_unread", "work.followed",
)  # fmt: skip


def note_task_put_off(task: Task, before: Notification | None, *, until: datetime, by: User, now: datetime) -> Command:
    arguments = {"task": task.pk, "until": until, "before": None if before is None else _kept(before)}
    where: dict[str, Any] = {"record_kind": TASK, "record_id": task.pk, "customer_id": task.customer_id}
    return note_command(TASK_PUT_OFF, arguments, by=by, now=now, **where)


def note_put_off(before: list[Notification], *, until: datetime, by: User, now: datetime) -> Command:
    return note_command(PUT_OFF, {"until": until, "before": {each.pk: _kept(each) for each in before}}, by=by, now=now)


def note_read(*, by: User, now: datetime) -> Command:
    """What was marked as read at one instant."""
    return note_command(READ, {"at": now}, by=by, now=now)


def note_unread(before: list[Notification], *, by: User, now: datetime) -> Command:
    """What was unread again, and when it had been read."""
    return note_command(UNREAD, {"before": {each.pk: each.read_at for each in before}}, by=by, now=now)


def note_followed(follower: Follower, before: bool | None, *, is_on: bool, by: User, now: datetime) -> Command:
    """`before` is whether she followed; nothing where she had not said it."""
    arguments = {"follower": follower.pk, "is_on": is_on, "before": before}
    kind, key, customer = follower.record_kind, follower.record_id or follower.customer_id, follower.customer_id
    return note_command(FOLLOWED, arguments, by=by, now=now, record_kind=kind, record_id=key, customer_id=customer)


def _kept(notification: Notification) -> list[Any]:
    return [notification.shown_at, notification.read_at]


def _put_back(notification: Notification, before: list[str | None], until: str) -> None:
    if plain(notification.shown_at) != until or notification.read_at is not None:
        raise changed_since()
    shown_at, read_at = (None if each is None else datetime.fromisoformat(each) for each in before)
    Notification.objects.filter(pk=notification.pk).update(shown_at=shown_at, read_at=read_at)


def _undo_task_put_off(undoing: Undoing) -> None:
    asked = undoing.arguments
    own = Notification.objects.filter(recipient=undoing.by, kind=NotificationKind.SNOOZED, task_id=asked["task"])
    found = own.select_for_update().first()
    if found is None:
        raise gone()
    if asked["before"] is not None:
        _put_back(found, asked["before"], asked["until"])
    elif plain(found.shown_at) != asked["until"]:
        raise changed_since()
    else:
        found.delete()


def _undo_put_off(undoing: Undoing) -> None:
    before = {int(key): kept for key, kept in undoing.arguments["before"].items()}
    found = list(Notification.objects.filter(recipient=undoing.by, pk__in=before).select_for_update())
    if not found:
        raise gone()
    for each in found:
        _put_back(each, before[each.pk], undoing.arguments["until"])


def _undo_read(undoing: Undoing) -> None:
    at = datetime.fromisoformat(undoing.arguments["at"])
    if not Notification.objects.filter(recipient=undoing.by, read_at=at).update(read_at=None):
        raise changed_since()


def _undo_unread(undoing: Undoing) -> None:
    before = {int(key): datetime.fromisoformat(read_at) for key, read_at in undoing.arguments["before"].items()}
    found = list(Notification.objects.filter(recipient=undoing.by, pk__in=before).select_for_update())
    if not found:
        raise gone()
    if any(each.read_at is not None for each in found):
        raise changed_since()
    for each in found:
        Notification.objects.filter(pk=each.pk).update(read_at=before[each.pk])


def _undo_followed(undoing: Undoing) -> None:
    asked = undoing.arguments
    found = Follower.objects.filter(person=undoing.by, pk=asked["follower"]).select_for_update().first()
    if found is None:
        raise gone()
    if found.is_on != asked["is_on"]:
        raise changed_since()
    if asked["before"] is None:
        found.delete()
    else:
        Follower.objects.filter(pk=found.pk).update(is_on=asked["before"], changed_at=undoing.now)


INBOX = (
    Undoable(TASK_PUT_OFF, _("Task put off"), VIEW.name, undo=_undo_task_put_off),
    Undoable(PUT_OFF, _("Notifications put off"), VIEW.name, undo=_undo_put_off),
    Undoable(READ, _("Notifications read"), VIEW.name, undo=_undo_read),
    Undoable(UNREAD, _("Notifications unread again"), VIEW.name, undo=_undo_unread),
    Undoable(FOLLOWED, _("Followed, or no more"), VIEW.name, undo=_undo_followed),
)
