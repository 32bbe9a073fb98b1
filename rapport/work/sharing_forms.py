"""The forms of who sees what: one shares a record, the other asks what somebody can see."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.accounts.queries import TeamRow, business_zone
from rapport.core.clock import business_day

if TYPE_CHECKING:
    from rapport.accounts.models import Role, Team, User

READ, EDIT = "read", "edit"


class ShareForm(forms.Form):
    whom = forms.ChoiceField(label=_("With"))
    may = forms.ChoiceField(label=_("To"), choices=[(READ, _("Read")), (EDIT, _("Read and change"))], initial=READ)
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Without one it is shared until somebody stops it."),
    )

    def __init__(
        self, *args: Any, people: Iterable[User], teams: Iterable[TeamRow], without: User, now: datetime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = [person for person in people if person.pk != without.pk]
        rows = list(teams)
        self._whom: dict[str, User | Team] = {f"person:{each.public_id}": each for each in others}
        self._whom |= {f"team:{row.team.public_id}": row.team for row in rows}
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose …")),
            (_("Colleagues"), [(f"person:{each.public_id}", each.name) for each in others]),
            (_("Teams, with those below them"), [(f"team:{row.team.public_id}", row.team.name) for row in rows]),
        ]
        self._now = now

    def clean_whom(self) -> User | Team:
        return self._whom[self.cleaned_data["whom"]]

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until < business_day(self._now, zone=business_zone()):
            raise forms.ValidationError(_("This day is over."))
        return until


class SeeingForm(forms.Form):
    """Of whom or of which role, and the address of a record where it is about one."""

    NO_RECORD: ClassVar = _("There is no record at this address, or you do not see it yourself.")

    whom = forms.ChoiceField(label=_("Who"))
    link = forms.CharField(
        label=_("Address of a record"),
        max_length=500,
        required=False,
        help_text=_("Copied from its page. Without one the answer is about every kind of record."),
    )

    def __init__(self, *args: Any, people: Iterable[User], roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff, known = list(people), list(roles)
        self._whom: dict[str, User | Role] = {f"person:{each.public_id}": each for each in staff}
        self._whom |= {f"role:{each.public_id}": each for each in known}
        self.fields["whom"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose …")),
            (_("People"), [(f"person:{each.public_id}", each.name) for each in staff]),
            (_("Roles"), [(f"role:{each.public_id}", each.name) for each in known]),
        ]

    def clean_whom(self) -> User | Role:
        return self._whom[self.cleaned_data["whom"]]
