"""The own fields of a record as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from rapport.accounts.access import Grip
from rapport.accounts.queries import business
from rapport.records.custom_fields.declaring import custom_objects, shown_values
from rapport.records.layouts.sight import visible_custom_fields
from rapport.records.record_kinds import reaches

if TYPE_CHECKING:
    from rapport.accounts.models import User


def own_fields_panel(user: User, object_name: str, public_id: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What records/own_fields.html needs: the values this person may see, and where she may change them."""
    definitions = visible_custom_fields(user, object_name)
    of, found = custom_objects()[object_name], business()
    may_edit = bool(definitions) and of.write is not None and user.has_right(of.edit_right)
    may_edit = may_edit and reaches(user, Grip.CHANGE, object_name, public_id=public_id)
    return {
        "own_fields": shown_values(definitions, values, currency=found.currency if found else ""),
        "edit_own_url": reverse("own_fields", args=[object_name, public_id]) if may_edit else "",
    }
