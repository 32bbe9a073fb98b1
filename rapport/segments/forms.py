"""The forms of a segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.segments.actions import LONGEST_NAME
from rapport.segments.models import Segment


class SegmentForm(forms.Form):
    """What a segment is called, and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    note = forms.CharField(
        label=_("What it is for"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ListForm(forms.Form):
    """Which list that is filled by hand."""

    segment = forms.ChoiceField(label=_("List"))

    def __init__(self, *args: Any, lists: Sequence[Segment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_id = {str(each.public_id): each for each in lists}
        self.fields["segment"].choices = [(key, each.name) for key, each in self.by_id.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Segment:
        return self.by_id[self.cleaned_data["segment"]]
