"""The form of a field of one's own, as its maker describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from rapport.records.custom_fields.declaring import (
    MOST_CHOICES,
)
from rapport.records.models import CustomField, CustomKind

if TYPE_CHECKING:
    from rapport.records.custom_fields.mapping import Filling

LONGEST_LABEL = 60
LONGEST_HELP = 200
_CHOSEN = (CustomKind.CHOICE, CustomKind.CHOICES)
_JOINERS = "\u200c\u200d"  # words of Persian and of Indian languages are written with them
LEFT_OUT, AS_IT_IS = "", "as-it-is"


class FieldForm(forms.Form):
    """A field as its maker describes it. The kind stays as it was made."""

    label = forms.CharField(label=_("Label"), max_length=LONGEST_LABEL)
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomKind.choices)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=MOST_CHOICES * (LONGEST_LABEL + 2),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("One on each line, in the order in which they are offered. Only for the two kinds with choices."),
    )
    help_text = forms.CharField(
        label=_("Help"),
        max_length=LONGEST_HELP,
        required=False,
        help_text=_("Shown below the field where it is typed."),
    )
    is_required = forms.BooleanField(
        label=_("Must be filled in where it is typed"), required=False, help_text=_("Files may leave it out.")
    )
    is_column = forms.BooleanField(label=_("A column of the list"), required=False)
    is_searched = forms.BooleanField(
        label=_("Found by the search"), required=False, help_text=_("Text and links only.")
    )
    is_sorted = forms.BooleanField(
        label=_("The list can be sorted by it"),
        required=False,
        help_text=_("Text, numbers, amounts and dates only. Ready once its index is built."),
    )

    def __init__(self, *args: Any, known: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known is not None:
            del self.fields["kind"]
            if known.kind not in _CHOSEN:
                del self.fields["choices"]
        self._kind = known.kind if known is not None else ""
        for each in self.fields.values():
            each.widget.attrs.setdefault("autocomplete", "off")

    @classmethod
    def of(cls, field: CustomField, data: Any = None) -> FieldForm:
        named = ("label", "help_text", "is_required", "is_column", "is_searched", "is_sorted")
        initial = {name: getattr(field, name) for name in named}
        initial["choices"] = "\n".join(each["label"] for each in field.choices if not each["archived"])
        return cls(data, known=field, initial=initial)

    @property
    def choice_labels(self) -> list[str]:
        return list(self.cleaned_data.get("choices") or [])

    def clean_label(self) -> str:
        label = one_line(self.cleaned_data["label"])
        if not label:
            raise forms.ValidationError(self.fields["label"].error_messages["required"], code="required")
        return label

    def clean_choices(self) -> list[str]:
        lines = [one_line(line) for line in self.cleaned_data["choices"].splitlines()]
        labels = list({line.casefold(): line for line in lines if line}.values())
        if len(labels) > MOST_CHOICES:
            raise forms.ValidationError(_("At most %(count)s choices fit.") % {"count": MOST_CHOICES})
        if any(len(each) > LONGEST_LABEL for each in labels):
            raise forms.ValidationError(_("A choice may have %(count)s characters.") % {"count": LONGEST_LABEL})
        if any(set(each) & set(",;|") for each in labels):
            raise forms.ValidationError(_("A choice cannot have , ; or |, which stand between choices in files."))
        return labels

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kind = values.get("kind") or self._kind
        if kind in _CHOSEN and not values.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Name at least one choice."))
        return values


class FillingsForm(forms.Form):
    """Of each column of a file that nothing takes, of which kind the field is that it fills, or that it is left out."""

    def __init__(self, *args: Any, offered: Sequence[Filling], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offered = {f"kind-{each.position}": each for each in offered}
        made = [(kind.value, kind.label) for kind in CustomKind if kind not in _CHOSEN]
        for name, each in self._offered.items():
            takes = (
                [(AS_IT_IS, _("The field that is there: %(kind)s") % {"kind": each.kind_label})] if each.known else made
            )
            self.fields[name] = forms.ChoiceField(
                label=_("%(name)s becomes") % {"name": each.header}, choices=[*takes, (LEFT_OUT, _("Not taken"))],
                initial=AS_IT_IS if each.known else each.kind, required=False,
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Filling, BoundField]]:
        return [(each, self[name]) for name, each in self._offered.items()]

    @property
    def chosen(self) -> list[Filling]:
        """The columns that are taken, each with the kind that was chosen."""
        kinds = {name: kind for name, kind in self.cleaned_data.items() if kind != LEFT_OUT}
        return [
            each if kinds[name] == AS_IT_IS else replace(each, kind=kinds[name])
            for name, each in self._offered.items()
            if name in kinds
        ]


def one_line(text: str) -> str:
    """The text without breaks, controls and what is not seen, such as marks that turn its direction."""
    seen = "".join(c for c in " ".join(text.split()) if c.isprintable() or c in _JOINERS)
    return " ".join(seen.split()).strip(f" {_JOINERS}")
