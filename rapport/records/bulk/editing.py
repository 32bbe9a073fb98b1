"""The act “Edit”: the selected rows get values for chosen fields, what is left blank stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.bulk.acts import Answers, Batch, BulkAct, Refused
from rapport.records.custom_fields.declaring import has_value
from rapport.records.lists.editing import EditableField, Edits, editable_fields, editable_object

if TYPE_CHECKING:
    from rapport.accounts.models import User

EDIT_ROWS = 500
PASTE = "paste"
_CLEAR = "clear_"


class ManyForm(forms.Form):
    """A value for each field that is to change. What is left blank stays; a ticked box empties the field."""

    page_part = "records/bulk_edit.html"

    def __init__(self, data: Mapping[str, Any] | None = None, *, fields: Mapping[str, EditableField]) -> None:
        super().__init__(data)
        self.editable = fields
        for name, each in fields.items():
            self.fields[name] = _blank(each.form_field)
            if each.can_be_emptied:
                words = _("Empty %(field)s") % {"field": each.label}
                self.fields[_CLEAR + name] = forms.BooleanField(label=words, required=False)

    @property
    def lines(self) -> list[tuple[Any, Any]]:
        return [(self[name], self[_CLEAR + name] if _CLEAR + name in self.fields else None) for name in self.editable]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        self.wanted: dict[str, Any] = {}
        for name, each in self.editable.items():
            is_cleared, value = values.get(_CLEAR + name, False), values.get(name)
            if is_cleared and has_value(value):
                self.add_error(name, _("Either a value, or empty."))
            elif is_cleared:
                self.wanted[name] = None
            elif has_value(value):
                try:
                    self.wanted[name] = each.kept(value)
                except forms.ValidationError as refusal:
                    self.add_error(name, refusal)
        if not self.errors and not self.wanted:
            raise forms.ValidationError(_("Fill in at least one field, or say that it is to be emptied."))
        return values


def edit_act(object_name: str, right: str) -> BulkAct:
    """The act for a list whose room declares in editable.py what can be written."""
    return BulkAct(
        "edit", object_name, gettext_lazy("Edit"), right, apply=partial(write_batch, object_name),
        undo=partial(write_batch_back, object_name), ask=partial(_ask, object_name),
        what=gettext_lazy("What is left blank stays as it is in each row."), picture="pencil",
        batch_rows=EDIT_ROWS, order=20,
    )  # fmt: skip


def paste_act(object_name: str, right: str) -> BulkAct:
    """What a pasted block becomes: each row gets values of its own, where it still says what it said when that was shown."""
    return BulkAct(
        PASTE, object_name, gettext_lazy("Paste"), right, apply=partial(write_batch, object_name),
        undo=partial(write_batch_back, object_name), batch_rows=EDIT_ROWS, is_hidden=True,
    )  # fmt: skip


def write_batch(object_name: str, batch: Batch) -> Answers:
    """What each row is to get, of the fields that may still be written."""
    found = editable_object(object_name)
    assert found is not None
    allowed = editable_fields(batch.by, object_name)
    wanted, opened, numbers, refused = {}, {}, {}, {}
    for number, (key,) in batch.rows.items():
        asked = batch.wanted[number]
        if not set(asked["values"]) <= set(allowed):
            refused[number] = Refused(_("A field of it can not be changed any more."))
            continue
        numbers[key], wanted[key] = number, asked["values"]
        if "opened" in asked:
            opened[key] = asked["opened"]
    answers = found.write(Edits(wanted, batch.by, batch.now, opened))
    return refused | {numbers[key]: answer for key, answer in answers.items()}


def write_batch_back(object_name: str, batch: Batch) -> Answers:
    found = editable_object(object_name)
    assert found is not None
    numbers = {batch.rows[number][0]: number for number in batch.undo}
    answers = found.write_back({key: batch.undo[number] for key, number in numbers.items()}, batch.by, batch.now)
    gone = Refused(_("It is not there any more, or you may not see it."))
    return {number: answers.get(key, gone) for key, number in numbers.items()}


def _ask(object_name: str, user: User, data: Mapping[str, Any] | None) -> ManyForm:
    fields = editable_fields(user, object_name)
    return ManyForm(data, fields={name: each for name, each in fields.items() if not each.is_cell_only})


def _blank(form_field: forms.Field) -> forms.Field:
    field = deepcopy(form_field)
    field.required, field.initial, field.show_hidden_initial = False, None, False
    field.widget.is_required = False
    if type(field) is forms.ChoiceField:
        choices: Any = field.choices
        field.choices = choices if "" in dict(choices) else [("", "—"), *choices]
    return field
