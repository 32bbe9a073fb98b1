"""Keeping segments up to date: those who have changed are asked again soon, everybody once a day."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from rapport.accounts.queries import business, business_zone
from rapport.audit import actions as audit
from rapport.core.acting import SystemActor, acting
from rapport.core.clock import business_day
from rapport.core.retrying import retrying
from rapport.records.layouts.sight import fields_of_everybody
from rapport.segments.computing import compute
from rapport.segments.definitions import CUSTOMER, depends_on, in_order, named_beneath
from rapport.segments.models import Segment
from rapport.segments.queries import every_segment

SEGMENTS = SystemActor("segments")
CHUNK = 2_000
MOST_ONE_BY_ONE = 50_000


def catch_up(*, now: datetime) -> int:
    """Ask those who have changed whether they still fit; says how many were asked."""
    asked = 0
    while True:
        count = retrying(lambda: _catch_up_chunk(now=now))
        asked += count
        if count < CHUNK:
            return asked


def rebuild(segment_id: int | None = None, *, now: datetime, table: str = "") -> int:
    """Ask everybody, for one segment and those made of it, for those that read a table, or for all; says for how many."""
    segments = every_segment()
    if table:
        wanted = _reading(table, in_order(segments))
    elif segment_id is None:
        wanted = in_order(segments)
    else:
        wanted = [each for each in segments if each.pk == segment_id]
        wanted += [each for one in wanted for each in depends_on(one, segments)]
    for segment in wanted:
        retrying(lambda segment=segment: _rebuild_one(segment.pk, now=now))  # type: ignore[misc]
    return len(wanted)


def days_have_passed(*, now: datetime) -> bool:
    """Whether a day has begun since everybody was asked, or something is to be computed that never was."""
    if business() is None:
        return False
    today, zone = business_day(now, zone=business_zone()), business_zone()
    for segment in Segment.objects.live().select_related("state"):
        state = getattr(segment, "state", None)
        if state is None or state.computed_at is None or business_day(state.computed_at, zone=zone) < today:
            return True
    return False


def _reading(table: str, segments: list[Segment]) -> list[Segment]:
    """Those that ask, or are made of what asks, for a field of this table."""
    names = {
        field.name
        for field in fields_of_everybody(CUSTOMER).values()
        if field.join is not None and field.join.table == table
    }
    by_id = {each.public_id: each for each in segments}
    return [each for each in segments if named_beneath(each, by_id) & names]


def _catch_up_chunk(*, now: datetime) -> int:
    with acting(SEGMENTS, reason="segments.catch_up"), connection.cursor() as cursor:
        cursor.execute(
            "delete from segments_pending where customer_id = any(array("
            "select customer_id from segments_pending order by customer_id limit %s for update skip locked))"
            " returning customer_id",
            [CHUNK],
        )
        changed = [row[0] for row in cursor.fetchall()]
        if changed:
            for segment in in_order(every_segment()):
                compute(segment, now=now, only=changed)
        return len(changed)


def _rebuild_one(key: int, *, now: datetime) -> None:
    with acting(SEGMENTS, reason="segments.rebuild"):
        segment = Segment.objects.live().filter(pk=key).first()
        if segment is None:
            return
        batch = compute(segment, now=now)
        if batch is not None:
            audit.record_bulk("segments computed", {"segment": key, "entered": batch.entered, "left": batch.left})
