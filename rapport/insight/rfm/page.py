"""The worth page as values: what its tiles, matrix, segments and charts show."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from rapport.insight.long_answers import answer_page
from rapport.insight.marts.segments import Rules
from rapport.insight.models import Snapshot, TraitRun
from rapport.insight.queries import COMPARED_MONTHS, months_before
from rapport.insight.reports import Report
from rapport.insight.rfm.computing import WORTH, Question
from rapport.insight.rfm.segments import BANDS, NOT_YET, TONES, Segment
from rapport.ui.formats import money_short, number, percent

MONTHS_SHOWN = 12
MOVES_SHOWN = 8


@dataclass(frozen=True)
class SegmentLine:
    """A segment as the page lists it; `href` where the list of customers can show exactly these."""

    label: str | Promise
    tone: str
    customers: int
    value: str
    share: float
    moved: int
    href: str


@dataclass(frozen=True)
class Move:
    before: str | Promise
    now: str | Promise
    tone: str
    customers: int
    href: str


@dataclass(frozen=True)
class WorthPage:
    question: Question
    customers: int
    currency: str
    tiles: list[dict[str, Any]]
    matrix: list[tuple[str, list[dict[str, Any]]]]
    segments: list[SegmentLine]
    moves: list[Move]
    months: list[tuple[Any, ...]]
    month_is_open: bool
    left_out: list[tuple[str, int]]
    can_be_listed: bool
    orders_ended_on: date | None


def worth_page(
    snapshot: Snapshot, *, question: Question, run: TraitRun | None, rules: Rules, sees_orders: bool = False
) -> WorthPage:
    """Everything the page shows of `snapshot`; customers can be listed of the day of the newest traits alone.

    Raises what `answer_page` does.
    """
    found = answer_page(WORTH, question, snapshot=snapshot, rules=rules)
    rfm, moves, revenue, newest = found.rfm, found.moves, found.months, found.newest_order_on
    listed = run is not None and run.as_of == question.as_of
    return WorthPage(
        question=question,
        customers=rfm["customers"],
        currency=snapshot.currency,
        tiles=_tiles(rfm, revenue, moves, question, listed),
        matrix=_matrix(rfm, listed),
        segments=_segments(rfm, moves, listed),
        moves=_moves(moves, listed and run is not None and run.since == question.since),
        months=_months(revenue, question.as_of, snapshot.currency, sees_orders),
        month_is_open=_is_open(question.as_of),
        left_out=sorted(rfm["left_out"].items()),
        can_be_listed=listed,
        orders_ended_on=newest if newest and newest < months_before(question.as_of, COMPARED_MONTHS) else None,
    )


def customers_href(*filters: str) -> str:
    return reverse("customers") + "?" + urlencode([("filter", each) for each in filters], safe=":")


def worth_href(*, as_of: date, monetary: str) -> str:
    """The page as of another day, compared with the one that follows from it."""
    return reverse("worth") + "?" + urlencode({"as_of": as_of.isoformat(), "monetary": monetary})


def _tiles(
    rfm: Report, revenue: list[Report], moves: list[Report], question: Question, listed: bool
) -> list[dict[str, Any]]:
    currency, top = rfm["currency"], rfm["top_fifth"]
    return [
        {
            "label": _("Customers who bought"),
            "value": number(rfm["customers"]),
            "note": _("%(value)s in all, net") % {"value": money_short(rfm["value_micros"], currency)}
            if currency
            else "",
            "href": customers_href("segment.filled:") if listed and rfm["customers"] else "",
        },
        {
            "label": _("Top 20 % of customers bring"),
            "value": percent(_ratio(top["value_micros"], rfm["value_micros"])),
            "note": _("of value: %(count)s customers") % {"count": number(top["customers"])},
        },
        _risk_tile(rfm, moves, question, listed),
        _revenue_tile(revenue, question.as_of, currency),
    ]


def _risk_tile(rfm: Report, moves: list[Report], question: Question, listed: bool) -> dict[str, Any]:
    at_risk = next(row for row in rfm["segments"] if row["segment"] == Segment.AT_RISK)
    change = _net_moves(moves).get(Segment.AT_RISK, 0)
    counts = {
        "count": number(at_risk["customers"]),
        "change": number(change, signed=True),
        "day": _day(question.since),
    }
    return {
        "label": _("Value at risk"),
        "value": money_short(at_risk["value_micros"], rfm["currency"]) if rfm["currency"] else "—",
        "note": _("%(count)s customers, %(change)s since %(day)s") % counts,
        "tone": "bad" if change > 0 else "good" if change < 0 else "",
        "href": customers_href("segment.is:at_risk") if listed and at_risk["customers"] else "",
    }


def _revenue_tile(revenue: list[Report], as_of: date, currency: str) -> dict[str, Any]:
    """Whole months only: a month that is not over would be compared with one that is."""
    after = months_before(as_of.replace(day=1), 0 if _is_open(as_of) else -1)
    first, before = months_before(after, MONTHS_SHOWN), months_before(after, 2 * MONTHS_SHOWN)
    last_year, year_before = _net(revenue, first, after), _net(revenue, before, first)
    growth = (last_year - year_before) / year_before if year_before > 0 else None
    return {
        "label": _("Net revenue, last 12 whole months"),
        "value": money_short(last_year, currency) if currency else "—",
        "note": "" if growth is None else _("%(change)s on the 12 months before") % {"change": _signed(growth)},
        "tone": "" if growth is None else "good" if growth >= 0 else "bad",
    }


def _matrix(rfm: Report, listed: bool) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (
            _("Frequency %(band)s") % {"band": frequency},
            [_cell(rfm, recency, frequency, listed) for recency in BANDS],
        )
        for frequency in reversed(BANDS)
    ]


def _cell(rfm: Report, recency: int, frequency: int, listed: bool) -> dict[str, Any]:
    count = rfm["matrix"][str(recency)][str(frequency)]
    cell = {"value": count, "shown": number(count), "note": percent(_ratio(count, rfm["customers"]) or 0)}
    if listed and count:
        cell["href"] = customers_href(f"recency_band.is:{recency}", f"frequency_band.is:{frequency}")
        cell["title"] = _("List the customers with recency %(recency)s and frequency %(frequency)s") % {
            "recency": recency,
            "frequency": frequency,
        }
    return cell


def _segments(rfm: Report, moves: list[Report], listed: bool) -> list[SegmentLine]:
    labels, net = dict(Segment.choices), _net_moves(moves)
    return [
        SegmentLine(
            label=labels.get(row["segment"], row["segment"]),
            tone=TONES.get(row["segment"], "plain"),
            customers=row["customers"],
            value=money_short(row["value_micros"], rfm["currency"]) if rfm["currency"] else "—",
            share=_ratio(row["value_micros"], rfm["value_micros"]) or 0,
            moved=net.get(row["segment"], 0),
            href=customers_href(f"segment.is:{row['segment']}") if listed and row["customers"] else "",
        )
        for row in rfm["segments"]
    ]


def _moves(moves: list[Report], listed: bool) -> list[Move]:
    labels: dict[str, Any] = {**dict(Segment.choices), NOT_YET: _("Had not bought")}
    changed = [row for row in moves if row["segment"] != row["segment_before"]]
    changed.sort(key=lambda row: (-row["customers"], row["segment_before"], row["segment"]))
    return [
        Move(
            before=labels[row["segment_before"]],
            now=labels[row["segment"]],
            tone=TONES.get(row["segment"], "plain"),
            customers=row["customers"],
            href=customers_href(f"segment.is:{row['segment']}", f"segment_before.is:{row['segment_before']}")
            if listed
            else "",
        )
        for row in changed[:MOVES_SHOWN]
    ]


def _net_moves(moves: list[Report]) -> dict[str, int]:
    """By how many customers each segment grew or shrank between the two days."""
    net: dict[str, int] = {}
    for row in moves:
        net[row["segment"]] = net.get(row["segment"], 0) + row["customers"]
        net[row["segment_before"]] = net.get(row["segment_before"], 0) - row["customers"]
    return net


def _months(revenue: list[Report], as_of: date, currency: str, sees_orders: bool) -> list[tuple[Any, ...]]:
    known = {(row["year"], row["month"]): row["net_micros"] for row in revenue}
    points: list[tuple[Any, ...]] = []
    for age in reversed(range(MONTHS_SHOWN + 1)):
        month = months_before(as_of.replace(day=1), age)
        net = known.get((month.year, month.month), 0)
        last = min(date(month.year, month.month, monthrange(month.year, month.month)[1]), as_of)
        state = "open" if age == 0 and _is_open(as_of) else ""
        href = _orders_href(month, last) if sees_orders else ""
        points.append((_month(month), net, money_short(net, currency) if currency else "0", state, href))
    return points


def _orders_href(first: date, last: date) -> str:
    return f"{reverse('orders')}?filter=placed.between:{first.isoformat()}..{last.isoformat()}"


def _net(revenue: list[Report], first: date, after: date) -> int:
    return sum(row["net_micros"] for row in revenue if first <= date(row["year"], row["month"], 1) < after)


def _is_open(as_of: date) -> bool:
    return as_of.day != monthrange(as_of.year, as_of.month)[1]


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def _signed(ratio: float) -> str:
    return ("+" if ratio >= 0 else "−") + percent(abs(ratio))


def _month(first: date) -> str:
    return format_date(first, "MMM y", locale=to_locale(get_language() or "en"))


def _day(day: date) -> str:
    return format_date(day, "d MMM y", locale=to_locale(get_language() or "en"))
