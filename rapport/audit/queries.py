"""Reading the trail: newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q

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
    )
