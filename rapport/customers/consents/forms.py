"""The forms of the consent pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.consents.ledger import CONSENT_CHANNELS, GRANTED, WITHDRAWN, channel_label, purposes
from rapport.customers.models import Purpose

LONGEST_ORIGIN = 200
LONGEST_WORDING = 4_000
MOST_DAYS = 36_500


class PlaceForm(forms.Form):
    """A purpose and a channel, by name."""

    purpose = forms.ChoiceField(label=_("For"))
    channel = forms.ChoiceField(label=_("By"))

    def __init__(self, *args: Any, retired: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["purpose"], [(each.name, each.label) for each in purposes(retired=retired)])
        _choose(self.fields["channel"], [(name, channel_label(name)) for name in CONSENT_CHANNELS])


class WithdrawForm(PlaceForm):
    """Withdrawing asks for nothing but what is withdrawn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, retired=True, **kwargs)


class RecordForm(PlaceForm):
    status = forms.ChoiceField(
        label=_("The customer said"), choices=[(GRANTED, _("yes")), (WITHDRAWN, _("no"))], initial=GRANTED
    )
    origin = forms.CharField(
        label=_("Where it was said"),
        max_length=LONGEST_ORIGIN,
        help_text=_("A call, a letter, a form at the till … This is the proof."),
    )
    said_on = forms.DateField(
        label=_("On"), required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=_("Empty: just now.")
    )
    expires_on = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: as the purpose says."),
    )
    wording = forms.CharField(
        label=_("In these words"),
        max_length=LONGEST_WORDING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Empty: the words of the purpose."),
    )


class PurposeForm(forms.Form):
    """`name` cannot be changed afterwards: the ledger names it."""

    label = forms.CharField(label=_("Name"), max_length=100)
    wording = forms.CharField(
        label=_("What the customer agrees to"),
        max_length=LONGEST_WORDING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_marketing = forms.BooleanField(
        label=_("Marketing: whoever opts out of a channel as a whole does not want it any more"), required=False
    )
    valid_days = forms.IntegerField(
        label=_("A yes ends after so many days"), required=False, min_value=1, max_value=MOST_DAYS
    )
    is_retired = forms.BooleanField(label=_("Not asked for any more"), required=False)

    @classmethod
    def of(cls, purpose: Purpose, data: Any = None) -> PurposeForm:
        return cls(
            data,
            initial={
                "label": purpose.label,
                "wording": purpose.wording,
                "is_marketing": purpose.is_marketing,
                "valid_days": purpose.valid_days,
                "is_retired": purpose.retired_at is not None,
            },
        )

    def values(self, *, now: datetime) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["retired_at"] = now if given.pop("is_retired") else None
        return given


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
