"""What the page of the customer base can be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from rapport.insight.customer_base.periods import CUSTOMERS, GRAIN_OF, PRODUCTS, BaseQuestion

RETENTION, ORDERS, VALUE = "retention", "orders", "value"
_WITHIN = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31)))


class BaseForm(forms.Form):
    """The day and the period that are looked at, how cohorts are cut, which one is followed, and what is shown of all."""

    as_of = forms.DateField(label=_("As of"), validators=_WITHIN)
    period = forms.ChoiceField(
        label=_("Period"), choices=[("year", _("A year")), ("quarter", _("Three months")), ("month", _("A month"))]
    )
    grain = forms.ChoiceField(
        label=_("Cohorts by"), choices=[("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year"))]
    )
    cohort = forms.RegexField(r"^\d{4}(-Q[1-4]|-\d\d)?\Z", label=_("Cohort"), required=False, max_length=7)
    measure = forms.ChoiceField(
        label=_("Of each cohort"),
        choices=[(RETENTION, _("Share who bought")), (ORDERS, _("Purchases of each")), (VALUE, _("Value of each"))],
    )
    of = forms.ChoiceField(choices=[(CUSTOMERS, _("Customers")), (PRODUCTS, _("Products"))])

    def question(self) -> BaseQuestion | None:
        """The question, or None where it is not understood."""
        if not self.is_valid():
            return None
        said = self.cleaned_data
        return BaseQuestion(as_of=said["as_of"], period=said["period"], grain=said["grain"], of=said["of"])


def usual_answers(as_of: date, *, period: str) -> dict[str, Any]:
    """What is asked where nothing is said."""
    return {
        "as_of": as_of.isoformat(),
        "period": "year",
        "grain": GRAIN_OF.get(period, "quarter"),
        "cohort": "",
        "measure": RETENTION,
        "of": CUSTOMERS,
    }
