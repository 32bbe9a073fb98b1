"""The forms of a relationship between two customers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.customers.models import Relationship
from rapport.customers.relationships.actions import said_of
from rapport.customers.relationships.around import BACKWARD, direction_choices

LONGEST_ROLE = 200


class DayField(forms.DateField):
    def __init__(self, label: Any) -> None:
        super().__init__(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class RelationshipForm(forms.Form):
    """Role and time; the values as they were when the form was opened go with it."""

    role = forms.CharField(
        label=_("Role"), max_length=LONGEST_ROLE, required=False, help_text=_("Such as: buyer, husband, signs orders.")
    )
    since = DayField(_("Since"))
    until = DayField(_("Until"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in (self.fields[name] for name in ("role", "since", "until")):
            field.show_hidden_initial = True
            field.widget.attrs["autocomplete"] = "off"

    @classmethod
    def of(cls, relationship: Relationship) -> RelationshipForm:
        return cls(initial=said_of(relationship))

    @property
    def said(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("role", "since", "until")}

    @property
    def opened(self) -> dict[str, Any]:
        """What the fields held when the form was opened, as far as the form says it."""
        return {
            "role": str(self.data.get("initial-role", "")),
            "since": _day(self.data.get("initial-since")),
            "until": _day(self.data.get("initial-until")),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            raise forms.ValidationError(_("It cannot end before it began."))
        return values


class NewRelationshipForm(RelationshipForm):
    """`other` is the public id of one of the customers that were found."""

    kind = forms.ChoiceField(label=_("How"))
    other = forms.ChoiceField(label=_("Who"), widget=forms.RadioSelect)

    field_order = ("kind", "other", "role", "since", "until")

    def __init__(self, *args: Any, found: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, other = self.fields["kind"], self.fields["other"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(other, forms.ChoiceField)
        kind.choices, other.choices = direction_choices(), found

    @property
    def kind_chosen(self) -> str:
        return str(self.cleaned_data["kind"]).removesuffix(BACKWARD)

    @property
    def is_backward(self) -> bool:
        return str(self.cleaned_data["kind"]).endswith(BACKWARD)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None
