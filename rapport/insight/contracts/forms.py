"""Which fields of customers say when a contract began and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.insight.contracts.computing import ContractsAsked
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.layouts.sight import hidden_names
from rapport.records.registry import FieldKind

if TYPE_CHECKING:
    from rapport.accounts.models import User

EVERY = (("month", _("Month")), ("quarter", _("Quarter")), ("year", _("Year")))


class ContractsForm(forms.Form):
    """Two fields with days, as far as somebody sees them, and the time from one renewal to the next."""

    began = forms.ChoiceField(label=_("Contract began"))
    ended = forms.ChoiceField(label=_("Contract ended"))
    every = forms.ChoiceField(label=_("Renewed every"), choices=EVERY)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        hidden = hidden_names(user, "customer")
        self.days = [
            (each.name, each.label)
            for each in custom_fields_of("customer")
            if each.kind is FieldKind.DATE and each.name not in hidden
        ]
        for name in ("began", "ended"):
            self.fields[name].choices = self.days  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("began") and said.get("began") == said.get("ended"):
            self.add_error("ended", _("It takes another field than the one that says when the contract began."))
        return said

    def question(self) -> ContractsAsked:
        said = self.cleaned_data
        return ContractsAsked(began=said["began"], ended=said["ended"], every=said["every"])
