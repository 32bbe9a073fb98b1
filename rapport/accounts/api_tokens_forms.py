"""The form of a token for a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.accounts.forms import LONGEST_NAME
from rapport.accounts.rights import Right

_LIVES = [("7", _("7 days")), ("30", _("30 days")), ("90", _("90 days"))]


class TokenForm(forms.Form):
    """Only rights that the person has can be chosen."""

    name = forms.CharField(
        label=_("What the program is called"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("It stands in the audit trail behind your name."),
    )
    days = forms.TypedChoiceField(label=_("Works for"), choices=_LIVES, coerce=int, initial="30")
    rights = forms.MultipleChoiceField(label=_("It may"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any = None, *, offered: Sequence[Right]) -> None:
        super().__init__(data)
        field = self.fields["rights"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(right.name, right.label) for right in offered]
