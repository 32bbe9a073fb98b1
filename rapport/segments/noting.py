"""What is kept of an act on segments, so that it can be undone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rapport.records.command_log.noting import Command, note_command
from rapport.segments.models import Segment

if TYPE_CHECKING:
    from rapport.accounts.models import User

MADE, CHANGED, TRASHED = "segments.made", "segments.changed", "segments.trashed"
PUT, TAKEN = "segments.put", "segments.taken"
TOLD = ("name", "note", "definition")


def note_made(segment: Segment, *, by: User, now: datetime) -> Command:
    return note_command(MADE, {"segment": segment.pk, "version": segment.version}, by=by, now=now)


def note_changed_segment(before: Segment, after: Segment, *, by: User, now: datetime) -> Command | None:
    """Nothing where nothing was changed."""
    said = {name: getattr(before, name) for name in TOLD if getattr(before, name) != getattr(after, name)}
    if not said:
        return None
    return note_command(CHANGED, {"segment": after.pk, "version": after.version, "before": said}, by=by, now=now)


def note_trashed(segment: Segment, *, by: User, now: datetime) -> Command:
    return note_command(TRASHED, {"segment": segment.pk}, by=by, now=now)


def note_moved(segment: Segment, customer_id: int, *, is_in: bool, by: User, now: datetime) -> Command:
    arguments = {"segment": segment.pk, "customer": customer_id}
    return note_command(PUT if is_in else TAKEN, arguments, by=by, now=now, customer_id=customer_id)
