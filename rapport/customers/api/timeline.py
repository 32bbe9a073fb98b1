"""The timeline of a customer in the API: every contact on any channel, the newest first."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import Bearer
from rapport.accounts.queries import business_zone
from rapport.core.clock import utc_now
from rapport.customers import queries
from rapport.customers.permissions import VIEW
from rapport.records.api import LARGEST_PAGE, USUAL_PAGE, Instant, count_fetched, unknown_place
from rapport.records.places import UnknownPlace

router = Router(tags=["customers"])


class TimelineAsked(Schema):
    kind: str = Described("", max_length=60, description="Only this kind of contact.", examples=["call"])
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class TouchpointShown(Schema):
    """One contact between a customer and us."""

    id: str
    kind: str = Described(examples=["call"])
    channel: str = Described(examples=["call_center"])
    direction: str = Described(examples=["out"])
    occurred_at: Instant
    title: str
    detail: str
    text: str = Described(description="What was logged by hand.")
    is_closed: bool = Described(description="Whether the owner of the token may not see what it was about.")


class TimelineShown(Schema):
    items: list[TouchpointShown]
    next: str | None


@router.get("/customers/{uuid:public_id}/timeline", auth=Bearer(VIEW), response=TimelineShown)
def list_touchpoints(request: HttpRequest, public_id: UUID, asked: Query[TimelineAsked]) -> TimelineShown:
    """Calls, notes, visits, mails, orders, deliveries and whatever other channels brought in."""
    user = staff_user(request)
    found = queries.find_customer(user, public_id)
    try:
        page = queries.read_timeline(
            found, user=user, now=utc_now(), zone=business_zone(), kind=asked.kind, before=asked.after,
            size=asked.limit,
        )  # fmt: skip
    except UnknownPlace as error:
        raise unknown_place() from error
    entries = [entry for _heading, group in page.groups for entry in group]
    count_fetched(request, len(entries))
    items = [
        TouchpointShown(
            id=str(each.touchpoint.pk),
            kind=each.touchpoint.kind,
            channel=each.touchpoint.channel,
            direction=each.touchpoint.direction,
            occurred_at=each.touchpoint.occurred_at,
            title=each.title,
            detail=each.meta,
            text="" if each.is_closed else each.record.quote,
            is_closed=each.is_closed,
        )
        for each in entries
    ]
    return TimelineShown(items=items, next=page.earlier)
