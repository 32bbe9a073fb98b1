"""Reads of fields of one's own and of layouts: each process keeps what it has read until the mark of the database changes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import Http404
from psycopg import sql

from rapport.accounts.queries import business
from rapport.core.remembering import remembered
from rapport.records.custom_fields.declaring import Choice, CustomDefinition, custom_objects, field_of
from rapport.records.models import CustomField, FieldLayout
from rapport.records.registry import Field, FieldKind, fields_of

if TYPE_CHECKING:
    from rapport.accounts.models import Role

MOST_FIELDS = 300
MARK = "records.fieldsmark"
MARK_NOW = "select mark from records_fieldsmark order by id limit 1"
_FIRST_PLACE = 200  # behind what code declares


@dataclass(frozen=True)
class Layout:
    """What a role sees of an object; without one, everything."""

    hidden: frozenset[str] = frozenset()
    ordering: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    hidden_panels: frozenset[str] = frozenset()
    panel_ordering: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldsKnown:
    """Every definition and layout at one mark; and what was worked out then of what somebody sees (layouts/sight.py)."""

    definitions: dict[str, tuple[CustomDefinition, ...]]
    fields: dict[str, dict[str, Field]]
    layouts: dict[tuple[int, str], Layout]
    seen: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False)

    def live(self, object_name: str) -> tuple[CustomDefinition, ...]:
        return tuple(each for each in self.definitions.get(object_name, ()) if not each.is_archived)


_NOTHING = FieldsKnown({}, {}, {})


def fields_known() -> FieldsKnown:
    """What is true now, in every process: one cheap question, and a reading only after a change."""
    mark = remembered(MARK, _mark, lasts=True)
    return _NOTHING if mark is None else _read(mark)


def _mark() -> Any:
    """Asked by every request and every write, so in as few steps as there can be."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_NOW)
        row = cursor.fetchone()
    return row[0] if row is not None else None


def custom_fields_of(object_name: str) -> tuple[CustomDefinition, ...]:
    """The fields of one's own that an object has, without the archived ones, in the order of the settings page."""
    return fields_known().live(object_name)


def every_field(object_name: str) -> dict[str, Field]:
    """What code declares and what the business added, by name."""
    return _with_custom(object_name, fields_known())


def searched_values(object_name: str, custom: sql.Composable) -> list[sql.Composed]:
    """SQL of the values that the search of an object knows, from the JSON that holds them."""
    searched = [each.name for each in custom_fields_of(object_name) if each.is_searched]
    return [sql.SQL("{} ->> {}").format(custom, sql.Literal(name)) for name in searched]


def custom_field_or_404(public_id: Any) -> CustomField:
    found = CustomField.objects.filter(public_id=public_id, object__in=custom_objects()).first()
    if found is None:
        raise Http404
    return found


def layout_for(role: Role, object_name: str) -> FieldLayout:
    """The layout as it is kept, or an empty one that is not kept yet."""
    found = FieldLayout.objects.filter(role=role, object=object_name).first()
    return found or FieldLayout(role=role, object=object_name)


def roles_with_layouts(object_name: str) -> set[int]:
    """The roles that see less or otherwise than the house."""
    return set(FieldLayout.objects.filter(object=object_name).values_list("role_id", flat=True))


def definition_of(row: CustomField, *, currency: str = "") -> CustomDefinition:
    return CustomDefinition(
        public_id=row.public_id, object=row.object, name=row.name, label=row.label, kind=FieldKind(row.kind),
        help_text=row.help_text, is_required=row.is_required, is_column=row.is_column, is_searched=row.is_searched,
        is_sorted=row.is_sorted, choices=tuple(Choice(**each) for each in row.choices), position=row.position,
        is_archived=row.archived_at is not None, has_index=row.index_built_at is not None,
        currency=currency,
    )  # fmt: skip


@lru_cache(maxsize=4)
def _read(mark: uuid.UUID) -> FieldsKnown:
    rows = list(CustomField.objects.order_by("object", "position", "pk"))
    definitions: dict[str, tuple[CustomDefinition, ...]] = {}
    objects, found = custom_objects(), business()
    currency = found.currency if found is not None else ""
    for row in rows:
        definitions[row.object] = (*definitions.get(row.object, ()), definition_of(row, currency=currency))
    fields = {
        name: {
            each.name: field_of(
                each,
                is_small=name in objects and objects[name].is_small,
                currency=currency,
                order=_FIRST_PLACE + place,
            )
            for place, each in enumerate(known)
            if not each.is_archived
        }
        for name, known in definitions.items()
    }
    layouts = {
        (row.role_id, row.object): Layout(
            frozenset(row.hidden),
            tuple(row.ordering),
            None if row.columns is None else tuple(row.columns),
            frozenset(row.hidden_panels),
            tuple(row.panel_ordering),
        )
        for row in FieldLayout.objects.all()
    }
    return FieldsKnown(definitions, fields, layouts)


def _with_custom(object_name: str, known: FieldsKnown) -> dict[str, Field]:
    return {**fields_of(object_name), **known.fields.get(object_name, {})}
