"""The form of one value on the customer page: a unit of golden attributes, or one field of the business's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from rapport.customers.editing.details import Editable
from rapport.customers.forms import EditCustomerForm
from rapport.customers.golden import CUSTOM_PREFIX, GOLDEN_FIELDS
from rapport.customers.models import Customer
from rapport.customers.normalizing import full_name
from rapport.records.custom_fields.inputs import add_custom_fields, custom_values, opened_values

_POINTING = ("name", "organization", "email", "phone")


class UnitForm(EditCustomerForm):
    """As the whole form, with the fields of one unit alone."""

    def __init__(self, data: QueryDict | None = None, *, customer: Customer, editable: Editable) -> None:
        shown = {field: getattr(customer, field) for field in GOLDEN_FIELDS}
        super().__init__(data, initial={"version": customer.version, **shown}, auto_id="in-place-%s")
        self.customer, self.editable = customer, editable
        for name in GOLDEN_FIELDS:
            if name not in editable.unit.fields:
                del self.fields[name]
        if editable.own is not None:
            add_custom_fields(self, [editable.own], customer.custom, remember=True)
        self.names = [name for name in self.fields if name != "version"]
        self.fields[self.names[0]].widget.attrs["autofocus"] = True

    @classmethod
    def over(cls, sent: QueryDict, *, current: Customer, editable: Editable) -> UnitForm:
        """The form over a newer version, with what was typed into the older one."""
        fresh, data = cls(customer=current, editable=editable), sent.copy()
        data["version"] = str(current.version)
        for name in fresh.names:
            value = fresh[name].value()
            data.setlist(
                f"initial-{name}", list(value) if isinstance(value, list) else ["" if value is None else value]
            )
        return cls(data, customer=current, editable=editable)

    def clean(self) -> dict[str, Any]:
        values = forms.Form.clean(self) or {}
        if "name" in self.fields and not values.get("name") and self._names_anew():
            values["name"] = full_name(values.get("given_name"), values.get("family_name")) or ""
        if not self.errors and not any(values.get(f, getattr(self.customer, f)) for f in _POINTING):
            raise forms.ValidationError(_("Give a name, an organization, an e-mail address or a phone number."))
        return values

    @property
    def opened(self) -> dict[str, Any]:
        own = opened_values(self, [self.editable.own]) if self.editable.own is not None else {}
        return {**super().opened, **{f"{CUSTOM_PREFIX}{name}": value for name, value in own.items()}}

    @property
    def typed(self) -> dict[str, Any]:
        if self.editable.own is not None:
            own = custom_values(self, [self.editable.own])
            values = {f"{CUSTOM_PREFIX}{name}": value for name, value in own.items()}
        else:
            values = {name: self.cleaned_data[name] for name in self.names}
        opened = self.opened
        return {
            name: value for name, value in values.items() if name not in opened or (opened[name] or "") != (value or "")
        }
