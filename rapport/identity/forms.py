"""The forms of this room: a rule, a value that points at nobody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.identity.models import IdentifierRule


class RuleForm(forms.Form):
    most_customers = forms.IntegerField(
        label=_("Most customers that may state the same value"),
        min_value=2,
        max_value=50,
        help_text=_("A value that more of them state joins nobody, and stands with the pairs in doubt."),
    )
    joins = forms.BooleanField(label=_("Joins customers"), required=False)
    typed_joins = forms.BooleanField(label=_("Also where staff typed it in"), required=False)

    @classmethod
    def of(cls, rule: IdentifierRule, data: Any) -> RuleForm:
        names = ("most_customers", "joins", "typed_joins")
        return cls(
            data, initial={name: getattr(rule, name) for name in names}, prefix=None, auto_id=f"id_{rule.kind}_%s"
        )


class BlockForm(forms.Form):
    value = forms.CharField(
        label=_("Value"),
        max_length=200,
        help_text=_("As a whole; or “info@” for every such mailbox, or “@example.com” for everybody there."),
    )
    note = forms.CharField(label=_("Why"), max_length=200, required=False)
