"""Reading the trail: newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Q
from psycopg import sql

from rapport.audit.classes import AuditClass
from rapport.audit.models import AuditEvent, AuditValue


@dataclass(frozen=True)
class TrailEntry:
    id: int
    at: datetime
    actor: str
    actor_id: str
    address: str
    what: str
    row_id: str
    reason: str
    is_sealed: bool
    is_erased: bool
    values: tuple[tuple[str, Any], ...]
    table: str = ""


@dataclass(frozen=True)
class TrailPage:
    entries: tuple[TrailEntry, ...]
    before: int | None  # the id to ask the next page with


def trail(*, actor_id: str = "", about: str = "", before: int | None = None, size: int = 50) -> TrailPage:
    """Events older than `before`, of one actor, or about one table or act."""
    events = AuditEvent.objects.order_by("-id")
    if actor_id:
        events = events.filter(actor_id=actor_id)
    if about:
        events = events.filter(Q(table_name=about) | Q(table_name="", operation=about))
    if before is not None:
        events = events.filter(id__lt=before)
    rows = list(events[: size + 1])
    shown = rows[:size]
    values = {value.event_id: value for value in AuditValue.objects.filter(event__in=shown)}
    return TrailPage(
        tuple(_entry(event, values.get(event.pk)) for event in shown), shown[-1].pk if len(rows) > size else None
    )


def audited_tables() -> list[str]:
    """Tables whose every change is in the trail."""
    return sorted(
        model._meta.db_table for model in apps.get_models() if getattr(model, "audit_class", None) is AuditClass.AUDITED
    )


def _entry(event: AuditEvent, value: AuditValue | None) -> TrailEntry:
    values = (value.values or {}) if value is not None else {}
    return TrailEntry(
        id=event.pk,
        at=event.at,
        actor=event.actor_label,
        actor_id=event.actor_id,
        address=event.address,
        what=f"{event.operation} {event.table_name}".strip(),
        row_id=event.row_id,
        reason=event.reason,
        is_sealed=event.sealed_position is not None,
        is_erased=value is None or value.erased_at is not None,
        values=tuple((name, values[name]) for name in sorted(values)),
        table=event.table_name,
    )


_ABOUT = sql.SQL("""
select v.event_id from audit_value v join audit_event e on e.id = v.event_id
 where v.erased_at is null and v.values <> '{{}}' and ({})
""")
_OF_ROWS = _ABOUT.format(sql.SQL("e.table_name = %s and e.row_id = any(%s)"))
_OF_ACTS = _ABOUT.format(sql.SQL("e.table_name = '' and e.row_id = any(%s)"))
_MENTIONING = _ABOUT.format(sql.SQL("lower(v.values::text) like any(%s)"))


def events_about(*, rows: Mapping[str, Sequence[int]], ids: Sequence[str], mentioned: Sequence[str] = ()) -> list[int]:
    """Events of these rows (table → ids), acts about these public ids, and events whose values match a pattern."""
    asked: list[tuple[sql.Composed, list[Any]]] = [
        (_OF_ROWS, [table, [str(each) for each in of_table]]) for table, of_table in rows.items()
    ]
    asked += [(_OF_ACTS, [list(ids)]), (_MENTIONING, [list(mentioned)])]
    found: set[int] = set()
    with connection.cursor() as cursor:
        for statement, values in asked:
            cursor.execute(statement, values)
            found |= {row[0] for row in cursor.fetchall()}
    return sorted(found)


def entries_about(*, rows: Mapping[str, Sequence[int]], ids: Sequence[str]) -> list[TrailEntry]:
    """What the trail tells about these rows and public ids, oldest first."""
    found = AuditEvent.objects.filter(table_name="", row_id__in=list(ids))
    events = {event.pk: event for event in found}
    for table, of_table in rows.items():
        of_rows = AuditEvent.objects.filter(table_name=table, row_id__in=[str(each) for each in of_table])
        events |= {event.pk: event for event in of_rows}
    values = {value.event_id: value for value in AuditValue.objects.filter(event__in=list(events))}
    return [_entry(events[number], values.get(number)) for number in sorted(events)]


def inserted_since(table: str, key: sql.Composable, since: datetime) -> sql.Composed:
    """A condition: the row of `table` under `key` has come since then, as far as the trail tells."""
    return sql.SQL(
        "exists (select from audit_event e where e.table_name = {} and e.row_id = ({})::text and e.operation = 'insert'"
        " and e.at >= {})"
    ).format(sql.Literal(table), key, sql.Literal(since))
