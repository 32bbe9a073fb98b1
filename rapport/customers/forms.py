"""The forms of this room: details of a customer, the quick log, the owner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.models import Customer, InteractionKind, Kind
from rapport.customers.provenance import LABELS

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_VALUE = 300
LONGEST_LOG = 4_000
NOBODY = "nobody"
_POINTING = ("name", "organization", "email", "phone")


class DetailsForm(forms.Form):
    """The golden attributes as staff type them; empty means that staff say nothing."""

    name = forms.CharField(label=LABELS["name"], max_length=LONGEST_VALUE, required=False)
    given_name = forms.CharField(label=LABELS["given_name"], max_length=LONGEST_VALUE, required=False)
    family_name = forms.CharField(label=LABELS["family_name"], max_length=LONGEST_VALUE, required=False)
    organization = forms.CharField(label=LABELS["organization"], max_length=LONGEST_VALUE, required=False)
    job_title = forms.CharField(label=LABELS["job_title"], max_length=LONGEST_VALUE, required=False)
    email = forms.EmailField(label=LABELS["email"], max_length=254, required=False)
    phone = forms.RegexField(
        label=LABELS["phone"],
        regex=r"^[-+0-9 ()./]{4,40}$",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        error_messages={"invalid": _("Write the phone number in digits, such as +44 20 7946 0958.")},
    )
    street = forms.CharField(label=LABELS["street"], max_length=LONGEST_VALUE, required=False)
    postal_code = forms.CharField(label=LABELS["postal_code"], max_length=40, required=False)
    city = forms.CharField(label=LABELS["city"], max_length=LONGEST_VALUE, required=False)
    region = forms.CharField(label=LABELS["region"], max_length=LONGEST_VALUE, required=False)
    country = forms.CharField(label=LABELS["country"], max_length=60, required=False)
    language = forms.CharField(label=LABELS["language"], max_length=60, required=False)
    life_stage = forms.CharField(label=LABELS["life_stage"], max_length=LONGEST_VALUE, required=False)
    born_on = forms.DateField(
        label=LABELS["born_on"], required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(field) for field in _POINTING):
            raise forms.ValidationError(_("Give a name, an organization, an e-mail address or a phone number."))
        return values


class NewCustomerForm(DetailsForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.PERSON)

    field_order = ("kind", *GOLDEN_FIELDS)


class EditCustomerForm(DetailsForm):
    """`version` is the customer's when the form was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, customer: Customer) -> EditCustomerForm:
        return cls(initial={"version": customer.version, **{f: getattr(customer, f) for f in GOLDEN_FIELDS}})


class LogForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=InteractionKind.choices, initial=InteractionKind.CALL)
    text = forms.CharField(
        label=_("What was said or done"),
        max_length=LONGEST_LOG,
        error_messages={"required": _("Write a few words about it.")},
    )


class OwnerForm(forms.Form):
    """`owner` is the public id of a colleague, or "nobody"."""

    owner = forms.ChoiceField(label=_("Owner"))

    def __init__(self, *args: Any, colleagues: Sequence[User], may_be_nobody: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(user.public_id): user for user in colleagues}
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        nobody = [(NOBODY, _("Nobody"))] if may_be_nobody else []
        field.choices = [*nobody, *((key, user.name) for key, user in self.colleagues.items())]

    @property
    def chosen(self) -> User | None:
        return self.colleagues.get(self.cleaned_data["owner"])
