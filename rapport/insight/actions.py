"""Refreshing: a new snapshot, the traits it yields, and the answers that pages will ask for first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapport.core.clock import business_day
from rapport.insight.marts.rfm import MONETARY
from rapport.insight.models import Snapshot, TraitRun
from rapport.insight.queries import COMPARED_MONTHS, ReportSettings, months_before, segment_rules
from rapport.insight.refresh import Listener, current_snapshot, make_snapshot, seen_changes
from rapport.insight.reports import Engine, moves_report, revenue_report, rfm_report
from rapport.insight.traits import write_traits

BACKGROUND = Engine(threads=2, memory="1GB")


@dataclass(frozen=True)
class Refreshed:
    snapshot: Snapshot
    traits: TraitRun


def refresh(
    *, settings: ReportSettings, now: datetime, listener: Listener | None = None, engine: Engine = BACKGROUND
) -> Refreshed:
    """Bring the warehouse, the traits of customers and the worth page up to what the database holds now."""
    snapshot = make_snapshot(zone=settings.zone, currency=settings.currency, now=now, listener=listener)
    as_of, rules = business_day(now, zone=settings.zone), segment_rules()
    since = months_before(as_of, COMPARED_MONTHS)
    traits = write_traits(snapshot, as_of=as_of, since=since, rules=rules, now=now, engine=engine)
    for monetary in MONETARY:
        rfm_report(snapshot, as_of=as_of, monetary=monetary, rules=rules, engine=engine)
    revenue_report(snapshot, as_of=as_of, engine=engine)
    moves_report(snapshot, as_of=as_of, since=since, rules=rules, engine=engine)
    return Refreshed(snapshot, traits)


def fresh_snapshot(*, settings: ReportSettings) -> Snapshot | None:
    """The current snapshot, if it was made with these settings and nothing is known to have changed since."""
    snapshot = current_snapshot()
    if snapshot is None or snapshot.time_zone != settings.zone.key:
        return None
    if settings.currency is not None and snapshot.currency != settings.currency:
        return None
    return snapshot if snapshot.seen_changes == seen_changes() else None
