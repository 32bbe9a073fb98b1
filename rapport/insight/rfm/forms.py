"""What the worth page can be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from rapport.insight.queries import COMPARED_MONTHS, months_before
from rapport.insight.rfm.segments import MONETARY_CHOICES

_WITHIN = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31)))


class WorthForm(forms.Form):
    """Which day the page looks from, which it compares with, and what the monetary band measures.

    The compared day follows the other one, unless somebody chose it: `followed` is the day that the page itself put
    there, so that the same day sent back was not chosen.
    """

    as_of = forms.DateField(label=_("As of"), validators=_WITHIN)
    since = forms.DateField(label=_("Compare with"), required=False, validators=_WITHIN)
    followed = forms.CharField(required=False)
    monetary = forms.ChoiceField(label=_("Monetary value"), choices=MONETARY_CHOICES)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if values.get("as_of") and "since" not in self.errors and self._follows(values.get("since")):
            values["since"] = months_before(values["as_of"], COMPARED_MONTHS)
            values["followed"] = values["since"].isoformat()
        else:
            values["followed"] = ""
        if values.get("since") and values.get("as_of") and values["since"] >= values["as_of"]:
            self.add_error("since", _("Choose a day before the as-of day."))
        return values

    def asked(self) -> dict[str, Any] | None:
        """The question, or None where it is not understood."""
        return {name: self.cleaned_data[name] for name in ("as_of", "since", "monetary")} if self.is_valid() else None

    def shown(self) -> dict[str, Any]:
        """What the fields hold now: the compared day may have followed the other one."""
        return self.cleaned_data if self.is_valid() else {name: self[name].value() for name in self.fields}

    def _follows(self, since: date | None) -> bool:
        return since is None or since.isoformat() == self.cleaned_data.get("followed")
