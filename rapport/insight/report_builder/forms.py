"""The forms of reports and dashboards that somebody keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.insight.report_builder.actions import LONGEST_NAME
from rapport.insight.report_builder.models import Rhythm


class KeepForm(forms.Form):
    """What it is called and, for those who may share, whether others see it."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    is_shared = forms.BooleanField(
        label=_("Shared with everybody"),
        required=False,
        help_text=_("Each of them sees the numbers of what they may see, and no others."),
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"]


class MailForm(forms.Form):
    """How often it is mailed to oneself."""

    rhythm = forms.ChoiceField(label=_("Mail it to me"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rhythm"].choices = [("", _("Never")), *Rhythm.choices]  # type: ignore[attr-defined]


class ColleagueForm(forms.Form):
    """To whom else it is mailed, and how often; nobody but who works here can be chosen."""

    colleague = forms.ChoiceField(label=_("Colleague"))
    every = forms.ChoiceField(label=_("How often"), choices=Rhythm.choices, initial=Rhythm.WEEKLY)

    def __init__(self, *args: Any, colleagues: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["colleague"].choices = colleagues  # type: ignore[attr-defined]
