"""What lists, filters and sorts may name of a task."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.records.registry import Field, FieldKind
from rapport.work.queries import TASK, priority_choices, state_choices

_DAY = ("on", "before", "after", "empty", "filled")
_TONES = {"3": "violet", "open": "accent", "done": "good"}


def _state_tone(value: str) -> str:
    return _TONES.get(value, "plain")


def _field(name: str, label: str | Promise, kind: FieldKind, sql: str, order: int, **more: object) -> Field:
    return Field(object=TASK, name=name, label=label, kind=kind, sql=sql, order=order, **more)  # type: ignore[arg-type]


FIELDS = (
    _field(
        "title", _("Task"), FieldKind.TEXT, "r.title", 1, operators=("starts_with", "contains"), essential=True,
        can_be_empty=False, default_column=True,
    ),
    _field(
        "state", _("State"), FieldKind.CHOICE, "r.state", 2, operators=("is", "is_not"), choices=state_choices,
        tone=_state_tone, default_column=True,
    ),
    _field(
        "due_on", _("Due"), FieldKind.DATE, "r.due_on", 3, operators=_DAY, sortable=True, sort_sql="r.due_at",
        default_column=True,
    ),
    _field(
        "priority", _("Priority"), FieldKind.CHOICE, "r.priority::text", 4, operators=("is", "is_not"),
        choices=priority_choices, default_column=True, wide_only=True,
    ),
    _field(
        "assignee", _("Who"), FieldKind.PERSON, "r.assignee_id", 5, operators=("is", "empty", "filled"),
        default_column=True, wide_only=True,
    ),
    _field("created_by", _("Added by"), FieldKind.PERSON, "r.created_by_id", 6, operators=("is", "empty", "filled")),
    _field("created", _("Added"), FieldKind.INSTANT, "r.created_at", 7, operators=("on", "before", "after")),
    _field("closed", _("Closed"), FieldKind.INSTANT, "r.closed_at", 8, operators=_DAY),
)  # fmt: skip
