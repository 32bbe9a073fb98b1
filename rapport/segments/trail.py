"""What the trail calls what this room writes, and what of it a role that does not see all fields may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from rapport.audit.queries import TrailEntry
from rapport.audit.reading import Act, ActWord, Reason, Said, TableWords, TrailReader, Values
from rapport.records.layouts.sight import sees_all_fields
from rapport.records.lists.words import asked_in_words

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _read(user: User, entry: TrailEntry, values: Values) -> tuple[Values, list[Said]]:
    """What a segment asks, in words; it may name a field that is hidden."""
    if entry.table != "segments_segment":
        return values, []
    if not sees_all_fields(user):
        return (), []
    return tuple((name, _asked(value, user) if name == "definition" else value) for name, value in values), []


def _asked(value: Any, user: User) -> Any:
    """What was asked, or what it was before and after."""
    if isinstance(value, list):
        return [_asked(each, user) for each in value]
    return asked_in_words("customer", value, user=user) if value else value


READERS = (TrailReader("what segments ask", _read),)
WORDS = (ActWord("segment"), ActWord("entered", _("Entered")), ActWord("left", _("Left")))
ACTS = (Act("segments computed", _("Segments computed")),)
REASONS = (
    Reason("segments.segment_made", _("Segment made")),
    Reason("segments.segment_changed", _("Segment changed")),
    Reason("segments.segment_trashed", _("Segment put into the trash")),
    Reason("segments.put_into", _("Put into a list")),
    Reason("segments.take_out", _("Taken out of a list")),
    Reason("segments.rebuild", _("Segments computed")),
    Reason("segments.catch_up", _("Segments computed")),
)
TABLES = (
    TableWords(
        "segments_segment",
        _("Segment"),
        {
            "name": _("Name"), "note": _("What it is for"), "definition": _("Whom it holds"),
            "is_static": _("Filled by hand"), "made_by_id": _("Made by"), "made_at": _("Made"),
            "trashed_at": _("In the trash since"),
        },
        left_out=("version", "changed_at"),
    ),
    TableWords(
        "segments_pick",
        _("Entry of a list"),
        {
            "segment_id": _("Segment"), "customer_id": _("Customer"), "added_at": _("Added"),
            "added_by_id": _("Added by"),
        },
        left_out=("profile_id",),
    ),
)  # fmt: skip
