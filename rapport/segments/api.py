"""Segments in the API: which there are, what they ask, and what a customer is in.

Their members are the list of customers with the filter `in_segment.is:<id>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.customers.permissions import VIEW
from rapport.customers.queries import find_customer
from rapport.records.api import Instant, count_fetched
from rapport.segments.definitions import texts_of
from rapport.segments.queries import members_seen_by, segment_or_404, segments_of, segments_seen_by

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.segments.models import Segment

RIGHTS = (VIEW,)
router = Router(tags=["segments"])
ROUTERS = (router,)


class SegmentShown(Schema):
    """A segment that asks nothing which is hidden from the owner of the token."""

    id: UUID
    name: str = Described(examples=["Coffee regulars"])
    note: str
    is_static: bool = Described(description="Whether it is filled by hand rather than by what it asks.")
    filters: list[str] = Described(
        description="What it asks, as `filter` of the list of customers.", examples=[["city.is:Porto"]]
    )
    members: int = Described(description="How many customers the owner of the token sees in it.")
    computed_at: Instant | None = Described(description="When all customers were asked last.")


class SegmentsShown(Schema):
    items: list[SegmentShown]


@router.get("/segments", auth=Bearer(VIEW), response=SegmentsShown)
def list_segments(request: HttpRequest) -> SegmentsShown:
    """All segments, by their name."""
    return _shown(request, segments_seen_by(staff_user(request)))


@router.get("/segments/{uuid:public_id}", auth=Bearer(VIEW), response=SegmentShown)
def get_segment(request: HttpRequest, public_id: UUID) -> SegmentShown:
    """One segment."""
    user = staff_user(request)
    return _one(user, segment_or_404(user, public_id))


@router.get("/customers/{uuid:public_id}/segments", auth=Bearer(VIEW), response=SegmentsShown)
def list_customer_segments(request: HttpRequest, public_id: UUID) -> SegmentsShown:
    """The segments that a customer is in."""
    user = staff_user(request)
    return _shown(request, segments_of(find_customer(user, public_id).pk, user))


def _shown(request: HttpRequest, found: list[Segment]) -> SegmentsShown:
    user = staff_user(request)
    counts = members_seen_by(user, found)
    count_fetched(request, len(found))
    return SegmentsShown(items=[_as_shown(each, counts.get(each.pk, 0)) for each in found])


def _one(user: User, segment: Segment) -> SegmentShown:
    return _as_shown(segment, members_seen_by(user, [segment]).get(segment.pk, 0))


def _as_shown(segment: Segment, members: int) -> SegmentShown:
    state = getattr(segment, "state", None)
    return SegmentShown(
        id=segment.public_id, name=segment.name, note=segment.note, is_static=segment.is_static,
        filters=texts_of(segment.definition), members=members,
        computed_at=state.computed_at if state is not None else None,
    )  # fmt: skip
