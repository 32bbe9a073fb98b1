"""The form of what things cost and are worth."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from rapport.insight.five_worths.unit_values import (
    MICROS,
    MILLION,
    MINUTES,
    MONEY,
    PERCENT,
    UNITS,
    Amounts,
    Unit,
    referral_shares,
)

_MOST = {MONEY: Decimal(10_000), MINUTES: Decimal(1_440), PERCENT: Decimal(100)}
_IN = {MINUTES: _("{what}, in minutes"), PERCENT: _("{what}, in %")}
_DIGITS = {MONEY: 6, MINUTES: 2, PERCENT: 2}


def _field(unit: Unit) -> forms.DecimalField:
    label: Any = format_lazy(_IN[unit.kind], what=unit.label) if unit.kind in _IN else unit.label
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(0), max_value=_MOST[unit.kind], decimal_places=_DIGITS[unit.kind],
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip


class UnitValuesForm(forms.Form):
    """One amount for each of `UNITS`; an empty field is not set."""

    service_minute, minutes_call, minutes_visit, minutes_meeting, minutes_case, minutes_email = map(_field, UNITS[:6])
    cost_campaign_email, cost_campaign_direct_mail, cost_campaign_other, cost_delivery = map(_field, UNITS[6:10])
    value_survey, value_review, value_idea, value_beta_test = map(_field, UNITS[10:14])
    referral_share, referral_next = map(_field, UNITS[14:])

    @staticmethod
    def initial_of(amounts: Amounts) -> dict[str, Decimal]:
        """As they are typed: without zeros behind."""
        return {name: _typed(Decimal(amount) / MICROS) for name, amount in amounts.items()}

    def group(self, name: str) -> list[Any]:
        return [self[unit.name] for unit in UNITS if unit.group == name]

    def clean(self) -> dict[str, Any]:
        said: Mapping[str, Any] = self.cleaned_data
        if sum(referral_shares(self.amounts())) > MILLION:
            self.add_error("referral_share", _("Together the generations would be credited with more than there is."))
        return dict(said)

    def amounts(self) -> dict[str, int]:
        return {unit.name: int((self.cleaned_data.get(unit.name) or Decimal(0)) * MICROS) for unit in UNITS}


def _typed(value: Decimal) -> Decimal:
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()
