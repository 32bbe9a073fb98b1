"""What a role sees, as the trail tells it: fields and panels by what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.audit.queries import TrailEntry
from rapport.audit.reading import Said, Values
from rapport.core.rooms import contributions
from rapport.records.custom_fields.declaring import custom_objects
from rapport.records.custom_fields.queries import every_field
from rapport.records.layouts.sight import hidden_names
from rapport.records.models import FieldLayout
from rapport.ui.panels import Panel

if TYPE_CHECKING:
    from rapport.accounts.models import User

_FIELDS, _PANELS = ("hidden", "ordering", "columns"), ("hidden_panels", "panel_ordering")


def read_layout(user: User, entry: TrailEntry, values: Values) -> tuple[Values, list[Said]]:
    if entry.table != FieldLayout._meta.db_table:
        return values, []
    of = _objects(entry)
    labels = {each: _labels_of_fields(user, of) for each in _FIELDS} | {each: _labels_of_panels(of) for each in _PANELS}
    return tuple((name, _told(labels[name], said) if name in labels else said) for name, said in values), []


def _objects(entry: TrailEntry) -> list[str]:
    """Whose fields they are. A change leaves that out; of a layout that is gone, it may be any."""
    said = dict(entry.values).get("object")
    said = next((each for each in said if each), None) if isinstance(said, list) else said
    if said is None and entry.row_id.isdecimal():
        said = FieldLayout.objects.filter(pk=int(entry.row_id)).values_list("object", flat=True).first()
    return [said] if said in custom_objects() else list(custom_objects())


def _labels_of_fields(user: User, objects: list[str]) -> Mapping[str, str]:
    """Those that the reader does not see have none."""
    known = {name: str(field.label) for each in objects for name, field in every_field(each).items()}
    return known | dict.fromkeys((name for each in objects for name in hidden_names(user, each)), "")


def _labels_of_panels(objects: list[str]) -> Mapping[str, str]:
    files = {custom_objects()[each].panel_file for each in objects} - {""}
    return {each.name: str(each.title) for file in files for each in contributions(file, "PANELS", Panel)}


def _told(labels: Mapping[str, str], said: Any) -> Any:
    """A list of names in words; of a change, what they were before and after."""
    words = partial(_in_words, labels)
    is_change = isinstance(said, list) and len(said) == 2 and not any(isinstance(each, str) for each in said)
    return [words(each) for each in said] if is_change else words(said)


def _in_words(labels: Mapping[str, str], names: Any) -> str | None:
    if not names:
        return None
    said = [label for label in (labels.get(each, str(each)) for each in names) if label]
    return ", ".join(said if len(said) == len(names) else [*said, _("others that you do not see")])
