"""What customers do one after another: journeys, made of steps, and what follows what."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import ir

VERSION = 1
_SECONDS_A_DAY = 86_400


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

    A journey ends where `gap_days` pass without a contact. Adds second, journey (1, 2, … of the customer), begins_journey,
    is_step (the same activity again at once is one step), and before, waited: the activity before and the seconds since it.
    """
    order = [touchpoints.occurred_at.asc(), touchpoints.touchpoint_id.asc()]
    dated = touchpoints.mutate(second=touchpoints.occurred_at.epoch_seconds().cast("int64"))
    earlier = ibis.window(group_by="customer_id", order_by=order)
    known = dated.mutate(before=dated.activity.lag().over(earlier), second_before=dated.second.lag().over(earlier))
    waited = known.second - known.second_before
    begun = known.mutate(begins_journey=(waited.isnull() | (waited > gap_days * _SECONDS_A_DAY)), waited=waited)
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
        "touchpoint_id", "customer_id", "journey", "activity", "channel", "occurred_at", "begins_journey", "is_step", "before",
        "waited",
    )  # fmt: skip


def journeys(known_moments: ir.Table) -> ir.Table:
    """How many steps did each journey take, and where did it end?

    One row per customer and journey: contacts, steps, last_activity, last_at.
    """
    last = ibis.window(
        group_by=["customer_id", "journey"],
        order_by=[known_moments.occurred_at.desc(), known_moments.touchpoint_id.desc()],
    )
    placed = known_moments.mutate(place_from_end=ibis.row_number().over(last))
    is_last = placed.place_from_end == 0
    return placed.group_by(["customer_id", "journey"]).aggregate(
        contacts=placed.count().cast("int64"),
        steps=placed.is_step.cast("int64").sum().cast("int64"),
        last_activity=placed.activity.max(where=is_last),
        last_at=placed.occurred_at.max(),
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
        steps=known_moments.is_step.cast("int64").sum().cast("int64"),
        contacts=known_moments.count().cast("int64"),
        customers=known_moments.customer_id.nunique().cast("int64"),
        began=known_moments.begins_journey.cast("int64").sum().cast("int64"),
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
    pair = ["before", "activity"]
    steps = steps.mutate(one=ibis.literal(1, "int64"))
    ranked = steps.mutate(
        place=ibis.row_number().over(
            ibis.window(group_by=pair, order_by=[steps.waited.asc(), steps.touchpoint_id.asc()])
        ).cast("int64") + 1,
        of_pair=steps.one.sum().over(ibis.window(group_by=pair)).cast("int64"),
    )  # fmt: skip
    is_middle = (ranked.place * 2).isin((ranked.of_pair, ranked.of_pair + 1))
    return ranked.group_by(pair).aggregate(
        steps=ranked.count().cast("int64"),
        customers=ranked.customer_id.nunique().cast("int64"),
        waited_seconds=ranked.waited.sum().cast("int64"),
        median_seconds=ranked.waited.max(where=is_middle),
    )
