"""How tasks, comments and files are told on pages: the parts that stand on a record, and the words of days and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rapport.accounts.access import Grip
from rapport.accounts.permissions import SHARE
from rapport.accounts.queries import active_staff, business_zone
from rapport.core import environment
from rapport.core.clock import business_day, seen_from
from rapport.records.record_kinds import FoundRecord, reaches, record_kinds
from rapport.ui.formats import day, number
from rapport.work import queries
from rapport.work.actions_files import KEPT_IN_TRASH, MOST_AT_ONCE
from rapport.work.following import is_following
from rapport.work.models import Attachment, Comment, Task
from rapport.work.permissions import EDIT, VIEW
from rapport.work.signatures import IMAGES
from rapport.work.texts import Piece, pieces_of

if TYPE_CHECKING:
    from rapport.accounts.models import User

_LARGEST_PREVIEW = 2 << 20
_ICONS = {"application/pdf": "file-text", "application/zip": "file-archive"} | dict.fromkeys(IMAGES, "image")


@dataclass(frozen=True)
class TaskLine:
    """A task as one line of a list or a panel."""

    task: Task
    record: FoundRecord | None
    due: str
    tone: str


@dataclass(frozen=True)
class ShownComment:
    comment: Comment
    pieces: list[Piece]
    is_own: bool
    is_sealed: bool = False


@dataclass(frozen=True)
class ShownFile:
    file: Attachment
    size: str
    icon: str
    is_picture: bool


def due_words(task: Task, *, now: datetime, zone: ZoneInfo) -> str:
    """today 14:00, tomorrow, Thu, 3 Dec: a day as the business counts its days, a time as its reader does."""
    if task.due_on is None or task.due_at is None:
        return ""
    due_on = task.due_on
    if task.has_due_time:
        zone = timezone.get_current_timezone()
        due_on = seen_from(task.due_at, zone).date()
    days = (due_on - business_day(now, zone=zone)).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}.get(days)
    if near is None and 1 < days < 7:
        near = str(format_date(due_on, "EEEE", locale=translation.to_locale(translation.get_language() or "en")))
    same_year = due_on.year == business_day(now, zone=zone).year
    said = near or day(due_on, style="d MMM" if same_year else "d MMM y")
    return f"{said} {seen_from(task.due_at, zone):%H:%M}" if task.has_due_time else said


def task_lines(rows: list[queries.TaskRow], *, now: datetime, zone: ZoneInfo) -> list[TaskLine]:
    return [
        TaskLine(
            row.task,
            row.record,
            due_words(row.task, now=now, zone=zone),
            "bad" if row.task.is_overdue(now=now) else "warn" if row.task.is_reminding(now=now) else "plain",
        )
        for row in rows
    ]


def may_write_on(user: User, record: FoundRecord) -> bool:
    """Whether `user`, who sees the record, may add to what is on it."""
    return user.has_right(EDIT.name) and reaches(user, Grip.CHANGE, record.kind, pk=record.id)


def may_share(user: User, record: FoundRecord) -> bool:
    kind = record_kinds()[record.kind]
    return kind.is_shareable and user.has_right(SHARE.name) and reaches(user, Grip.HOLD, record.kind, pk=record.id)


def next_part(user: User, record: FoundRecord, *, now: datetime) -> dict[str, Any]:
    """The panel of what is to do next about a record."""
    rows = queries.open_tasks_on(user, record)
    return {
        "record": record,
        "lines": task_lines(rows[: queries.PANEL_TASKS], now=now, zone=business_zone()),
        "has_more": len(rows) > queries.PANEL_TASKS,
        "is_following": is_following(user, record),
        "may_share": may_share(user, record),
        "may_edit_work": may_write_on(user, record),
    }


def comments_part(user: User, record: FoundRecord) -> dict[str, Any]:
    comments = queries.comments_on(record, user=user)
    named = {person for comment in comments for person in comment.mentions}
    people = [(person.pk, person.name) for person in active_staff(sorted(named))] if named else []
    shown = [
        ShownComment(
            each, pieces_of(each.said, people), each.author_id == user.pk, each.is_private and not each.tells(user)
        )
        for each in comments
    ]
    return {"record": record, "comments": shown, "may_edit_work": may_write_on(user, record)}


def files_part(user: User, record: FoundRecord) -> dict[str, Any]:
    may_edit = may_write_on(user, record)
    return {
        "record": record,
        "files": [_shown(each) for each in queries.files_on(record)],
        "trashed": [_shown(each) for each in queries.files_on(record, trashed=True)] if may_edit else [],
        "trash_days": KEPT_IN_TRASH.days,
        "largest": file_size(environment.largest_file()),
        "at_once": MOST_AT_ONCE,
        "may_edit_work": may_edit,
    }


def work_on(user: User, record: FoundRecord, *, now: datetime) -> dict[str, Any] | None:
    """All three parts, for the page of a record that has no tabs; None for whom there are none."""
    if not user.has_right(VIEW.name):
        return None
    return next_part(user, record, now=now) | comments_part(user, record) | files_part(user, record)


def file_size(size: int) -> str:
    """340 bytes, 12 kB, 1.4 MB."""
    if size < 1000:
        return _("%(count)s bytes") % {"count": number(size)}
    if size < 1 << 20:
        return _("%(count)s kB") % {"count": number(max(1, size >> 10))}
    megabytes = size / (1 << 20)
    return _("%(count)s MB") % {"count": number(megabytes, digits=0 if megabytes >= 10 or size % (1 << 20) == 0 else 1)}


def _shown(file: Attachment) -> ShownFile:
    is_picture = file.media_type in IMAGES
    return ShownFile(
        file, file_size(file.size), _ICONS.get(file.media_type, "file"), is_picture and file.size <= _LARGEST_PREVIEW
    )
