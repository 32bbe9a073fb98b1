"""What pages and other rooms may ask: the settings of reports, the map of segments, a customer's traits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, OuterRef, Subquery, Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from rapport.accounts import queries as accounts
from rapport.accounts.access import reach_of
from rapport.core import environment
from rapport.core.clock import business_day
from rapport.core.extracts import all_extracts
from rapport.core.remembering import remembered
from rapport.insight.models import (
    CustomerFiveWorths,
    CustomerLifetime,
    CustomerWorth,
    FiveWorthsRun,
    GroupMargin,
    LearnedModel,
    ScoreRun,
    SegmentRule,
    Snapshot,
    TraitRun,
    UnitValue,
)
from rapport.insight.rfm.segments import DEFAULT_MAP, DEFAULT_MARGINS, MONETARY_CHOICES
from rapport.insight.warehouse.asking import TASK
from rapport.records.imports.queries import newest_import_zone

if TYPE_CHECKING:
    from rapport.accounts.models import User

COMPARED_MONTHS = 3
OLDEST = timedelta(hours=1)
AFTER_CHANGES = timedelta(minutes=5)
FORETOLD = ("alive_percent", "expected_purchases", "expected_micros", "due_on", "repeats")
# what is written to a table in parts is counted with the parts
_WRITTEN = """
select whole.relname, sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del)::bigint
  from pg_stat_user_tables s left join pg_inherits part on part.inhrelid = s.relid
  join pg_class whole on whole.oid = coalesce(part.inhparent, s.relid)
 where s.schemaname = current_schema() and whole.relname = any(%s) group by whole.relname
"""


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
    imported = newest_import_zone()
    if imported:
        return ReportSettings(ZoneInfo(imported), None, "the newest import")
    return ReportSettings(accounts.UTC_ZONE, None, "nobody; set the business up, or name a --time-zone")


def segment_rules() -> dict[tuple[int, int], str]:
    """The segment of every cell (recency band, frequency band); a cell without a rule has its default."""
    rules = SegmentRule.objects.values_list("recency_band", "frequency_band", "segment")
    return DEFAULT_MAP | {(recency, frequency): segment for recency, frequency, segment in rules}


def group_margins() -> dict[str, int]:
    """How far beyond an edge somebody changes bands, by scale, in thousandths of a band."""
    return DEFAULT_MARGINS | dict(GroupMargin.objects.values_list("scale", "thousandths"))


def warehouse_folder() -> Path:
    return environment.home() / "warehouse"


def snapshot_folder(snapshot: Snapshot) -> Path:
    return warehouse_folder() / snapshot.folder


def current_snapshot() -> Snapshot | None:
    return Snapshot.objects.exclude(finished_at=None).order_by("-id").first()


def seen_changes() -> dict[str, int]:
    """How many rows were ever written or removed in the tables behind the extracts, by the server's own statistics.

    Equal numbers do not prove that nothing changed (they come up to a second late), different ones prove that something
    did, or that the server lost its statistics.
    """
    tables = sorted({table for extract in all_extracts() for table in extract.reads})
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN, [tables])
        return {name: int(changes) for name, changes in cursor.fetchall()}


def fresh_snapshot(*, settings: ReportSettings) -> Snapshot | None:
    """The current snapshot, if it was made with these settings, its files are there and nothing is known to have changed."""
    snapshot = current_snapshot()
    if snapshot is None or not snapshot_folder(snapshot).is_dir() or snapshot.time_zone != settings.zone.key:
        return None
    if settings.currency is not None and snapshot.currency != settings.currency:
        return None
    return snapshot if snapshot.seen_changes == seen_changes() else None


def refresh_is_due(*, now: datetime) -> bool:
    """Every hour (bands move as days pass), and soon after something changed; at once while there is nothing to show."""
    snapshot = current_snapshot()
    if snapshot is None or now - snapshot.started_at >= OLDEST:
        return True
    settled = now - snapshot.started_at >= AFTER_CHANGES or not snapshot.counts.get("orders")
    return settled and fresh_snapshot(settings=report_settings()) is None


def refresh_is_under_way() -> bool:
    """Whether somebody asked for a refresh that has not come to its end."""
    return bool(ProcrastinateJob.objects.filter(task_name=TASK, status__in=("todo", "doing")).exists())


def newest_run() -> TraitRun | None:
    return remembered("newest run", TraitRun.objects.order_by("-id").first)


def traits_currency() -> str:
    """The currency that the money among the traits is in; nothing before the first refresh."""
    run = newest_run()
    return run.currency if run is not None else ""


def worth_of(customer_id: int) -> CustomerWorth | None:
    """A customer's traits with what is foretold, for callers that let the customer through the gate already."""
    foretold = CustomerLifetime.objects.filter(customer_id=OuterRef("customer_id"))
    found = CustomerWorth.objects.filter(customer_id=customer_id).annotate(
        **{name: Subquery(foretold.values(name)) for name in FORETOLD}
    )
    return remembered(("worth", customer_id), found.first)


def unit_amounts() -> dict[str, int]:
    """What the business set, by name, in millionths of its unit; what is not set is not in it."""
    return dict(UnitValue.objects.values_list("name", "amount"))


def five_worths_of(customer_id: int) -> CustomerFiveWorths | None:
    """For callers that let the customer through the gate already."""
    return remembered(("five worths", customer_id), CustomerFiveWorths.objects.filter(customer_id=customer_id).first)


def newest_five_worths() -> FiveWorthsRun | None:
    return remembered("newest five worths", FiveWorthsRun.objects.order_by("-id").first)


def foretold_sums() -> dict[str, Any]:
    """What all customers together are foretold to bring in a year; None where nothing is foretold."""
    return CustomerLifetime.objects.aggregate(
        micros=Sum("expected_micros"), purchases=Sum("expected_purchases"), customers=Count("customer_id")
    )


def newest_model(kind: str) -> LearnedModel | None:
    """The model that scores of a kind are computed by now, or why there is none (`is_refused`)."""
    return LearnedModel.objects.filter(kind=kind).order_by("-id").first()


def newest_scores(kind: str) -> ScoreRun | None:
    """When the scores of a kind that stand now were written, with the model that said them."""
    return ScoreRun.objects.filter(model__kind=kind).select_related("model").order_by("-id").first()


@dataclass(frozen=True)
class Visible:
    """How many of the customers who bought a person can list; nobody counts them for who can list them all."""

    everything: bool
    customers: int | None


def visible_buyers(user: User) -> Visible:
    """How many of those the newest traits describe can `user` see in the list of customers?"""
    if reach_of(user).everything:
        return Visible(True, None)
    present = CustomerWorth.objects.visible_to(user).filter(customer__merged_into=None, customer__trashed_at=None)
    return Visible(False, present.count())


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
