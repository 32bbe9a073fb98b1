"""The journeys page as values: its tiles, the process map, and the tables that say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel.dates import format_timedelta
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from rapport.customers.touchpoints import touchpoint_kinds
from rapport.insight.behind.links import BEGAN, CUSTOMER, ENDED, STEP, TAKEN, WAY, behind_href
from rapport.insight.journeys.computing import JOURNEYS, JourneyQuestion, has_journeys
from rapport.insight.journeys.process_map import BOX_HEIGHT, BOX_WIDTH, Arrow, Box, ProcessMap, process_map
from rapport.insight.long_answers import answer_page
from rapport.insight.marts.segments import Rules
from rapport.insight.models import Snapshot
from rapport.insight.reports import Report
from rapport.ui.formats import number, percent

WAYS_SHOWN = 12
BAR_WIDTH = 64
LONGEST_LABEL = 24
SMALLEST_SHARE_WITH_COUNT = 0.02


@dataclass(frozen=True)
class DrawnBox:
    box: Box
    label: str | Promise
    title: str
    dropped_tone: str
    href: str


@dataclass(frozen=True)
class DrawnArrow:
    arrow: Arrow
    title: str
    shows_count: bool
    href: str


@dataclass(frozen=True)
class StepLine:
    label: str | Promise
    steps: int
    customers: int
    began: int
    ended: int
    dropped: float
    hrefs: dict[str, str]  # by how the step was come to: TAKEN, BEGAN, ENDED


@dataclass(frozen=True)
class WayLine:
    before: str | Promise
    after: str | Promise
    steps: int
    share: float
    customers: int
    waited: str
    href: str


@dataclass(frozen=True)
class JourneysPage:
    question: JourneyQuestion
    mart: str
    journeys: int
    customers: int
    tiles: list[dict[str, Any]]
    map: ProcessMap
    boxes: list[DrawnBox]
    arrows: list[DrawnArrow]
    steps: list[StepLine]
    ways: list[WayLine]
    rarer_ways: list[WayLine]
    is_listed: bool
    box_width: int = BOX_WIDTH
    bar_width: int = BAR_WIDTH
    box_height: int = BOX_HEIGHT


@dataclass(frozen=True)
class _Leads:
    """To the customers behind the numbers, with what the page was asked; to nobody where they may not be listed."""

    question: JourneyQuestion | None

    def step(self, activity: str, how: str, count: int) -> str:
        return self._href(STEP, step=activity, how=how) if count else ""

    def way(self, before: str, after: str) -> str:
        return self._href(WAY, **{"from": before, "to": after})

    def _href(self, what: str, **asked: str) -> str:
        found = self.question
        if found is None:
            return ""
        return behind_href(
            CUSTOMER, what, as_of=found.as_of, segment=found.segment, channel=found.channel, outcome=found.outcome,
            gap=found.gap_days, **asked,
        )  # fmt: skip


def journeys_page(
    snapshot: Snapshot, *, question: JourneyQuestion, rules: Rules, share: float, listed: bool
) -> JourneysPage | None:
    """Everything the page shows of `snapshot`; None where it is of before contacts were kept in the warehouse.

    Where it may be `listed`, each number leads to its customers. Raises what `answer_page` does.
    """
    if not has_journeys(snapshot):
        return None
    report = answer_page(JOURNEYS, question, snapshot=snapshot, rules=rules)
    drawn = process_map(report, share=share)
    leaving = _leaving(report)
    leads = _Leads(question if listed else None)
    ways = sorted(report["follows"], key=lambda row: (-row["steps"], row["before"], row["activity"]))
    return JourneysPage(
        question=question,
        mart=report["mart"],
        journeys=report["journeys"],
        customers=report["customers"],
        tiles=_tiles(report),
        map=drawn,
        boxes=[_drawn_box(box, leads) for box in drawn.boxes],
        arrows=[_drawn_arrow(arrow, leaving, report["steps"], leads) for arrow in drawn.arrows],
        steps=[
            _step(row, leads) for row in sorted(report["activities"], key=lambda row: (-row["steps"], row["activity"]))
        ],
        ways=[_way(row, leaving, leads) for row in ways[:WAYS_SHOWN]],
        is_listed=listed,
        rarer_ways=[_way(row, leaving, leads) for row in ways[WAYS_SHOWN:]],
    )


def activity_label(activity: str) -> str | Promise:
    kind = touchpoint_kinds().get(activity)
    return kind.label if kind else activity.replace("_", " ").capitalize()


def lasting(seconds: int) -> str:
    """A time as people say it: 3 hours, 12 days; less than half a minute is at once."""
    if seconds < 30:
        return _("at once")
    locale = to_locale(get_language() or "en")
    return str(format_timedelta(timedelta(seconds=seconds), granularity="minute", threshold=1.5, locale=locale))


def _tiles(report: Report) -> list[dict[str, Any]]:
    most_lost = max(report["activities"], key=lambda row: (row["ended"], row["activity"]), default=None)
    return [
        {
            "label": _("Journeys"),
            "value": number(report["journeys"]),
            "note": _("of %(count)s customers") % {"count": number(report["customers"])},
        },
        {
            "label": _("Steps in a journey"),
            "value": number(report["steps"] / report["journeys"], digits=1) if report["journeys"] else "—",
            "note": _("on average; %(count)s contacts in all") % {"count": number(report["contacts"])},
        },
        {
            "label": _("Most often last"),
            "value": activity_label(most_lost["activity"]) if most_lost else "—",
            "note": _("%(share)s of journeys end there")
            % {"share": percent(most_lost["ended"] / (report["journeys"] or 1))}
            if most_lost
            else "",
        },
    ]


def _leaving(report: Report) -> dict[str, int]:
    """How many steps lead on from each activity."""
    leaving: dict[str, int] = {}
    for row in report["follows"]:
        leaving[row["before"]] = leaving.get(row["before"], 0) + row["steps"]
    return leaving


def _drawn_box(box: Box, leads: _Leads) -> DrawnBox:
    label = activity_label(box.activity)
    title = _("%(activity)s · taken: %(steps)s · first of a journey: %(began)s · last: %(ended)s (%(share)s)") % {
        "activity": label,
        "steps": number(box.steps),
        "began": number(box.began),
        "ended": number(box.ended),
        "share": percent(box.dropped),
    }
    tone = "bad" if box.dropped >= 0.5 else "warn" if box.dropped >= 0.25 else "accent"
    shown = Truncator(str(label)).chars(LONGEST_LABEL)
    return DrawnBox(box, shown, title, tone, leads.step(box.activity, TAKEN, box.steps))


def _drawn_arrow(arrow: Arrow, leaving: dict[str, int], steps: int, leads: _Leads) -> DrawnArrow:
    title = _("%(before)s → %(after)s · taken: %(steps)s (%(share)s of what leads on) · half within %(time)s") % {
        "before": activity_label(arrow.before),
        "after": activity_label(arrow.activity),
        "steps": number(arrow.steps),
        "share": percent(arrow.steps / leaving[arrow.before]),
        "time": lasting(arrow.median_seconds),
    }
    shows_count = arrow.steps >= SMALLEST_SHARE_WITH_COUNT * steps
    return DrawnArrow(arrow, title, shows_count, leads.way(arrow.before, arrow.activity))


def _step(row: Report, leads: _Leads) -> StepLine:
    return StepLine(
        label=activity_label(row["activity"]),
        steps=row["steps"],
        customers=row["customers"],
        began=row["began"],
        ended=row["ended"],
        dropped=row["ended"] / row["steps"] if row["steps"] else 0.0,
        hrefs={
            how: leads.step(row["activity"], how, row[count])
            for how, count in ((TAKEN, "steps"), (BEGAN, "began"), (ENDED, "ended"))
        },
    )


def _way(row: Report, leaving: dict[str, int], leads: _Leads) -> WayLine:
    return WayLine(
        before=activity_label(row["before"]),
        after=activity_label(row["activity"]),
        steps=row["steps"],
        share=row["steps"] / leaving[row["before"]],
        customers=row["customers"],
        waited=lasting(row["median_seconds"]),
        href=leads.way(row["before"], row["activity"]),
    )
