"""What a role sees decides what it can type: hidden fields leave the forms of a customer, the business's own come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.customers.forms import POINTING, DetailsForm, EditCustomerForm, NewCustomerForm
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS
from rapport.customers.models import Customer
from rapport.records.custom_fields.declaring import CustomDefinition, as_typed
from rapport.records.custom_fields.inputs import add_custom_fields, custom_values, opened_values
from rapport.records.layouts.sight import hidden_names, visible_custom_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User

# what somebody is told apart by, and what a name is put together of
_NAMING = frozenset((*POINTING, "given_name", "family_name"))


def fit_form(
    form: DetailsForm, user: User, *, custom: Mapping[str, Any] | None = None, only: Collection[str] | None = None
) -> None:
    """Before it is used: as `user` may see and type. `custom` are the own values of a customer that is there already.

    With `only` just these own fields come in.
    """
    hidden = hidden_names(user, "customer")
    form.is_partial = not hidden.isdisjoint(GOLDEN_FIELDS)
    for name in GOLDEN_FIELDS:
        if name in hidden and name in form.fields:
            del form.fields[name]
    form.own = visible_custom_fields(user, "customer")
    wanted = form.own if only is None else [each for each in form.own if each.name in only]
    add_custom_fields(form, wanted, custom or {}, remember=isinstance(form, EditCustomerForm))


def new_customer_form(user: User, kind: str, values: Mapping[str, Any]) -> NewCustomerForm:
    """The form of a new customer with as many fields as it takes for what a program sent, and what it must not leave out."""
    form = NewCustomerForm({**values, "kind": kind}, only=values)
    required = {each.name for each in visible_custom_fields(user, "customer") if each.is_required}
    fit_form(form, user, only=required.union(values))
    return form


def changes_form(current: Customer, user: User, values: Mapping[str, Any]) -> EditCustomerForm:
    """The form over a customer with as many fields as it takes for what a program sent."""
    told_apart = any(getattr(current, name) for name in POINTING) and _NAMING.isdisjoint(values)
    form = form_over(current, {}, user, only=values if told_apart else {*values, *_NAMING})
    form.is_partial = form.is_partial or told_apart
    form.data = dict(form.data) | dict(values)
    for name, field in form.fields.items():
        field.required = field.required and (name in values or name == "version")
    return form


def writable_names(user: User) -> set[str]:
    """What `user` may write of a customer: the fields that she sees, and the business's own."""
    own = {each.name for each in visible_custom_fields(user, "customer")}
    return set(GOLDEN_FIELDS).difference(hidden_names(user, "customer")) | own


def own_typed(form: DetailsForm) -> dict[str, Any]:
    """Own values as edit_customer takes them: those that were changed in the form."""
    opened = own_opened(form)
    typed = {f"{CUSTOM_PREFIX}{name}": value for name, value in custom_values(form, form.own).items()}
    return {name: value for name, value in typed.items() if name not in opened or opened[name] != value}


def own_opened(form: DetailsForm) -> dict[str, Any]:
    return {f"{CUSTOM_PREFIX}{name}": value for name, value in opened_values(form, form.own).items()}


def form_over(
    current: Customer, values: Mapping[str, Any], user: User, *, only: Collection[str] | None = None
) -> EditCustomerForm:
    """The form over a newer version, with what was typed into the older one."""
    further: dict[str, Any] = {}
    for each in visible_custom_fields(user, "customer"):
        if only is None or each.name in only:
            saved = current.custom.get(each.name)
            further[f"initial-{each.name}"] = _sent(each, saved)
            further[each.name] = _sent(each, values.get(f"{CUSTOM_PREFIX}{each.name}", saved))
    form = EditCustomerForm.again(current, values, further=further, only=only)
    fit_form(form, user, custom=current.custom, only=only)
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
