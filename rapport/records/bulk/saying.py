"""What was asked of many rows, in the words of the form that asked for it: to whom, which tags, which field says what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from rapport.records.bulk.acts import BulkAct
from rapport.records.bulk.models import BulkItem, BulkRun
from rapport.records.lists.editing import editable_fields
from rapport.ui.formats import day

if TYPE_CHECKING:
    from rapport.accounts.models import User

_NOTHING = ("", "None", "False")


def kept_answers(form: forms.Form | None) -> tuple[dict[str, str], dict[str, Any] | None]:
    """Of a form that was filled in: what an act keeps of it, and what each row is to get where it says so."""
    if form is None:
        return {}, None
    wanted: dict[str, Any] | None = getattr(form, "wanted", None)
    if wanted is not None:
        return {}, {"values": wanted}
    return {name: "" if value is None else str(value) for name, value in form.cleaned_data.items()}, None


def said_of(run: BulkRun, act: BulkAct, *, user: User) -> list[tuple[str, str]]:
    """(what, value) of an act that was begun, as `user` may see it. Where each row got something else, nothing."""
    if act.is_hidden or act.ask is None:
        return []
    if run.answers:
        return _answered(act.ask(user, run.answers))
    first = BulkItem.objects.filter(run=run).order_by("number").values_list("wanted", flat=True).first()
    return _written(first.get("values", {}), run.selection.object, user) if first else []


def _answered(form: forms.Form) -> list[tuple[str, str]]:
    said = [(str(bound.label), _in_words(bound.field, bound.value())) for bound in form]
    return [(label, value) for label, value in said if value]


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices).get(value, ""))
    if value is None or str(value) in _NOTHING:
        return ""
    if isinstance(field, forms.BooleanField):
        return _("yes")
    if isinstance(field, forms.DateField):
        return day(field.to_python(value))
    return str(value)


def _written(values: Mapping[str, Any], object_name: str, user: User) -> list[tuple[str, str]]:
    fields = editable_fields(user, object_name)
    return [
        (str(fields[name].label), fields[name].shown(value) or _("nothing"))
        for name, value in values.items()
        if name in fields
    ]
