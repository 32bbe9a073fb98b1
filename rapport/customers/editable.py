"""What of a customer can be written from the list: golden attributes, fields of the business's own, owner and tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from rapport.customers.channels import CHANNELS, channel_code, is_channel
from rapport.customers.editing import acts as editable_acts
from rapport.customers.editing.actions import edit_customers, say_again
from rapport.customers.forms import DetailsForm
from rapport.customers.golden import CUSTOM_PREFIX, DATE_FIELDS, GOLDEN_FIELDS, said_by
from rapport.customers.models import Customer
from rapport.customers.normalizing import language_code, region_of
from rapport.customers.permissions import EDIT
from rapport.customers.presenting import as_read
from rapport.records.bulk.acts import Answers, Treated
from rapport.records.command_log.noting import plain
from rapport.records.layouts.sight import visible_fields
from rapport.records.lists.editing import EditableField, EditableObject, Edits, Values, own_editable_fields

if TYPE_CHECKING:
    from datetime import datetime

    from rapport.accounts.models import User


def _country(value: str) -> str:
    found = region_of(value)
    if found is None:
        raise forms.ValidationError(_("No country is called so. Write its name in English, or its two letters."))
    return found


def _language(value: str) -> str:
    found = language_code(value) or value
    if len(found) != 2:
        raise forms.ValidationError(_("No language is called so. Write its name in English, or its two letters."))
    return found


def _channel(value: str) -> str:
    if not is_channel(channel_code(value)):
        raise forms.ValidationError(_("Choose one of: %(channels)s.") % {"channels": ", ".join(CHANNELS)})
    return str(channel_code(value))


_OF_ACTS = {editable_acts.OWNER, editable_acts.TAGS}
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "country": _country,
    "language": _language,
    "preferred_channel": _channel,
}


def _read(name: str, kept: Any) -> str:
    return as_read(name, date.fromisoformat(kept) if name in DATE_FIELDS else kept)


def _fields(user: User) -> dict[str, EditableField]:
    """Golden attributes that the role sees in the list, then the fields of one's own, owner and tags."""
    typed, seen = DetailsForm().fields, visible_fields(user, "customer")
    golden = {
        name: EditableField(
            name, typed[name].label or name, typed[name], check=_CHECKS.get(name), read_as=partial(_read, name)
        )
        for name in GOLDEN_FIELDS
        if name in seen
    }
    return golden | own_editable_fields(user, "customer") | editable_acts.act_fields(user, seen)


def _values(user: User, keys: Sequence[int]) -> Mapping[int, Values]:
    found = Customer.objects.present().visible_to(user).filter(pk__in=keys).defer("search", "provenance")
    names = [name for name in _fields(user) if name not in _OF_ACTS]
    return {
        each.pk: {name: plain(said_by(each, _inside(name))) for name in names} | editable_acts.act_values(each)
        for each in found.select_related("owner")
    }


def _write(edits: Edits) -> Answers:
    """A row gets all that is wanted of it, or nothing."""
    refused = editable_acts.refusals(edits)
    left = {key: values for key, values in edits.wanted.items() if key not in refused}
    wanted = {key: _named_inside(values) for key, values in left.items() if not set(values) <= _OF_ACTS}
    opened = {key: _named_inside(values) for key, values in edits.opened.items() if key in wanted}
    answers = edit_customers(wanted, by=edits.by, now=edits.now, opened=opened) if wanted else {}
    done = [key for key in left if isinstance(answers.get(key), Treated) or key not in wanted]
    noted = editable_acts.write_acts(edits, done)
    for key in done:
        said = answers.get(key)
        answers[key] = Treated({**(said.undo if isinstance(said, Treated) else {}), **noted.get(key, {})})
    return answers | refused


def _write_back(undo: Mapping[int, Mapping[str, Any]], by: User, now: datetime) -> Answers:
    refused = editable_acts.refusals_of_undo(undo, by=by)
    left = {key: noted for key, noted in undo.items() if key not in refused}
    said = {key: noted for key, noted in left.items() if "said" in noted}
    answers = say_again(said, by=by, now=now) if said else {}
    done = {key: noted for key, noted in left.items() if key not in said or isinstance(answers.get(key), Treated)}
    return {**answers, **editable_acts.take_acts_back(done, by=by, now=now), **refused}


def _named_inside(values: Values) -> dict[str, Any]:
    return {_inside(name): value for name, value in values.items() if name not in _OF_ACTS}


def _inside(name: str) -> str:
    return name if name in GOLDEN_FIELDS else f"{CUSTOM_PREFIX}{name}"


EDITABLES = (
    EditableObject("customer", EDIT.name, fields=_fields, values=_values, write=_write, write_back=_write_back),
)
