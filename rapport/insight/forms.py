"""What the worth page can be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from rapport.insight.segments import MONETARY_CHOICES

_EARLIEST = date(1970, 1, 1)


class WorthForm(forms.Form):
    """Which day the page looks from, which it compares with, and what the monetary band measures."""

    as_of = forms.DateField(label=_("As of"), validators=[MinValueValidator(_EARLIEST)])
    since = forms.DateField(label=_("Compare with"), validators=[MinValueValidator(_EARLIEST)])
    monetary = forms.ChoiceField(label=_("Monetary value"), choices=MONETARY_CHOICES)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("since") and values.get("as_of") and values["since"] >= values["as_of"]:
            self.add_error("since", _("Choose a day before the as-of day."))
        return values
