"""The form of a view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rapport.records.permissions import SHARE
from rapport.records.saved_views.actions import LONGEST_NAME

if TYPE_CHECKING:
    from rapport.accounts.models import Role


class ViewForm(forms.Form):
    """What a view is called, where it stands, and, for those who may share, who else has it."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)
    is_pinned = forms.BooleanField(label=_("A tab above my list"), required=False)
    opens = forms.BooleanField(label=_("My list opens with it"), required=False)
    is_shared = forms.BooleanField(
        label=_("Shared with everybody who has this list"),
        required=False,
        help_text=_("Each of them sees the rows and fields that they may see, and no others."),
    )
    roles = forms.MultipleChoiceField(
        label=_("The list opens with it for these roles"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, may_share: bool, roles: Sequence[Role] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_share:
            self.fields["roles"].choices = [(str(role.public_id), role.name) for role in roles]  # type: ignore[attr-defined]
        else:
            del self.fields["is_shared"], self.fields["roles"]

    @property
    def why_not_shared(self) -> str:
        """For those who may not share: that it is so, and what would let them."""
        if "is_shared" in self.fields:
            return ""
        words = gettext("Your role does not share views: that needs the right “%(right)s”, which administrators give.")
        return words % {"right": SHARE.label}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("roles") and not values.get("is_shared"):
            self.add_error("is_shared", _("Only a shared view can be what a role begins with."))
        return values
