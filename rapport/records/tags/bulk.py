"""The act “Tag”: the selected rows get tags, and lose some."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.bulk.acts import Answers, Batch, BulkAct, Refused, Treated
from rapport.records.tags.actions import bring_back, ensure_tags
from rapport.records.tags.tagging import Tagging, TagRefused, checked_label, known_tags, read_labels, tagged_objects

if TYPE_CHECKING:
    from rapport.accounts.models import User

TAG_ROWS = 500
MOST_AT_ONCE = 20
ADD, TAKE = "add", "take"
ADD_VALUES, TAKE_VALUES = "add_values", "take_values"  # where tags themselves are merged or deleted
_LONGEST = 1_000


class TagForm(forms.Form):
    """Labels to add, new ones among them, and labels to take away."""

    page_part = "records/tags_bulk.html"

    add = forms.CharField(
        label=gettext_lazy("Add"), required=False, max_length=_LONGEST,
        help_text=gettext_lazy("Several with ; between them. What is new is made."),
        widget=forms.TextInput(attrs={"list": "tags-known", "autocomplete": "off"}),
    )  # fmt: skip
    take = forms.CharField(
        label=gettext_lazy("Take away"), required=False, max_length=_LONGEST,
        widget=forms.TextInput(attrs={"list": "tags-known", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, data: Mapping[str, Any] | None = None, *, object_name: str) -> None:
        super().__init__(data)
        self.object_name = object_name
        self.known = list(known_tags(object_name).values())

    def clean_add(self) -> str:
        return self._labels("add", must_exist=False)

    def clean_take(self) -> str:
        return self._labels("take", must_exist=True)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get(ADD) and not values.get(TAKE):
            raise forms.ValidationError(_("Name at least one tag."))
        return values

    def _labels(self, name: str, *, must_exist: bool) -> str:
        labels = read_labels(self.cleaned_data[name])
        known = {each.label.casefold() for each in self.known}
        unknown = [label for label in labels if label.casefold() not in known] if must_exist else []
        if unknown:
            raise forms.ValidationError(_("There is no tag “%(name)s”.") % {"name": unknown[0][:60]})
        if len(labels) > MOST_AT_ONCE:
            raise forms.ValidationError(_("At most %(count)s at once.") % {"count": MOST_AT_ONCE})
        try:
            return "; ".join(checked_label(label) for label in labels)
        except TagRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


def tag_act(object_name: str, right: str) -> BulkAct:
    """The act for a list whose room declares in tags/tagging.py that its records take tags."""
    return BulkAct(
        "tag", object_name, gettext_lazy("Tag"), right, apply=partial(_tag, object_name),
        undo=partial(_tag_back, object_name), ask=partial(_ask, object_name),
        what=gettext_lazy("Other tags of theirs stay."), picture="tag", batch_rows=TAG_ROWS, order=30,
    )  # fmt: skip


def _ask(object_name: str, user: User, data: Mapping[str, Any] | None) -> TagForm:
    return TagForm(data, object_name=object_name)


def _tag(object_name: str, batch: Batch) -> Answers:
    added = ensure_tags(object_name, read_labels(batch.answers.get(ADD, "")), by=batch.by)
    added += batch.answers.get(ADD_VALUES, "").split()
    labels = {each.label.casefold(): each.value for each in known_tags(object_name).values()}
    named = [label.casefold() for label in read_labels(batch.answers.get(TAKE, ""))]
    removed = [labels[label] for label in named if label in labels] + batch.answers.get(TAKE_VALUES, "").split()
    numbers = {key: number for number, (key,) in batch.rows.items()}
    answers = tagged_objects()[object_name].write(
        Tagging(dict.fromkeys(numbers, added), dict.fromkeys(numbers, removed), batch.by, batch.now)
    )
    return {numbers[key]: answer for key, answer in answers.items()}


def _tag_back(object_name: str, batch: Batch) -> Answers:
    """What was added goes, what was taken comes back, also where the tag itself was put away since."""
    numbers = {batch.rows[number][0]: number for number in batch.undo}
    undo = {key: batch.undo[number] for key, number in numbers.items()}
    bring_back(object_name, {value for each in undo.values() for value in each["removed"]}, by=batch.by)
    answers = tagged_objects()[object_name].write(
        Tagging(
            {key: each["removed"] for key, each in undo.items()}, {key: each["added"] for key, each in undo.items()},
            batch.by, batch.now,
        )
    )  # fmt: skip
    gone = Refused(_("It is not there any more, or you may not see it."))
    back = {key: Treated() if isinstance(answer, Treated) else answer for key, answer in answers.items()}
    return {number: back.get(key, gone) for key, number in numbers.items()}
