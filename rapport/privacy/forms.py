"""Forms: restricting, erasing, and how long something is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.restrictions import GROUNDS
from rapport.privacy.keeping import LONGEST_DAYS
from rapport.privacy.models import Ground


class RestrictForm(forms.Form):
    ground = forms.ChoiceField(label=_("Why"), choices=[("", "—"), *GROUNDS])
    note = forms.CharField(
        label=_("More about it"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class LiftForm(forms.Form):
    told = forms.BooleanField(
        label=_("The person was told that the restriction ends"),
        help_text=_("The law wants it said before, not after."),
    )


class EraseForm(forms.Form):
    """Why, and the name typed again: whoever types it has read whom this is about."""

    ground = forms.ChoiceField(label=_("Why"), choices=[("", "—"), *Ground.choices])
    name = forms.CharField(label=_("The name of the customer, as it stands above"), max_length=1000, strip=True)

    def __init__(self, data: Any = None, *, called: str) -> None:
        super().__init__(data)
        self._called = called

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if " ".join(typed.split()).casefold() != " ".join(self._called.split()).casefold():
            raise forms.ValidationError(_("This is not the name of the customer."))
        return typed


class KeepForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days"), min_value=0, max_value=LONGEST_DAYS, required=False,
        help_text=_("Nothing here means that it is kept until it is removed by hand."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """For ever is what somebody says by emptying the field, not what a form without it says."""
        if "days" not in self.data:
            raise forms.ValidationError(_("Say for how many days."))
        return self.cleaned_data
