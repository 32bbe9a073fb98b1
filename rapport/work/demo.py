"""Writes the demo company's tasks, comments and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from rapport.accounts.sharing import write_share
from rapport.core.acting import acting
from rapport.core.clock import end_of_day
from rapport.core.files import store
from rapport.core.loading import load_rows
from rapport.work.actions import add_task
from rapport.work.following import follow_by_itself
from rapport.work.models import Attachment, Comment, Notification, NotificationKind, Task
from rapport.work.noting import note_comment_written, note_task_added
from rapport.work.signatures import media_type_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_LARGEST = 1 << 20


class TaskRow(NamedTuple):
    """`profile` is a profile's place in the list of profiles, `assignee` and `author` places in the list of staff, from 1."""

    public_id: UUID
    profile: int | None
    title: str
    due_on: date | None
    priority: int
    assignee: int
    author: int
    created_at: datetime
    done_at: datetime | None


class CommentRow(NamedTuple):
    public_id: UUID
    profile: int
    text: str
    mentions: tuple[int, ...]
    author: int
    written_at: datetime


class FileRow(NamedTuple):
    public_id: UUID
    profile: int
    name: str
    content: bytes
    added_by: int
    added_at: datetime


def write_tasks(
    tasks: Sequence[TaskRow],
    *,
    customer_of: Callable[[int], int],
    first_profile: int,
    staff_ids: Sequence[int],
    zone: ZoneInfo,
) -> None:
    """Load tasks; `customer_of` tells the customer's id of a profile's place."""
    load_rows(
        "work_task",
        (
            "public_id", "record_kind", "customer_id", "profile_id", "title", "due_on", "due_at", "priority",
            "assignee_id", "created_by_id", "created_at", "updated_at", "state", "closed_at", "closed_by_id",
        ),
        (
            (row.public_id,)
            + (("", None, None) if row.profile is None
               else ("customer", customer_of(row.profile), first_profile + row.profile - 1))
            + (row.title, row.due_on, row.due_on and end_of_day(row.due_on, zone=zone), row.priority)
            + (staff_ids[row.assignee - 1], staff_ids[row.author - 1], row.created_at, row.done_at or row.created_at)
            + (("open", None, None) if row.done_at is None else ("done", row.done_at, staff_ids[row.assignee - 1]))
            for row in tasks
        ),
    )  # fmt: skip


def write_comments(
    comments: Iterable[CommentRow],
    *,
    customer_of: Callable[[int], int],
    first_profile: int,
    staff_ids: Sequence[int],
) -> None:
    Comment.objects.bulk_create(
        Comment(
            public_id=row.public_id, record_kind="customer", customer_id=customer_of(row.profile),
            profile_id=first_profile + row.profile - 1, text=row.text,
            mentions=[staff_ids[person - 1] for person in row.mentions], author_id=staff_ids[row.author - 1],
            written_at=row.written_at,
        )
        for row in comments
    )  # fmt: skip


def write_files(
    files: Iterable[FileRow], *, customer_of: Callable[[int], int], first_profile: int, staff_ids: Sequence[int]
) -> None:
    for row in files:
        stored = store([row.content], at_most=_LARGEST)
        with stored.path.open("rb") as content:
            media_type = media_type_of(content)
        Attachment.objects.create(
            public_id=row.public_id, record_kind="customer", customer_id=customer_of(row.profile),
            profile_id=first_profile + row.profile - 1, name=row.name, media_type=media_type, size=stored.size,
            digest=stored.digest, added_by_id=staff_ids[row.added_by - 1], added_at=row.added_at,
        )  # fmt: skip


class Place(NamedTuple):
    """A customer, and the profile by which what is written stays with her when she is split."""

    customer_id: int
    profile_id: int | None

    @property
    def columns(self) -> dict[str, Any]:
        return {"record_kind": "customer", "record_id": None, **self._asdict()}


def write_word(
    place: Place, text: str, *, by: User, now: datetime, to: Sequence[User] = (), is_private: bool = False
) -> None:
    """A comment that names `to`, who are told. Whether they see the customer is known of the demo company."""
    with acting(by, reason="demo"):
        comment = Comment(
            **place.columns, is_private=is_private, mentions=[each.pk for each in to], author=by, written_at=now
        )
        comment.say(text)
        comment.save()
        if not is_private:
            follow_by_itself(place.columns, by=by, now=now)
        note_comment_written(comment, by=by, now=now)
        for person in to:
            _tell(person, NotificationKind.MENTION, by=by, now=now, comment_id=comment.pk)


def write_task(
    place: Place | None, title: str, *, to: User, by: User, now: datetime, remind_at: datetime | None = None
) -> Task:
    """A task for `to`, due on the day after its reminder."""
    with acting(by, reason="demo"):
        due_on = remind_at.date() + timedelta(days=1) if remind_at is not None else None
        task = add_task(title, by=by, now=now, due_on=due_on, remind_at=remind_at)
        Task.objects.filter(pk=task.pk).update(assignee=to, **(place.columns if place is not None else {}))
        task.refresh_from_db()
        note_task_added(task, by=by, now=now)
        if to != by:
            _tell(to, NotificationKind.GIVEN, by=by, now=now, task_id=task.pk)
    return task


def write_shared(place: Place, to: User, *, may_edit: bool, ends_at: datetime | None, by: User, now: datetime) -> None:
    with acting(by, reason="demo"):
        share, _before = write_share(place.columns, to, may_edit=may_edit, ends_at=ends_at, by=by, now=now)
        _tell(to, NotificationKind.SHARED, by=by, now=now, share_id=share.pk)


def _tell(to: User, kind: NotificationKind, *, by: User, now: datetime, **what: int) -> None:
    Notification.objects.create(recipient=to, kind=kind, actor=by, happened_at=now, shown_at=now, **what)
