"""Reminders that follow a day of the record a task is about: so many days before or after a date field of it.

A job looks every minute whether such a field says another day by now, whoever or whatever changed it. Where it says nothing any
more, the reminder stands still, and the page of the task says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.accounts.queries import business_zone
from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import business_day, end_of_day
from rapport.records.exporting.lists import exported_lists
from rapport.records.layouts.sight import fields_of_everybody, visible_fields
from rapport.records.lists.querying import read_rows
from rapport.records.record_kinds import FoundRecord, record_kinds
from rapport.records.registry import FieldKind
from rapport.work.models import Task, TaskState

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_DAYS = 3_650
_AT_ONCE = 1_000
_DAYS = (FieldKind.DATE, FieldKind.INSTANT)


@dataclass(frozen=True)
class Followed:
    """What a reminder follows, in words; `is_empty` where the field says nothing (any more)."""

    words: str
    is_empty: bool


def fields_to_follow(user: User, record: FoundRecord | None) -> list[tuple[str, Any]]:
    """The days of a record that `user` sees, by name and label."""
    if record is None or record.kind not in exported_lists():
        return []
    return [(each.name, each.label) for each in visible_fields(user, record.kind).values() if each.kind in _DAYS]


def settled(values: Mapping[str, Any], task: Task, record: FoundRecord | None, *, by: User) -> dict[str, Any]:
    """What is to be written of a task: an instant that is said takes the place of a day that was followed."""
    name = values.get("remind_field", "")
    if not name:
        is_said = "remind_at" in values and values["remind_at"] != task.remind_at
        return {**values, "remind_field": "", "remind_days": 0} if is_said or "remind_field" in values else dict(values)
    days = values.get("remind_days", 0)
    day = _days_of(record.kind, name, [record.id], seen_by=by).get(record.id) if record is not None else None
    standing = task.remind_at if task.remind_field == name else None
    return {**values, "remind_at": remind_from(day, days=days) if day is not None else standing}


def remind_from(day: date, *, days: int) -> datetime | None:
    """The first instant of the day that lies `days` before; nothing where the calendar does not go that far."""
    try:
        return end_of_day(day - timedelta(days=days + 1), zone=business_zone())
    except OverflowError:
        return None


def followed_by(user: User, task: Task, record: FoundRecord | None) -> Followed | None:
    if not task.remind_field or record is None:
        return None
    field = visible_fields(user, record.kind).get(task.remind_field) if record.kind in exported_lists() else None
    label = str(field.label) if field is not None else _("a day that you do not see")
    is_empty = not _days_of(record.kind, task.remind_field, [record.id], seen_by=user)
    return Followed(_words(task.remind_days, label), is_empty)


def _words(days: int, label: str) -> str:
    if not days:
        return _("on the day of %(field)s") % {"field": label}
    if days > 0:
        words = ngettext("%(days)s day before %(field)s", "%(days)s days before %(field)s", days)
    else:
        words = ngettext("%(days)s day after %(field)s", "%(days)s days after %(field)s", -days)
    return words % {"days": abs(days), "field": label}


def follow_fields(*, now: datetime) -> int:
    """Set right every reminder whose field says another day than it follows; says how many."""
    following = Task.objects.filter(state=TaskState.OPEN).exclude(remind_field="")
    groups = following.order_by().values_list("record_kind", "remind_field").distinct()
    return sum(_follow(kind, name, now=now) for kind, name in list(groups))


def _follow(kind: str, name: str, *, now: datetime) -> int:
    column = "customer_id" if kind in record_kinds() and record_kinds()[kind].is_customer else "record_id"
    found = Task.objects.filter(state=TaskState.OPEN, record_kind=kind, remind_field=name).order_by("pk")
    first = found.exclude(created_by=None).select_related("created_by__role").first()
    if first is None or first.created_by is None:
        return 0
    reader, rows = first.created_by, list(found.values_list("pk", column, "remind_days", "remind_at"))
    parts = [rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE)]
    return sum(_follow_some(kind, name, part, reader=reader, now=now) for part in parts)


def _follow_some(
    kind: str,
    name: str,
    tasks: Sequence[tuple[int, int, int, datetime | None]],
    *,
    reader: User,
    now: datetime,
) -> int:
    days = _days_of(kind, name, {key for _pk, key, _days, _at in tasks}, seen_by=reader)
    wanted = {pk: remind_from(days[key], days=before) for pk, key, before, _at in tasks if key in days}
    late = {pk: wanted[pk] for pk, _key, _before, at in tasks if pk in wanted and wanted[pk] not in (None, at)}
    if not late:
        return 0
    with acting(SYSTEM, reason="work.reminder_followed"):
        held = Task.objects.select_for_update(of=("self",)).filter(pk__in=late, remind_field=name).order_by("pk")
        changed = list(held)
        for task in changed:
            task.remind_at, task.updated_at = late[task.pk], now
        Task.objects.bulk_update(changed, ["remind_at", "updated_at"])
    return len(changed)


def _days_of(kind: str, name: str, keys: Collection[int], *, seen_by: User) -> dict[int, date]:
    """What a field says of records that somebody was let through to, of those that say anything; hidden fields too."""
    listed, field = exported_lists().get(kind), fields_of_everybody(kind).get(name)
    if listed is None or field is None or field.kind not in _DAYS:
        return {}
    rows = read_rows(listed.of(seen_by), sorted(keys), [field])
    return {row.id: _day(row[name]) for row in rows if row[name] is not None}


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return business_day(value, zone=business_zone())
    return value if isinstance(value, date) else date.fromisoformat(str(value))
