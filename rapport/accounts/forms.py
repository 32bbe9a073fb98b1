"""The forms of this room. Each takes the fields it declares, and nothing else that is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rapport.accounts.choices import currencies
from rapport.accounts.models import Role, Scope, Team, User
from rapport.accounts.rights import Right, all_rights

LONGEST_NAME = 200
LONGEST_PASSWORD = 256
ZONES_LIST = "time-zones"


class PasswordField(forms.CharField):
    """A new password, typed once, pasted or made by a password manager."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Password"),
            max_length=LONGEST_PASSWORD,
            strip=False,
            help_text=" ".join(password_validators_help_texts()[1:2]),
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        )


class TimeZoneField(forms.CharField):
    """A text with the list of zones below it, so that it can be searched; the page prints that list once."""

    def __init__(self, **options: Any) -> None:
        attrs = {"list": ZONES_LIST, "autocomplete": "off", "placeholder": "Europe/London", "data-time-zone": ""}
        super().__init__(label=_("Time zone"), max_length=64, widget=forms.TextInput(attrs=attrs), **options)

    def clean(self, value: Any) -> str:
        name = str(super().clean(value)).replace(" ", "_")
        if name and name not in available_timezones():
            raise ValidationError(_("Choose a time zone of the list, such as Europe/London."))
        return name


class NewPersonForm(forms.Form):
    """Somebody who chooses a name and a first password."""

    name = forms.CharField(
        label=_("Your name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = PasswordField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "password" in cleaned:
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                validate_password(cleaned["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class SetUpForm(NewPersonForm):
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("You will sign in with it."),
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    business_name = forms.CharField(
        label=_("Name of the business"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = TimeZoneField(help_text=_("Where the business counts its days. Type a city to find it."))
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=lambda: [("", _("Choose …")), *currencies()],
        help_text=_("The one all reports are in. It cannot be changed later."),
    )

    field_order = ("name", "email", "password", "business_name", "time_zone", "currency")


def _role_field() -> forms.ModelChoiceField:
    return NamedChoiceField(
        Role.objects.order_by("name"), label=_("Role"), to_field_name="public_id", empty_label=_("Choose …")
    )


def _team_field(label: Any) -> forms.ModelChoiceField:
    return NamedChoiceField(
        Team.objects.order_by("name"), label=label, to_field_name="public_id", required=False, empty_label=_("None")
    )


class NamedChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"))
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, required=False)
    role = _role_field()
    team = _team_field(_("Team"))


class MemberForm(forms.Form):
    role = _role_field()
    team = _team_field(_("Team"))


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("To sign in with. Both addresses get a mail that says so."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    parent = _team_field(_("Belongs to"))


class RoleForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    scope = forms.ChoiceField(label=_("Reaches"), choices=Scope.choices, widget=forms.RadioSelect)
    rights = forms.MultipleChoiceField(
        label=_("Rights"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(right.name, _label_of(right)) for right in all_rights()],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scope", Scope.ALL) != Scope.ALL:
            for right in all_rights():
                if right.reaches_everything and right.name in cleaned.get("rights", ()):
                    words = _("“%(right)s” reaches all records, whoever owns them; this role reaches only some.")
                    self.add_error("rights", words % {"right": right.label})
        return cleaned


def _label_of(right: Right) -> Any:
    return format_lazy("{} ({})", right.label, _("only if all is reached")) if right.reaches_everything else right.label


class ProfileForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    time_zone = TimeZoneField(required=False, help_text=_("Empty: the zone of the business."))
    theme = forms.ChoiceField(
        label=_("Appearance"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    start_page = forms.ChoiceField(
        label=_("Begin with"), required=False, help_text=_("The page after signing in, and behind the sign at the top.")
    )
    has_keyboard_keys = forms.BooleanField(
        label=_("Single-letter keyboard shortcuts"),
        required=False,
        help_text=_("Off, letters do nothing outside of fields. ⌘K or Ctrl K keeps working."),
    )

    def __init__(self, *args: Any, starts: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start_page"].choices = [("", _("As usual")), *starts]  # type: ignore[attr-defined]
