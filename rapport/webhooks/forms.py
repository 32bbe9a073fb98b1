"""The forms of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rapport.core.environment import webhook_networks
from rapport.records.telling import outgoing_types
from rapport.webhooks.addresses import LONGEST_URL, UrlRefused, read_url
from rapport.webhooks.wording import REFUSED

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_DESCRIPTION = 200


class EndpointForm(forms.Form):
    """Where messages go, and of what."""

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST_URL,
        widget=forms.TextInput(attrs={"type": "url", "autocomplete": "off"}),
        help_text=_("It gets a POST for each event. Redirects are not followed."),
    )
    description = forms.CharField(
        label=_("What it is called"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    types = forms.MultipleChoiceField(label=_("It is told when"), widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["types"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(outgoing_types(user).items())

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        try:
            read_url(url, own=webhook_networks())
        except UrlRefused as refusal:
            raise ValidationError(str(REFUSED[refusal.code])) from refusal
        return url

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("url", "description", "types")}


class ReplayForm(forms.Form):
    """From when on everything is sent again; in the zone of the reader."""

    since = forms.DateTimeField(
        label=_("Everything since"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
