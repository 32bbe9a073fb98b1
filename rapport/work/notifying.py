"""Telling people: whoever may see what was said or given gets a notification, nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from rapport.accounts.queries import active_staff
from rapport.core.personal import Person
from rapport.records.record_kinds import FoundRecord, records_by_id
from rapport.work.models import Comment, Notification, NotificationKind, Task
from rapport.work.permissions import VIEW

if TYPE_CHECKING:
    from rapport.accounts.models import User


def can_see(person: User, record: FoundRecord | None) -> bool:
    """Whether somebody would be let through to what stands on a record."""
    return person.has_right(VIEW.name) and (
        record is None or record.id in records_by_id(person, record.kind, [record.id])
    )


def tell_of_comment(
    comment: Comment,
    record: FoundRecord,
    *,
    mentioned: Iterable[int],
    followers: Iterable[int],
    by: User,
    now: datetime,
) -> None:
    """Whom it names is told so; who follows the record, that something was said. One notification for each, at most."""
    kinds = dict.fromkeys(followers, NotificationKind.COMMENT) | dict.fromkeys(mentioned, NotificationKind.MENTION)
    kinds.pop(by.pk, None)
    wanted = _who_see(kinds, record)
    known = Notification.objects.filter(comment_id=comment.pk, recipient_id__in=wanted)
    for told in known.exclude(kind=NotificationKind.MENTION):
        if wanted[told.recipient_id] == NotificationKind.MENTION:  # the edited comment names who only followed before
            told.kind, told.shown_at, told.read_at = NotificationKind.MENTION, now, None
            told.save(update_fields=["kind", "shown_at", "read_at"])
    Notification.objects.bulk_create(
        [
            Notification(recipient_id=person, kind=kind, actor=by, comment_id=comment.pk, happened_at=now, shown_at=now)
            for person, kind in wanted.items()
        ],
        ignore_conflicts=True,
    )


def _who_see(kinds: Mapping[int, NotificationKind], record: FoundRecord) -> dict[int, NotificationKind]:
    return {person.pk: kinds[person.pk] for person in active_staff(sorted(kinds)) if can_see(person, record)}


def tell_of_task(task: Task, kind: NotificationKind, recipient_id: int | None, *, by: User, now: datetime) -> None:
    """Somebody got a task from another, or another did the one that she had given."""
    if recipient_id is None or recipient_id == by.pk:
        return
    Notification.objects.create(
        recipient_id=recipient_id, kind=kind, actor=by, task_id=task.pk, happened_at=now, shown_at=now
    )


def tell_of_share(share_id: int, record: FoundRecord, people: Iterable[int], *, by: User, now: datetime) -> None:
    """Those with whom a record was shared, as far as their roles see such records."""
    wanted = sorted(_who_see(dict.fromkeys(people, NotificationKind.SHARED), record))
    Notification.objects.filter(share_id=share_id).delete()
    Notification.objects.bulk_create(
        Notification(
            recipient_id=person,
            kind=NotificationKind.SHARED,
            actor=by,
            share_id=share_id,
            happened_at=now,
            shown_at=now,
        )
        for person in wanted
        if person != by.pk
    )


def forget_notifications(person: Person) -> dict[str, int]:
    """With the comments and tasks of a customer who is erased goes what points at them."""
    comments = Notification.objects.filter(comment_id__in=person.rows.get("work_comment", ()))
    tasks = Notification.objects.filter(task_id__in=person.rows.get("work_task", ()))
    shared = Notification.objects.filter(share_id__in=person.rows.get("accounts_share", ()))
    return {"notifications": comments.delete()[0] + tasks.delete()[0] + shared.delete()[0]}
