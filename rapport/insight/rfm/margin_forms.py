"""The form of how far beyond the edge of a band of RFM somebody has to be to change into another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_PER_PERCENT = 10  # thousandths of a band


def _field(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_value=Decimal(100), decimal_places=1,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


class GroupMarginsForm(forms.Form):
    """A margin for each scale, in percent of a band."""

    recency = _field(_("Recency, in percent of a band"))
    frequency = _field(_("Frequency, in percent of a band"))

    @staticmethod
    def initial_of(margins: Mapping[str, int]) -> dict[str, str]:
        """As they are typed: without a zero behind."""
        return {name: f"{thousandths / _PER_PERCENT:g}" for name, thousandths in margins.items()}

    def margins(self) -> dict[str, int]:
        """By scale, in thousandths of a band."""
        return {name: int(value * _PER_PERCENT) for name, value in self.cleaned_data.items()}
