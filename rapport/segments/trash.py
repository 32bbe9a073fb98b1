"""Segments in the trash, as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rapport.customers.permissions import VIEW
from rapport.records.command_log.noting import mark_undone
from rapport.records.trash.declaring import Bin, Handling, Trashed, TrashRefused
from rapport.segments.actions import restore_segment
from rapport.segments.definitions import SegmentRefused
from rapport.segments.models import Segment
from rapport.segments.noting import TRASHED
from rapport.segments.permissions import MAKE
from rapport.segments.queries import segments_in_trash

if TYPE_CHECKING:
    from rapport.accounts.models import User


def _shown(segment: Segment) -> Trashed:
    assert segment.trashed_at is not None
    return Trashed(segment.public_id, segment.name, segment.trashed_at)


def _rows(user: User, at_most: int) -> Sequence[Trashed]:
    return [_shown(each) for each in segments_in_trash(user)[:at_most]]


def _find(user: User, public_id: UUID) -> Trashed | None:
    return next((_shown(each) for each in segments_in_trash(user) if each.public_id == public_id), None)


def _names(user: User, ids: Sequence[int]) -> Mapping[int, str]:
    return {each.pk: each.name for each in segments_in_trash(user) if each.pk in ids}


def _restore(public_id: UUID, handling: Handling) -> bool:
    found = next((each for each in segments_in_trash(handling.by) if each.public_id == public_id), None)
    if found is None:
        return False
    try:
        done = restore_segment(found, by=handling.by, now=handling.now, request=handling.request)
    except SegmentRefused as refusal:
        raise TrashRefused(str(refusal)) from refusal
    mark_undone(TRASHED, {"segment": found.pk}, now=handling.now)
    return done


BINS = (
    Bin(
        "segment",
        _("Segments"),
        VIEW.name,
        rows=_rows,
        find=_find,
        names=_names,
        restore=_restore,
        restore_right=MAKE.name,
    ),
)
