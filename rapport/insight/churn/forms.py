"""What the page of leaving can be asked to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.insight.churn.questions import ChurnQuestion
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.layouts.sight import hidden_names
from rapport.records.registry import FieldKind

if TYPE_CHECKING:
    from rapport.accounts.models import User

_CAN_SAY_WHO_LEFT = (FieldKind.BOOLEAN, FieldKind.CHOICE, FieldKind.TEXT, FieldKind.NUMBER)


class ChurnForm(forms.Form):
    """Which field says who left, by which value, and which others are known only afterwards; as far as somebody sees fields."""

    label = forms.ChoiceField(label=_("Learn from"), required=False)
    left = forms.CharField(label=_("Value that means left"), required=False, max_length=200)
    afterwards = forms.MultipleChoiceField(
        label=_("Known only afterwards"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        hidden = hidden_names(user, "customer")
        seen = [each for each in custom_fields_of("customer") if each.name not in hidden]
        saying = [(each.name, each.label) for each in seen if each.kind in _CAN_SAY_WHO_LEFT]
        self.fields["label"].choices = [("", _("Purchases")), *saying]  # type: ignore[attr-defined]
        self.fields["afterwards"].choices = [(each.name, each.label) for each in seen]  # type: ignore[attr-defined]

    @property
    def labels(self) -> list[str]:
        return [str(value) for value, _label in self.fields["label"].choices]  # type: ignore[attr-defined]

    def question(self) -> ChurnQuestion:
        said = self.cleaned_data
        if not said["label"]:
            return ChurnQuestion()
        afterwards = tuple(name for name in said["afterwards"] if name != said["label"])
        return ChurnQuestion(said["label"], said["left"].strip(), afterwards)
