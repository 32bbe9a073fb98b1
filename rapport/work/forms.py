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
from rapport.work.reminders import MOST_DAYS
from rapport.work.sentences import LONGEST

if TYPE_CHECKING:
    from rapport.accounts.models import User

LONGEST_TITLE, LONGEST_TEXT = 300, 10_000
NOBODY = ""
BEFORE, AFTER = "before", "after"
UNSEEN = "unseen"
FOLLOWING = ("remind_days", "remind_way", "remind_field")
_WAYS = [(BEFORE, _("days before")), (AFTER, _("days after"))]


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
    remind_days = forms.IntegerField(
        label=_("Days"), required=False, min_value=0, max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    remind_way = forms.ChoiceField(label=_("Before or after"), required=False, choices=_WAYS)
    remind_field = forms.ChoiceField(
        label=_("a day of the record"),
        required=False,
        help_text=_("Then it moves with that day, and takes the place of the time above."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        colleagues: Sequence[User],
        zone: ZoneInfo,
        days: Sequence[tuple[str, Any]] = (),
        **kwargs: Any,
    ) -> None:
        """`days` are the date fields of the record that a reminder can follow."""
        super().__init__(*args, **kwargs)
        self.initial = dict(self.initial)
        self._followed = self.initial.get("remind_field", "")
        if self._followed and self._followed not in dict(days):  # it stays, and its name stays hidden
            self.initial["remind_field"], days = UNSEEN, [*days, (UNSEEN, _("a day that you do not see"))]
        self.fields["remind_field"].choices = [("", "—"), *days]  # type: ignore[attr-defined]
        if not days:
            for name in FOLLOWING:
                del self.fields[name]
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
            "remind_days": abs(task.remind_days) if task.remind_field else None,
            "remind_way": AFTER if task.remind_days < 0 else BEFORE,
            "remind_field": task.remind_field,
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
        """What is said of the task; the days of a reminder that follows a field with their sign."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in ("version", "remind_way")}
        if "remind_field" in said:
            said["remind_field"] = self._followed if said["remind_field"] == UNSEEN else said["remind_field"]
            days = said["remind_days"] or 0 if said["remind_field"] else 0
            said["remind_days"] = -days if self.cleaned_data["remind_way"] == AFTER else days
        return said


class AssigneeForm(forms.Form):
    """Who is to do many tasks; nobody, where that is left open."""

    assignee = forms.ChoiceField(label=_("Who does it"), required=False)

    def __init__(self, *args: Any, colleagues: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(each.public_id), each.name) for each in colleagues]
        self.fields["assignee"].choices = [(NOBODY, _("Nobody")), *people]  # type: ignore[attr-defined]


class DueForm(forms.Form):
    """The day by which many tasks are due, or none."""

    due_on = forms.DateField(
        label=_("Due on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    no_day = forms.BooleanField(label=_("On no day any more"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and (cleaned.get("due_on") is None) != cleaned["no_day"]:
            self.add_error("due_on", _("Either a day, or none."))
        return cleaned


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
