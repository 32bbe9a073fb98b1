"""The forms of this room: a task, a comment, and the narrowing of the list of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.work.actions import in_zone_of_business
from rapport.work.models import Priority, Task
from rapport.work.sentences import LONGEST

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_TITLE, LONGEST_TEXT = 300, 10_000
NOBODY = ""


class QuickTaskForm(forms.Form):
    """A task in one line: what, and by when. Without an assignee it is for who adds it."""

    title = forms.CharField(label=_("What is to do"), max_length=LONGEST_TITLE)
    due_on = forms.DateField(label=_("By when"), required=False)


class TaskForm(forms.Form):
    """All of a task. A time is one of `zone`, where its reader is; a day without a time is the same day everywhere."""

    title = forms.CharField(label=_("What is to do"), max_length=LONGEST_TITLE)
    text = forms.CharField(
        label=_("More about it"), max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    due_on = forms.DateField(
        label=_("Due on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    due_time = forms.TimeField(
        label=_("Due at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    assignee = forms.ChoiceField(label=_("Who does it"), required=False)
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int)
    remind_at = forms.DateTimeField(
        label=_("Remind from"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("From then on the task stands under “Today”."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: Sequence[User], zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by_id = {str(person.public_id): person for person in colleagues}
        self._zone = zone
        choices = [(NOBODY, _("Nobody yet")), *((key, person.name) for key, person in self._by_id.items())]
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def opening(cls, task: Task, *, colleagues: Sequence[User], zone: ZoneInfo) -> dict[str, Any]:
        """What the form of a task shows at first."""
        due = task.due_at.astimezone(zone) if task.due_at and task.has_due_time else None
        return {
            "title": task.title,
            "text": task.text,
            "due_on": due.date() if due else task.due_on,
            "due_time": due.time() if due else None,
            "assignee": str(task.assignee.public_id) if task.assignee is not None else NOBODY,
            "priority": task.priority,
            "remind_at": task.remind_at.astimezone(zone).replace(tzinfo=None) if task.remind_at else None,
            "version": task.version,
        }

    def clean_assignee(self) -> User | None:
        return self._by_id.get(self.cleaned_data["assignee"])

    def clean_remind_at(self) -> datetime | None:
        """Django reads it as a time of the request's zone; a program has none."""
        typed: datetime | None = self.cleaned_data["remind_at"]
        return typed.replace(tzinfo=self._zone) if typed is not None else None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("due_time") is not None and cleaned.get("due_on") is None and "due_on" not in self.errors:
            self.add_error("due_on", _("Say the day too, not only the time."))
        if cleaned.get("due_on") is not None and cleaned.get("due_time") is not None:
            cleaned |= in_zone_of_business(cleaned["due_on"], cleaned["due_time"], zone=self._zone)
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CommentForm(forms.Form):
    text = forms.CharField(label=_("Comment"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    private = forms.BooleanField(label=_("Only for me and whom I name"), required=False)


class QuickLogForm(forms.Form):
    """A contact, and with a day the task that follows from it. Day and time are those of who writes."""

    kind = forms.ChoiceField(label=_("Kind"))
    text = forms.CharField(
        label=_("What was said or done"), max_length=LONGEST, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    task = forms.CharField(label=_("What is to do"), max_length=LONGEST_TITLE, required=False)
    due_on = forms.DateField(
        label=_("Due on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    due_time = forms.TimeField(
        label=_("Due at"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("due_on") is not None and not cleaned.get("task") and "task" not in self.errors:
            self.add_error("task", _("Say what is to do, or take the day away."))
        return cleaned
