"""Writes to fields of one's own and to layouts; each changes the mark by which every process notices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from rapport.core.acting import Actor, acting
from rapport.core.remembering import forget
from rapport.records.custom_fields.declaring import NAME_PREFIX, SEARCHABLE, SORTABLE
from rapport.records.custom_fields.queries import MARK, MOST_FIELDS
from rapport.records.models import CustomField, FieldLayout
from rapport.records.registry import FieldKind

if TYPE_CHECKING:
    from rapport.accounts.models import Role, User

INDEX_TASK, SEARCH_TASK, QUEUE = "records.index_field", "records.search_field", "fields"
_CHANGEABLE = ("label", "help_text", "is_required", "is_column", "is_searched", "is_sorted", "choices")
_LONGEST_NAME = 40
_CHANGE_MARK = """
insert into records_fieldsmark (id, mark) values (1, gen_random_uuid())
on conflict (id) do update set mark = excluded.mark
"""


class FieldRefused(ValueError):
    """A field cannot be made or changed like this; `about` names what it is about."""

    def __init__(self, message: Any, *, about: str = "label") -> None:
        super().__init__(str(message))
        self.about = about


def add_field(
    object_name: str, *, label: str, kind: str, by: Actor, request: HttpRequest | None = None, **details: Any
) -> CustomField:
    """Make a field; every page, list, filter and import knows it with the next request. Its name is made from the label."""
    with acting(by, request, reason="field added"), _label_once():
        _one_at_a_time(object_name)
        known = CustomField.objects.filter(object=object_name)
        if known.count() >= MOST_FIELDS:
            raise FieldRefused(_("An object takes at most %(count)s fields of its own.") % {"count": MOST_FIELDS})
        position = (known.aggregate(last=Max("position"))["last"] or 0) + 1
        made = CustomField.objects.create(
            object=object_name, kind=kind, label=label, name=_free_name(object_name, label), position=position,
            **_fitting(kind, details),
        )  # fmt: skip
        _noticed(made, before=None)
    return made


def change_field(field: CustomField, *, by: User, request: HttpRequest | None = None, **details: Any) -> CustomField:
    """Change what may change: neither the kind nor the name, since values are kept by them."""
    with acting(by, request, reason="field changed"), _label_once():
        current = CustomField.objects.select_for_update().get(pk=field.pk)
        before = (current.is_searched, current.is_sorted)
        fitting = _fitting(current.kind, details)
        for name in _CHANGEABLE:
            if name in fitting:
                setattr(current, name, fitting[name])
        current.save(update_fields=list(_CHANGEABLE))
        _noticed(current, before=before)
    return current


def archive_field(field: CustomField, *, by: User, now: datetime, request: HttpRequest | None = None) -> None:
    """Take a field from every page; its values stay, until it is restored or the time of keeping is over."""
    _set_archived(field, now, by=by, reason="field archived", request=request)


def restore_field(field: CustomField, *, by: User, request: HttpRequest | None = None) -> None:
    """Bring an archived field back with its values. Refused where another one has its label by now."""
    _set_archived(field, None, by=by, reason="field restored", request=request)


def move_field(field: CustomField, *, up: bool, by: User, request: HttpRequest | None = None) -> None:
    """Change places with the neighbor that is not archived."""
    with acting(by, request, reason="fields ordered"):
        _one_at_a_time(field.object)
        rows = list(CustomField.objects.filter(object=field.object, archived_at=None).order_by("position", "pk"))
        places = [row.pk for row in rows]
        if field.pk not in places:
            return
        at = places.index(field.pk)
        other = at - 1 if up else at + 1
        if not 0 <= other < len(rows):
            return
        rows[at], rows[other] = rows[other], rows[at]
        for position, row in enumerate(rows, start=1):
            if row.position != position:
                row.position = position
                row.save(update_fields=["position"])
        change_mark()


def save_layout(
    role: Role,
    object_name: str,
    *,
    hidden: Sequence[str],
    ordering: Sequence[str],
    columns: Sequence[str] | None,
    hidden_panels: Sequence[str],
    panel_ordering: Sequence[str],
    by: User,
    request: HttpRequest | None = None,
) -> FieldLayout:
    """Keep what a role sees of an object. Names are those of the page that was shown; what is not named is shown."""
    values = {
        "hidden": sorted(set(hidden)), "ordering": list(ordering), "hidden_panels": sorted(set(hidden_panels)),
        "panel_ordering": list(panel_ordering), "columns": None if columns is None else list(columns),
    }  # fmt: skip
    with acting(by, request, reason="layout changed"):
        layout, _made = FieldLayout.objects.update_or_create(role=role, object=object_name, defaults=values)
        change_mark()
    return layout


def reset_layout(role: Role, object_name: str, *, by: User, request: HttpRequest | None = None) -> None:
    with acting(by, request, reason="layout changed"):
        FieldLayout.objects.filter(role=role, object=object_name).delete()
        change_mark()


def choices_from(
    lines: Sequence[str], known: Sequence[Mapping[str, Any]], archived: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Choices in the order of the labels typed; one whose label is known keeps its value, one left out is archived."""
    by_label = {str(each["label"]).casefold(): each for each in known}
    taken = {str(each["value"]) for each in known}
    found: dict[str, dict[str, Any]] = {}
    for label in lines:
        old = by_label.get(label.casefold())
        value = str(old["value"]) if old is not None else _free_value(label, taken)
        taken.add(value)
        found[value] = {"value": value, "label": label, "archived": value in archived}
    left = [{**each, "archived": True} for each in known if each["value"] not in found]
    return [*found.values(), *left]


def _set_archived(
    field: CustomField, at: datetime | None, *, by: User, reason: str, request: HttpRequest | None
) -> None:
    with acting(by, request, reason=reason), _label_once():
        current = CustomField.objects.select_for_update().get(pk=field.pk)
        if (current.archived_at is None) == (at is None):
            return
        current.archived_at = at
        current.save(update_fields=["archived_at"])
        _noticed(current, before=(False, current.is_sorted))


def _fitting(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the kind cannot have."""
    fitting = {name: value for name, value in details.items() if name in _CHANGEABLE}
    if FieldKind(kind) not in SEARCHABLE and "is_searched" in fitting:
        fitting["is_searched"] = False
    if FieldKind(kind) not in SORTABLE and "is_sorted" in fitting:
        fitting["is_sorted"] = False
    if FieldKind(kind) not in (FieldKind.CHOICE, FieldKind.CHOICES):
        fitting.pop("choices", None)
    return fitting


def _noticed(field: CustomField, *, before: tuple[bool, bool] | None) -> None:
    """Tell every process, and have the index and the search follow where they must."""
    change_mark()
    was_searched, was_sorted = before or (False, False)
    if field.is_searched != was_searched or (field.is_searched and before is not None):
        app.configure_task(SEARCH_TASK, queue=QUEUE).defer(field_id=field.pk)
    if field.is_sorted != was_sorted:
        app.configure_task(INDEX_TASK, queue=QUEUE).defer(field_id=field.pk)


def change_mark() -> None:
    """Have every process read fields and layouts anew."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE_MARK)
    forget(MARK)


def _one_at_a_time(object_name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(7263041, hashtext(%s))", [object_name])


@contextmanager
def _label_once() -> Iterator[None]:
    """A label stands once among the fields in use; the index decides, since two may add at the same moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "records_customfield_label" not in str(error):
            raise
        raise FieldRefused(_("There is a field with this label already.")) from error


def _slug(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]+", "_", "".join(c for c in folded if not unicodedata.combining(c))).strip("_")


def _free_name(object_name: str, label: str) -> str:
    taken = set(CustomField.objects.filter(object=object_name).values_list("name", flat=True))
    return _numbered(NAME_PREFIX + (_slug(label)[: _LONGEST_NAME - 8].strip("_") or "field"), taken)


def _free_value(label: str, taken: set[str]) -> str:
    return _numbered(_slug(label)[: _LONGEST_NAME - 8].strip("_") or "choice", taken)


def _numbered(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
