"""What pages and other rooms may ask: the settings of reports, the map of segments, a customer's traits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rapport.accounts import queries as accounts
from rapport.accounts.access import reach_of
from rapport.core.clock import business_day
from rapport.insight.models import CustomerWorth, SegmentRule, Snapshot, TraitRun
from rapport.insight.segments import DEFAULT_MAP, MONETARY_CHOICES

if TYPE_CHECKING:
    from rapport.accounts.models import User

COMPARED_MONTHS = 3


@dataclass(frozen=True)
class ReportSettings:
    """In which time zone days end and in which currency money is counted, and who said so.

    A currency of None means: the one that most orders are in.
    """

    zone: ZoneInfo
    currency: str | None
    said_by: str


def report_settings(*, time_zone: str = "") -> ReportSettings:
    """The business's own where it is set up; before that the zone asked for, that of the newest import, or UTC."""
    business = accounts.business()
    if business is not None:
        return ReportSettings(ZoneInfo(business.time_zone), business.currency, "the business")
    if time_zone:
        return ReportSettings(ZoneInfo(time_zone), None, "--time-zone")
    return ReportSettings(accounts.UTC_ZONE, None, "default")


def segment_rules() -> dict[tuple[int, int], str]:
    """The segment of every cell (recency band, frequency band); a cell without a rule has its default."""
    rules = SegmentRule.objects.values_list("recency_band", "frequency_band", "segment")
    return DEFAULT_MAP | {(recency, frequency): segment for recency, frequency, segment in rules}


def newest_run() -> TraitRun | None:
    return TraitRun.objects.order_by("-id").first()


def traits_currency() -> str:
    """The currency that the money among the traits is in; nothing before the first refresh."""
    run = newest_run()
    return run.currency if run is not None else ""


def worth_of(customer_id: int) -> CustomerWorth | None:
    """A customer's traits, for callers that let the customer through the gate already."""
    return CustomerWorth.objects.filter(customer_id=customer_id).first()


@dataclass(frozen=True)
class Visible:
    """How many of the customers who bought a person can list."""

    everything: bool
    customers: int


def visible_buyers(user: User) -> Visible:
    """How many of those the newest traits describe can `user` see in the list of customers?"""
    present = CustomerWorth.objects.visible_to(user).filter(customer__merged_into=None, customer__trashed_at=None)
    return Visible(reach_of(user).everything, present.count())


def usual_question(snapshot: Snapshot, run: TraitRun | None) -> dict[str, Any]:
    """What the worth page shows when nothing is asked: the day of the traits, compared with three months before."""
    as_of = run.as_of if run is not None else business_day(snapshot.started_at, zone=ZoneInfo(snapshot.time_zone))
    since = run.since if run is not None else months_before(as_of, COMPARED_MONTHS)
    return {"as_of": as_of, "since": since, "monetary": MONETARY_CHOICES[0][0]}


def months_before(day: date, months: int) -> date:
    """The same day `months` earlier, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(day)
