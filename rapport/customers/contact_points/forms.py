"""The forms of one further way to reach a customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.contact_points.reading import ADDRESS, EMAIL, LABELS, LABELS_OF, PHONE, point_fields, said_of
from rapport.customers.forms import LONGEST_VALUE, country_field
from rapport.customers.models import ContactPoint
from rapport.customers.normalizing import country_names, region_of


class PointForm(forms.Form):
    """What can be said of one way; the values as they were when the form was opened go with it."""

    kind = ""
    label = forms.ChoiceField(label=_("What it is for"), required=False)

    def __init__(self, *args: Any, label_now: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(LABELS_OF[self.kind])
        if label_now and label_now not in known:
            known.append(label_now)
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Not said")), *((label, LABELS.get(label, label)) for label in known)]
        for each in self.fields.values():
            each.show_hidden_initial = True
            each.widget.attrs["autocomplete"] = "off"

    @classmethod
    def of(cls, point: ContactPoint) -> PointForm:
        return cls(initial=said_of(point), label_now=point.label)

    @classmethod
    def again(cls, current: ContactPoint, typed: Mapping[str, Any]) -> PointForm:
        """The form over what is saved now, with what was typed over what was there before."""
        saved = {f"initial-{name}": value for name, value in said_of(current).items()}
        return cls({**saved, **typed}, label_now=current.label)

    @property
    def suggestions(self) -> dict[str, Sequence[str]]:
        return {"countries": country_names()} if self.kind == ADDRESS else {}

    @property
    def opened(self) -> dict[str, str]:
        """What the fields held when the form was opened."""
        return {name: str(self.data.get(f"initial-{name}", "")) for name in point_fields(self.kind)}


class EmailPointForm(PointForm):
    kind = EMAIL
    value = forms.EmailField(label=_("E-mail"), max_length=254)

    field_order = ("value", "label")


class PhonePointForm(PointForm):
    kind = PHONE
    value = forms.RegexField(
        label=_("Phone"),
        regex=r"^[-+0-9 ()./]{4,40}$",
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"invalid": _("Write the phone number in digits, such as +44 20 7946 0958.")},
    )

    field_order = ("value", "label")


class AddressPointForm(PointForm):
    kind = ADDRESS
    street = forms.CharField(label=_("Street"), max_length=LONGEST_VALUE, required=False)
    postal_code = forms.CharField(label=_("Postal code"), max_length=40, required=False)
    city = forms.CharField(label=_("City"), max_length=LONGEST_VALUE, required=False)
    region = forms.CharField(label=_("Region"), max_length=LONGEST_VALUE, required=False)
    country = country_field(label=_("Country"))

    field_order = ("street", "postal_code", "city", "region", "country", "label")

    def clean_country(self) -> str:
        typed: str = self.cleaned_data["country"]
        if typed and "country" in self.changed_data and region_of(typed) is None:
            raise forms.ValidationError(_("Choose a country from the list, or write its two-letter code."))
        return typed

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(part) for part in ("street", "postal_code", "city")):
            raise forms.ValidationError(_("Give a street, a postal code or a city."))
        return values


POINT_FORMS: dict[str, type[PointForm]] = {EMAIL: EmailPointForm, PHONE: PhonePointForm, ADDRESS: AddressPointForm}
