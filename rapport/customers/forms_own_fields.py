"""What a role sees decides what it can type: hidden fields leave the forms of a customer, the business's own come in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.customers.forms import DetailsForm, EditCustomerForm
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS
from rapport.customers.models import Customer
from rapport.records.custom_fields import CustomDefinition, as_typed
from rapport.records.custom_fields_forms import add_custom_fields, custom_values, opened_values
from rapport.records.layouts import hidden_names, visible_custom_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User


def fit_form(form: DetailsForm, user: User, *, custom: Mapping[str, Any] | None = None) -> None:
    """Before it is used: as `user` may see and type. `custom` are the own values of a customer that is there already."""
    hidden = hidden_names(user, "customer")
    for name in GOLDEN_FIELDS:
        if name in hidden and name in form.fields:
            del form.fields[name]
            form.is_partial = True
    form.own = visible_custom_fields(user, "customer")
    add_custom_fields(form, form.own, custom or {}, remember=isinstance(form, EditCustomerForm))


def own_typed(form: DetailsForm) -> dict[str, Any]:
    """Own values as edit_customer takes them: those that were changed in the form."""
    opened = own_opened(form)
    typed = {f"{CUSTOM_PREFIX}{name}": value for name, value in custom_values(form, form.own).items()}
    return {name: value for name, value in typed.items() if name not in opened or opened[name] != value}


def own_opened(form: DetailsForm) -> dict[str, Any]:
    return {f"{CUSTOM_PREFIX}{name}": value for name, value in opened_values(form, form.own).items()}


def form_over(current: Customer, values: Mapping[str, Any], user: User) -> EditCustomerForm:
    """The form over a newer version, with what was typed into the older one."""
    own = visible_custom_fields(user, "customer")
    further: dict[str, Any] = {}
    for each in own:
        saved = current.custom.get(each.name)
        further[f"initial-{each.name}"] = _sent(each, saved)
        further[each.name] = _sent(each, values.get(f"{CUSTOM_PREFIX}{each.name}", saved))
    form = EditCustomerForm.again(current, values, further=further)
    fit_form(form, user, custom=current.custom)
    return form


def _sent(definition: CustomDefinition, value: Any) -> Any:
    """A kept value as a browser sends it."""
    typed = as_typed(definition, value)
    if isinstance(typed, bool):
        return "yes" if typed else "no"
    if isinstance(typed, list):
        return typed
    if typed is None:
        return ""
    return typed.isoformat() if isinstance(typed, date) else str(typed)
