"""The forms of this room: details of a customer, the quick log, the owner."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.customers.channels import CHANNELS, channel_code, is_channel
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.models import Customer, InteractionKind, Kind
from rapport.customers.normalizing import (
    country_name,
    country_names,
    full_name,
    language_code,
    language_name,
    language_names,
    region_of,
)
from rapport.customers.provenance import LABELS
from rapport.records.custom_fields.declaring import CustomDefinition

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_VALUE = 300
LONGEST_LOG = 4_000
NOBODY = "nobody"
# without one of which nobody could be told from others
POINTING = ("name", "organization", "email", "phone")


class _NameInput(forms.TextInput):
    """Shows what is kept as a code by its name."""

    def __init__(self, name_of: Callable[[str], str], *, suggestions: str) -> None:
        super().__init__(attrs={"list": suggestions})
        self.name_of = name_of

    def format_value(self, value: Any) -> str | None:
        return self.name_of(value) if isinstance(value, str) and value else super().format_value(value)


class NamedField(forms.CharField):
    """Something that is kept as a code and typed by name, or as the code: both say the same."""

    def __init__(
        self, *, code_of: Callable[[str], str | None], name_of: Callable[[str], str], suggestions: str, **more: Any
    ) -> None:
        super().__init__(required=False, widget=_NameInput(name_of, suggestions=suggestions), **more)
        self.code_of = code_of

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self._code(initial), self._code(data))

    def _code(self, text: Any) -> Any:
        return (self.code_of(text.strip()) or text) if isinstance(text, str) and text.strip() else text


def country_field(**more: Any) -> NamedField:
    return NamedField(code_of=region_of, name_of=country_name, suggestions="countries", max_length=100, **more)


class DetailsForm(forms.Form):
    """The golden attributes as staff type them; empty means that staff say nothing."""

    is_partial = False  # somebody whose role does not see every field fills it in
    own: tuple[CustomDefinition, ...] = ()

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
    website = forms.CharField(label=LABELS["website"], max_length=LONGEST_VALUE, required=False)
    street = forms.CharField(label=LABELS["street"], max_length=LONGEST_VALUE, required=False)
    postal_code = forms.CharField(label=LABELS["postal_code"], max_length=40, required=False)
    city = forms.CharField(label=LABELS["city"], max_length=LONGEST_VALUE, required=False)
    region = forms.CharField(label=LABELS["region"], max_length=LONGEST_VALUE, required=False)
    country = country_field(label=LABELS["country"])
    language = NamedField(
        label=LABELS["language"], code_of=language_code, name_of=language_name, suggestions="languages", max_length=60
    )
    life_stage = forms.CharField(label=LABELS["life_stage"], max_length=LONGEST_VALUE, required=False)
    preferred_channel = forms.CharField(
        label=LABELS["preferred_channel"], max_length=100, required=False, widget=forms.Select
    )
    born_on = forms.DateField(
        label=LABELS["born_on"], required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, only: Collection[str] | None = None, **kwargs: Any) -> None:
        """With `only`, of the golden attributes just these; to make all of them takes longer than to check a few values."""
        if only is not None:
            left_out = set(GOLDEN_FIELDS).difference(only)
            fitting = {name: field for name, field in self.base_fields.items() if name not in left_out}
            self.base_fields = fitting  # type: ignore[misc]
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        if "preferred_channel" in self.fields:
            self._offer_channels()

    @property
    def suggestions(self) -> dict[str, Sequence[str]]:
        """What the fields offer, by the id of the list."""
        return {"countries": country_names(), "languages": language_names()}

    def _names_anew(self) -> bool:
        """Whether a missing name is to be composed."""
        return True

    def clean_country(self) -> str:
        return self._known_code(
            "country", region_of, _("Choose a country from the list, or write its two-letter code.")
        )

    def clean_preferred_channel(self) -> str:
        typed: str = self.cleaned_data["preferred_channel"]
        if typed and "preferred_channel" in self.changed_data and not is_channel(channel_code(typed)):
            raise forms.ValidationError(_("Choose a channel from the list."))
        return typed

    def _offer_channels(self) -> None:
        """Our channels, and what a source said instead."""
        said = self["preferred_channel"].value() or ""
        offered = [("", "—"), *((name, gettext(label)) for name, label in CHANNELS.items())]
        other = [] if is_channel(said) or not said else [(said, said)]
        widget = self.fields["preferred_channel"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [*offered, *other]

    def clean_language(self) -> str:
        return self._known_code("language", language_code, _("Choose a language from the list."))

    def _known_code(self, field: str, code_of: Callable[[str], str | None], refusal: Any) -> str:
        """What an import brought stays as it is until somebody types something else, and so does what only shows its name."""
        typed: str = self.cleaned_data[field]
        if not typed or field not in self.changed_data:
            return typed and str(self.data.get(self.add_initial_prefix(field), typed))
        if len(code_of(typed) or typed) != 2:
            raise forms.ValidationError(refusal)
        return typed

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("name") and self._names_anew():
            values["name"] = full_name(values.get("given_name"), values.get("family_name")) or ""
        if not self.errors and not self.is_partial and not any(values.get(field) for field in POINTING):
            raise forms.ValidationError(_("Give a name, an organization, an e-mail address or a phone number."))
        return values


class NewCustomerForm(DetailsForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices, initial=Kind.PERSON)

    field_order = ("kind", *GOLDEN_FIELDS)


class EditCustomerForm(DetailsForm):
    """`version` is the customer's when the form was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # the values as they were when the form was opened go with it, to tell what was changed here
            field.show_hidden_initial = name in GOLDEN_FIELDS

    @classmethod
    def of(cls, customer: Customer) -> EditCustomerForm:
        return cls(initial={"version": customer.version, **{f: getattr(customer, f) for f in GOLDEN_FIELDS}})

    @classmethod
    def again(
        cls,
        current: Customer,
        values: Mapping[str, Any],
        *,
        further: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
    ) -> EditCustomerForm:
        """The form over the newer version, with what was typed into the older one."""
        data: dict[str, Any] = {"version": current.version}
        for name in GOLDEN_FIELDS:
            saved = getattr(current, name)
            data[f"initial-{name}"] = "" if saved is None else saved
            data[name] = values.get(name, data[f"initial-{name}"])
        return cls(data | dict(further or {}), only=only)

    def _names_anew(self) -> bool:
        return not {"given_name", "family_name"}.isdisjoint(self.changed_data)

    @property
    def opened(self) -> dict[str, Any]:
        """What the fields held when the form was opened, as far as the form says it."""
        found = {}
        for name in GOLDEN_FIELDS:
            with suppress(KeyError, forms.ValidationError):
                found[name] = self.fields[name].to_python(self.data[f"initial-{name}"])
        return found

    @property
    def typed(self) -> dict[str, Any]:
        """The fields that were changed in the form; also those of which it does not say what they held."""
        opened = self.opened
        values = {name: self.cleaned_data[name] for name in GOLDEN_FIELDS if name in self.cleaned_data}
        return {
            name: value for name, value in values.items() if name not in opened or (opened[name] or "") != (value or "")
        }


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


class NotNowForm(forms.Form):
    """Why a proposed action is not taken now; it may be left out."""

    note = forms.CharField(label=_("Why not"), max_length=300, required=False)
