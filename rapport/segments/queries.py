"""Reads of segments: who may know of which, who is in them, how they came about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count
from django.http import Http404

from rapport.accounts.access import reach_of
from rapport.core.remembering import remembered
from rapport.customers.access import OfVisibleCustomers
from rapport.customers.queries import visible_customer_ids
from rapport.records.layouts.sight import fields_to_ask
from rapport.segments.definitions import CUSTOMER, depends_on, named_beneath, names_offered
from rapport.segments.models import MemberBatch, Passage, Pending, Pick, Segment, SegmentMember

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_BATCHES = 2_000


def every_segment() -> list[Segment]:
    """All that are not in the trash, whoever may know of them."""
    return remembered(
        "segments.all", lambda: list(Segment.objects.live().select_related("state", "made_by").order_by("name", "pk"))
    )


def segments_seen_by(user: User) -> list[Segment]:
    """Those that ask nothing which is hidden from her role: who is in another would tell it."""
    segments, seen = every_segment(), names_offered(fields_to_ask(user, CUSTOMER))
    by_id = {each.public_id: each for each in segments}
    return [each for each in segments if named_beneath(each, by_id) <= seen]


def segments_in_trash(user: User) -> list[Segment]:
    """Those in the trash that ask nothing which is hidden from her role, the newest first."""
    seen = names_offered(fields_to_ask(user, CUSTOMER))
    by_id = {each.public_id: each for each in Segment.objects.all()}
    trashed = Segment.objects.exclude(trashed_at=None).order_by("-trashed_at", "-pk")
    return [each for each in trashed if named_beneath(each, by_id) <= seen]


def segment_or_404(user: User, public_id: UUID) -> Segment:
    found = next((each for each in segments_seen_by(user) if each.public_id == public_id), None)
    if found is None:
        raise Http404
    return found


def made_of(segment: Segment) -> list[Segment]:
    """The segments that are made of this one."""
    return depends_on(segment, every_segment())


def segments_of(customer_id: int, user: User) -> list[Segment]:
    """What the customer is in, of what `user` may know of; whoever asks was let through to the customer."""
    keys = set(SegmentMember.objects.filter(customer_id=customer_id).values_list("segment_id", flat=True))
    return [each for each in segments_seen_by(user) if each.pk in keys] if keys else []


def members_seen_by(user: User, segments: Sequence[Segment]) -> dict[int, int]:
    """How many members of each segment `user` may see."""
    if reach_of(user).everything:
        return {each.pk: each.state.member_count if hasattr(each, "state") else 0 for each in segments}
    members = SegmentMember.objects.filter(segment__in=segments, customer_id__in=visible_customer_ids(user))
    counted = members.values("segment_id").annotate(seen=Count("customer_id")).values_list("segment_id", "seen")
    return dict(counted.order_by())


def newest_batches(segment: Segment, *, most: int) -> list[MemberBatch]:
    return list(MemberBatch.objects.filter(segment=segment).order_by("-at", "-pk")[:most])


def members_over_time(segment: Segment, *, now: datetime, days: int) -> list[tuple[date, int]]:
    """(day, members at its end) for the last days, from the first on which there were any."""
    since = (now - timedelta(days=days)).date()
    batches = MemberBatch.objects.filter(segment=segment).order_by("-at", "-pk")[:MOST_BATCHES]
    by_day: dict[date, int] = {}
    for batch in reversed(batches):
        by_day[batch.at.date()] = batch.member_count
    if not by_day:
        return []
    first = max(min(by_day), since)
    count = next((by_day[day] for day in sorted(by_day, reverse=True) if day <= first), 0)
    points = []
    for offset in range((now.date() - first).days + 1):
        day = first + timedelta(days=offset)
        count = by_day.get(day, count)
        points.append((day, count))
    return points


def passages_of(batch_id: int) -> OfVisibleCustomers:
    """Who entered and who left in one batch."""
    return Passage.objects.filter(batch_id=batch_id)


def pick_of(segment: Segment, customer_id: int) -> Pick | None:
    found = Pick.objects.filter(segment=segment, customer_id=customer_id).select_related("added_by")
    return found.order_by("added_at").first()


def members_of(segment: Segment, *, most: int) -> list[int]:
    """Who is in it, the first of them; for work in nobody's name."""
    members = SegmentMember.objects.filter(segment=segment).order_by("customer_id")
    return list(members.values_list("customer_id", flat=True)[:most])


def somebody_waits() -> bool:
    return Pending.objects.exists()
