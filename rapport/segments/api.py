"""Segments in the API: which there are, what they ask, what a customer is in, and making and changing them.

Their members are the list of customers with the filter `in_segment.is:<id>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router, Schema
from pydantic import Field as Described
from pydantic import StringConstraints

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.api_problems import Problem
from rapport.accounts.queries import business_zone
from rapport.core.acting import acting
from rapport.core.clock import utc_now
from rapport.customers.permissions import VIEW
from rapport.customers.queries import find_customer
from rapport.records.api import (
    Instant,
    Strict,
    Undoable,
    changed_meanwhile,
    count_fetched,
    tell_version,
    undo_of,
    version_matched,
)
from rapport.records.filters.conditions import Reader, parse_filters
from rapport.records.layouts.sight import fields_to_ask
from rapport.records.registry import UnknownField
from rapport.segments import actions, noting
from rapport.segments.definitions import CUSTOMER, SegmentRefused, definition_of, texts_of
from rapport.segments.events import SegmentChanged, SegmentMade, SegmentTrashed
from rapport.segments.permissions import MAKE
from rapport.segments.queries import members_seen_by, segment_or_404, segments_of, segments_seen_by

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command
    from rapport.segments.models import Segment

RIGHTS = (VIEW, MAKE)
_LONGEST_NOTE = 500
Name = Annotated[str, StringConstraints(min_length=1, max_length=actions.LONGEST_NAME, strip_whitespace=True)]
Note = Annotated[str, StringConstraints(max_length=_LONGEST_NOTE, strip_whitespace=True)]
Filters = Annotated[list[Annotated[str, StringConstraints(max_length=2_000)]], Described(max_length=100)]
router = Router(tags=["segments"])
ROUTERS = (router,)


class NewSegment(Strict):
    """With filters it holds whoever fits; static, whoever is put into it."""

    name: Name = Described(examples=["Coffee regulars"])
    note: Note = ""
    filters: Filters = Described([], description="As `filter` of the list of customers.", examples=[["city.is:Porto"]])
    is_static: bool = False


class SegmentChanges(Strict):
    """What is to change; what is not sent stays."""

    name: Name | None = Described(None, examples=["Coffee regulars"])
    note: Note | None = None
    filters: Filters | None = Described(None, examples=[["city.is:Porto"]])


class SegmentShown(Undoable):
    """A segment that asks nothing which is hidden from the owner of the token."""

    id: UUID
    version: int
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


@router.post("/segments", auth=Bearer(MAKE), response={201: SegmentShown})
def create_segment(request: HttpRequest, response: HttpResponse, body: NewSegment) -> SegmentShown:
    """Keep what the list of customers is asked as a segment, or begin a list that is filled by hand."""
    user, now = staff_user(request), utc_now()
    definition = _definition(user, body.filters)
    try:
        with acting(user, request, reason=SegmentMade.name):
            made = actions.make_segment(
                _said(body.name), note=_said(body.note), definition=definition, is_static=body.is_static, by=user,
                made_by=user, now=now, request=request,
            )  # fmt: skip
            command = noting.note_made(made, by=user, now=now)
    except SegmentRefused as refusal:
        raise _refused(refusal) from refusal
    response["Location"] = reverse("api_get_segment", args=[made.public_id])
    return _told(response, user, made, command)


@router.get("/segments/{uuid:public_id}", auth=Bearer(VIEW), response=SegmentShown)
def get_segment(request: HttpRequest, response: HttpResponse, public_id: UUID) -> SegmentShown:
    """One segment."""
    user = staff_user(request)
    return _told(response, user, segment_or_404(user, public_id))


@router.patch("/segments/{uuid:public_id}", auth=Bearer(MAKE), response=SegmentShown)
def update_segment(request: HttpRequest, response: HttpResponse, public_id: UUID, body: SegmentChanges) -> SegmentShown:
    """Change what is sent and leave the rest. Needs If-Match with the ETag that was read."""
    user, now = staff_user(request), utc_now()
    found = segment_or_404(user, public_id)
    version = version_matched(request, found.version)
    definition = _definition(user, body.filters) if body.filters is not None else None
    name, note = (_said(text) if text is not None else None for text in (body.name, body.note))
    try:
        with acting(user, request, reason=SegmentChanged.name):
            changed = actions.change_segment(
                found, name=name, note=note, definition=definition, by=user, now=now, request=request
            )
            command = noting.note_changed_segment(found, changed, by=user, now=now)
    except SegmentRefused as refusal:
        raise _refused(refusal) from refusal
    if changed.version - (command is not None) != version:
        raise changed_meanwhile(changed.version - (command is not None))  # the transaction is taken back
    return _told(response, user, segment_or_404(user, public_id), command)


@router.delete("/segments/{uuid:public_id}", auth=Bearer(MAKE), response=Undoable)
def delete_segment(request: HttpRequest, public_id: UUID) -> Undoable:
    """Put it into the trash, unless others are made of it."""
    user, now = staff_user(request), utc_now()
    found = segment_or_404(user, public_id)
    try:
        with acting(user, request, reason=SegmentTrashed.name):
            was_there = actions.trash_segment(found, by=user, now=now, request=request)
            command = noting.note_trashed(found, by=user, now=now) if was_there else None
    except SegmentRefused as refusal:
        raise _refused(refusal) from refusal
    return Undoable(undo=undo_of(command))


@router.put("/segments/{uuid:public_id}/customers/{uuid:customer_id}", auth=Bearer(MAKE), response=Undoable)
def put_into_segment(request: HttpRequest, public_id: UUID, customer_id: UUID) -> Undoable:
    """Put a customer into a list that is filled by hand; many at once: `POST /bulk` with the act `put_into`."""
    return _move(request, public_id, customer_id, is_in=True)


@router.delete("/segments/{uuid:public_id}/customers/{uuid:customer_id}", auth=Bearer(MAKE), response=Undoable)
def take_out_of_segment(request: HttpRequest, public_id: UUID, customer_id: UUID) -> Undoable:
    """Take a customer out of a list that is filled by hand."""
    return _move(request, public_id, customer_id, is_in=False)


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


def _move(request: HttpRequest, public_id: UUID, customer_id: UUID, *, is_in: bool) -> Undoable:
    user, now, command = staff_user(request), utc_now(), None
    customer, found = find_customer(user, customer_id), segment_or_404(user, public_id)
    act = actions.put_into if is_in else actions.take_out
    try:
        with acting(user, request, reason="segments.put_into" if is_in else "segments.take_out"):
            if act(found, [customer.pk], by=user, now=now, request=request):
                command = noting.note_moved(found, customer.pk, is_in=is_in, by=user, now=now)
    except SegmentRefused as refusal:
        raise _refused(refusal) from refusal
    return Undoable(undo=undo_of(command))


def _definition(user: User, filters: Sequence[str]) -> str:
    """As it is kept; raises Problem 400 for what the registry does not know."""
    try:
        nodes = parse_filters(filters, fields=fields_to_ask(user, CUSTOMER), reader=Reader(user, business_zone()))
    except UnknownField as error:
        raise Problem(400, str(error)) from error
    return definition_of([each.parameter for each in nodes])


def _said(text: str) -> str:
    return text.replace("\0", "")


def _refused(refusal: Exception) -> Problem:
    return Problem(409, str(refusal), kind="segment-refused")


def _told(response: HttpResponse, user: User, segment: Segment, command: Command | None = None) -> SegmentShown:
    tell_version(response, segment.version)
    shown = _as_shown(segment, members_seen_by(user, [segment]).get(segment.pk, 0))
    shown.undo = undo_of(command)
    return shown


def _as_shown(segment: Segment, members: int) -> SegmentShown:
    state = getattr(segment, "state", None)
    return SegmentShown(
        id=segment.public_id, version=segment.version, name=segment.name, note=segment.note, is_static=segment.is_static,
        filters=texts_of(segment.definition), members=members,
        computed_at=state.computed_at if state is not None else None, undo=None,
    )  # fmt: skip
