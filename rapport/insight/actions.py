"""Refreshing: a new snapshot, the traits it yields, and the answers that pages will ask for first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapport.core.clock import business_day
from rapport.insight.five_worths.keeping import write_five_worths
from rapport.insight.lifetime.scores import write_lifetimes
from rapport.insight.marts.rfm import MONETARY
from rapport.insight.models import CustomerFiveWorths, CustomerLifetime, CustomerWorth, Snapshot, TraitRun
from rapport.insight.queries import COMPARED_MONTHS, ReportSettings, months_before, segment_rules, unit_amounts
from rapport.insight.reports import Engine, reports
from rapport.insight.traits import write_traits
from rapport.insight.warehouse.asking import ask_to_prepare_products
from rapport.insight.warehouse.refresh import How, Listener, make_snapshot
from rapport.segments.asking import ask_to_rebuild_reading

BACKGROUND = Engine(threads=2, memory="1GB")


@dataclass(frozen=True)
class Refreshed:
    snapshot: Snapshot
    traits: TraitRun


def refresh(
    *,
    settings: ReportSettings,
    now: datetime,
    listener: Listener | None = None,
    engine: Engine = BACKGROUND,
    how: How = How.USUAL,
) -> Refreshed:
    """Bring the warehouse, the traits of customers and the worth page up to what the database holds now."""
    snapshot = make_snapshot(zone=settings.zone, currency=settings.currency, now=now, listener=listener, how=how)
    as_of = business_day(now, zone=settings.zone)
    since = months_before(as_of, COMPARED_MONTHS)
    with reports(snapshot, rules=segment_rules(), engine=engine, afresh=True) as answers:
        with answers.noted("traits", (as_of, since)):
            traits = write_traits(answers, as_of=as_of, since=since, now=now)
        with answers.noted("lifetime_scores", (as_of,)):
            write_lifetimes(answers, as_of=as_of, now=now)
        with answers.noted("five_worths", (as_of,)):
            write_five_worths(answers, as_of=as_of, now=now, amounts=unit_amounts())
        for monetary in MONETARY:
            answers.rfm(as_of=as_of, monetary=monetary)
        answers.revenue(as_of=as_of)
        answers.newest_order_on()
        answers.moves(as_of=as_of, since=since)
    for scored in (CustomerWorth, CustomerLifetime, CustomerFiveWorths):
        ask_to_rebuild_reading(scored._meta.db_table)
    ask_to_prepare_products()
    return Refreshed(snapshot, traits)
