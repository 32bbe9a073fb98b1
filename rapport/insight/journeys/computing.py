"""The journeys of customers as a report: steps, what follows what, and where customers drop out."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date

from ibis import ir

from rapport.insight.long_answers import LongAnswer
from rapport.insight.marts import journeys as mart
from rapport.insight.models import Snapshot
from rapport.insight.reports import Report, Reports, rows

TABLE = "touchpoints"
GAP_DAYS = 90
ANYTHING, WITH, WITHOUT = "", "with:", "without:"


@dataclass(frozen=True)
class JourneyQuestion:
    """Whose journeys, and which of them.

    `segment` is a segment of customers as of the day, `channel` one that the journey touched, `outcome` an activity
    that the journey has (`with:order`) or has not (`without:order`); empty means all. A journey ends where `gap_days` pass
    without a contact.
    """

    as_of: date
    segment: str = ""
    channel: str = ""
    outcome: str = ANYTHING
    gap_days: int = GAP_DAYS


def journey_report(answers: Reports, question: JourneyQuestion) -> Report:
    """Journeys, activities and what follows what, up to the end of a business day.

    Of journeys: began (all begin and end once), customers, contacts, steps. Seconds are whole ones.
    """

    def compute() -> Report:
        moments = chosen_moments(answers, question)
        ended = answers.warehouse.keep(_name("ended", question), lambda: mart.journeys(moments))
        totals = ended.aggregate(
            journeys=ended.count().cast("int64"),
            customers=ended.customer_id.nunique().cast("int64"),
            contacts=ended.contacts.sum().cast("int64"),
            steps=ended.steps.sum().cast("int64"),
        )
        return {
            "mart": f"journeys v{mart.VERSION}",
            "as_of": question.as_of.isoformat(),
            "gap_days": question.gap_days,
            **{name: count or 0 for name, count in rows(totals)[0].items()},
            "activities": rows(mart.activities(moments, ended), order_by="activity"),
            "follows": rows(mart.follows(moments), order_by=("before", "activity")),
        }

    return answers.answer("journeys", astuple(question), compute)


JOURNEYS = LongAnswer(
    "journeys",
    JourneyQuestion,
    journey_report,
    is_empty=lambda report: not report["journeys"],
    tables=(TABLE,),
    since=(TABLE, "occurred_on"),
)


def has_journeys(snapshot: Snapshot) -> bool:
    """Whether this snapshot holds contacts at all: those of before the warehouse kept them do not."""
    return bool(snapshot.counts.get(TABLE))


def chosen_moments(answers: Reports, question: JourneyQuestion) -> ir.Table:
    """The moments of the journeys asked for, computed once."""
    warehouse = answers.warehouse

    def compute() -> ir.Table:
        facts = mart.facts(warehouse.table(TABLE), warehouse.table("profile_customers"), as_of=question.as_of)
        if question.segment:
            segmented = answers.segmented(as_of=question.as_of)
            facts = facts.semi_join(segmented.filter(segmented.segment == question.segment), "customer_id")
        moments = mart.moments(facts, gap_days=question.gap_days)
        if question.channel:
            moments = moments.semi_join(mart.on_channel(moments, channel=question.channel), ["customer_id", "journey"])
        if question.outcome:
            is_with = question.outcome.startswith(WITH)
            marked = mart.with_activity(moments, activity=question.outcome.partition(":")[2])
            join = moments.semi_join if is_with else moments.anti_join
            moments = join(marked, ["customer_id", "journey"])
        return moments

    return warehouse.keep(_name("moments", question), compute)


def _name(of: str, question: JourneyQuestion) -> str:
    return "_".join([of, "journeys", *(str(part) for part in astuple(question))])
