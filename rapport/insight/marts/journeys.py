"""What customers do one after another: journeys, made of steps, and what follows what."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

VERSION = 1
_SECONDS_A_DAY = 86_400
_SPAN_SECONDS = 3_600
_PAIR = ("before", "activity")


def facts(raw_touchpoints: ir.Table, profile_customers: ir.Table, *, as_of: date) -> ir.Table:
    """Which contacts were there up to the end of a day, and whose are they today?

    One row per touchpoint of a known customer: touchpoint_id, customer_id, activity (its kind), channel, occurred_at.
    """
    counted = raw_touchpoints.filter(raw_touchpoints.occurred_on <= as_of)
    joined = counted.inner_join(profile_customers, counted.profile_id == profile_customers.profile_id)
    return joined.select(
        touchpoint_id=counted.touchpoint_id,
        customer_id=profile_customers.customer_id,
        activity=counted.kind,
        channel=counted.channel,
        occurred_at=counted.occurred_at,
    )


def moments(touchpoints: ir.Table, *, gap_days: int) -> ir.Table:
    """Which journey does each contact belong to, and what came before it?

    A journey ends where `gap_days` pass without a contact. Adds journey (1, 2, … of the customer), begins_journey, ends_journey,
    is_step (the same activity again at once is one step), and before, waited: the activity before and the seconds since it.
    """
    order = [touchpoints.occurred_at.asc(), touchpoints.touchpoint_id.asc()]
    dated = touchpoints.mutate(second=touchpoints.occurred_at.epoch_seconds().cast("int64"))
    earlier = ibis.window(group_by="customer_id", order_by=order)
    known = dated.mutate(
        before=dated.activity.lag().over(earlier),
        second_before=dated.second.lag().over(earlier),
        second_after=dated.second.lead().over(earlier),
    )
    waited, waits, gap = (
        known.second - known.second_before,
        known.second_after - known.second,
        gap_days * _SECONDS_A_DAY,
    )
    begun = known.mutate(
        begins_journey=waited.isnull() | (waited > gap), ends_journey=waits.isnull() | (waits > gap), waited=waited
    )
    so_far = ibis.window(
        group_by="customer_id",
        order_by=[begun.occurred_at.asc(), begun.touchpoint_id.asc()],
        preceding=None,
        following=0,
    )
    return begun.mutate(
        journey=begun.begins_journey.cast("int64").sum().over(so_far).cast("int64"),
        is_step=begun.begins_journey | (begun.activity != begun.before),
    ).select(
        "touchpoint_id", "customer_id", "journey", "activity", "channel", "occurred_at", "begins_journey", "ends_journey",
        "is_step", "before", "waited",
    )  # fmt: skip


def journeys(known_moments: ir.Table) -> ir.Table:
    """How many steps did each journey take, and where did it end?

    One row per customer and journey: contacts, steps, last_activity, last_at.
    """
    return known_moments.group_by(["customer_id", "journey"]).aggregate(
        contacts=known_moments.count().cast("int64"),
        steps=known_moments.count(where=known_moments.is_step).cast("int64"),
        last_activity=known_moments.activity.max(where=known_moments.ends_journey),
        last_at=known_moments.occurred_at.max(),
    )


def with_activity(known_moments: ir.Table, *, activity: str) -> ir.Table:
    """Which journeys have this activity in them? One row per customer and journey."""
    return known_moments.filter(known_moments.activity == activity).select("customer_id", "journey").distinct()


def on_channel(known_moments: ir.Table, *, channel: str) -> ir.Table:
    """Which journeys touched this channel? One row per customer and journey."""
    return known_moments.filter(known_moments.channel == channel).select("customer_id", "journey").distinct()


def activities(known_moments: ir.Table, known_journeys: ir.Table) -> ir.Table:
    """How often is each activity a step, of how many customers, how many journeys begin and how many end with it?

    One row per activity: steps, contacts, customers, began, ended.
    """
    ends = known_journeys.group_by("last_activity").aggregate(ended=known_journeys.count().cast("int64"))
    found = known_moments.group_by("activity").aggregate(
        steps=known_moments.count(where=known_moments.is_step).cast("int64"),
        contacts=known_moments.count().cast("int64"),
        customers=known_moments.customer_id.nunique().cast("int64"),
        began=known_moments.count(where=known_moments.begins_journey).cast("int64"),
    )
    joined = found.left_join(ends, found.activity == ends.last_activity)
    return joined.select(
        activity=found.activity, steps=found.steps, contacts=found.contacts, customers=found.customers, began=found.began,
        ended=ends.ended.fill_null(0),
    )  # fmt: skip


def follows(known_moments: ir.Table) -> ir.Table:
    """What follows what within a journey, how often, of how many customers, and after how long?

    One row per pair of activities: before, activity, steps, customers, waited_seconds (their sum) and median_seconds, the
    time that half of these steps do not exceed. The time runs from the last contact of the step before.
    """
    steps = known_moments.filter(known_moments.is_step, ~known_moments.begins_journey)
    steps = steps.mutate(span=(steps.waited / _SPAN_SECONDS).floor().cast("int64"))
    each = steps.group_by(*_PAIR, "customer_id").aggregate(steps=steps.count(), waited=steps.waited.sum().cast("int64"))
    totals = each.group_by(_PAIR).aggregate(
        steps=each.steps.sum().cast("int64"),
        customers=each.count().cast("int64"),
        waited_seconds=each.waited.sum().cast("int64"),
    )
    medians = _medians(steps).rename(before_of="before", activity_of="activity")
    joined = totals.join(medians, [totals.before == medians.before_of, totals.activity == medians.activity_of])
    return joined.select(*totals.columns, "median_seconds")


def _medians(steps: ir.Table) -> ir.Table:
    """The middle one of the waits of each pair: first the span of time in which it lies, then which of that span it is.

    To sort all steps by their wait would take several times as long.
    """
    spans = steps.group_by(*_PAIR, "span").aggregate(n=steps.count())
    running = spans.mutate(
        so_far=spans.n.sum().over(group_by=_PAIR, order_by=spans.span, rows=(None, 0)).cast("int64"),
        of_pair=spans.n.sum().over(group_by=_PAIR).cast("int64"),
    )
    sought = running.mutate(middle=((running.of_pair + 1) / 2).floor().cast("int64"))
    sought = sought.filter(sought.so_far >= sought.middle, sought.so_far - sought.n < sought.middle)
    sought = sought.select(
        of_before=sought.before,
        of_activity=sought.activity,
        of_span=sought.span,
        place=sought.middle - sought.so_far + sought.n,
    )
    near = steps.join(
        sought, [steps.before == sought.of_before, steps.activity == sought.of_activity, steps.span == sought.of_span]
    ).select(*_PAIR, "waited", "place")
    waits = near.group_by(*_PAIR, "waited", "place").aggregate(n=near.count())
    placed = waits.mutate(
        so_far=waits.n.sum().over(group_by=_PAIR, order_by=waits.waited, rows=(None, 0)).cast("int64")
    )
    reached = placed.filter(placed.so_far >= placed.place)
    return reached.group_by(*_PAIR).aggregate(median_seconds=reached.waited.min())
