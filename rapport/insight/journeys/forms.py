"""What the journeys page can be asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rapport.customers.channels import CHANNELS
from rapport.customers.touchpoints import touchpoint_kinds
from rapport.insight.journeys.computing import GAP_DAYS, WITH, WITHOUT, JourneyQuestion
from rapport.insight.rfm.segments import Segment

GAPS = (14, 30, 90, 180, 365)
SHARES = {"main": 0.7, "most": 0.9, "all": 1.0}
_WITHIN = (MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2200, 12, 31)))
_Choices = list[tuple[str, str | Promise]]


def _segments() -> _Choices:
    return [("", _("All customers")), *Segment.choices]


def _channels() -> _Choices:
    return [("", _("Any channel")), *((code, _now(label)) for code, label in CHANNELS.items())]


def _outcomes() -> _Choices:
    kinds = touchpoint_kinds().values()
    having = [(WITH + kind.name, _now("With: %(kind)s") % {"kind": kind.label}) for kind in kinds]
    lacking = [(WITHOUT + kind.name, _now("Without: %(kind)s") % {"kind": kind.label}) for kind in kinds]
    return [("", _("Any outcome")), *having, *lacking]


def _gaps() -> _Choices:
    return [(str(days), ngettext("%(num)s day", "%(num)s days", days) % {"num": days}) for days in GAPS]


class JourneysForm(forms.Form):
    """Whose journeys, which of them, when one ends, and how many of their ways are drawn."""

    as_of = forms.DateField(label=_("As of"), validators=_WITHIN)
    segment = forms.ChoiceField(label=_("RFM group"), choices=_segments, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=_channels, required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=_outcomes, required=False)
    gap = forms.ChoiceField(label=_("A journey ends without a contact for"), choices=_gaps)
    ways = forms.ChoiceField(
        label=_("Ways"), choices=[("main", _("Main ways")), ("most", _("Most ways")), ("all", _("All ways"))]
    )

    def asked(self) -> JourneyQuestion | None:
        """The question, or None where it is not understood."""
        if not self.is_valid():
            return None
        said = self.cleaned_data
        return JourneyQuestion(
            as_of=said["as_of"], segment=said["segment"], channel=said["channel"], outcome=said["outcome"],
            gap_days=int(said["gap"]),
        )  # fmt: skip

    @property
    def share(self) -> float:
        """How much of all transitions the ways drawn carry at least."""
        return SHARES[self.cleaned_data["ways"]] if self.is_valid() else SHARES["main"]


def usual_answers(as_of: date) -> dict[str, Any]:
    """What is asked where nothing is said."""
    return {"as_of": as_of, "segment": "", "channel": "", "outcome": "", "gap": str(GAP_DAYS), "ways": "most"}
