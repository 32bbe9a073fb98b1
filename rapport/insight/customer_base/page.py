"""The first two lenses of the page of the customer base: one period, and what changed since the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from rapport.insight.behind.links import BOUGHT, GROUP, TENTH, TIMES
from rapport.insight.customer_base.charts import Curve, Mark, Step, bridge, curve, zero_line
from rapport.insight.customer_base.periods import BaseQuestion
from rapport.insight.customer_base.words import (
    behind_period,
    bracket_label,
    of_whom,
    share_of,
    shown_change,
    shown_money,
    shown_share,
)
from rapport.insight.marts.period_members import BACK, KEPT, LOST, NEW, REVERSED, UNKNOWN
from rapport.insight.reports import Report
from rapport.ui.formats import day, number, percent

Tile = dict[str, Any]


@dataclass(frozen=True)
class SpreadPart:
    """How different they are within the period."""

    says: str
    curve: Curve | None
    profit_curve: Curve | None
    tenths: list[dict[str, Any]]
    counts: list[tuple[str, int, str, str, str]]
    href: str


@dataclass(frozen=True)
class ChangePart:
    """What changed since the period before."""

    says: str
    marks: list[Mark]
    labels: list[str | Promise]
    zero: float
    groups: list[dict[str, Any]]
    effects: list[dict[str, Any]]
    profit_effects: list[dict[str, Any]]
    total: tuple[str, str, str]
    others: str


def tiles(report: Report, question: BaseQuestion, *, listed: bool) -> list[Tile]:
    """What those who bought in the period brought, and how that compares."""
    now, before, currency = report["two_periods"]["now"], report["two_periods"]["before"], report["currency"]
    lost = next(row for row in report["two_periods"]["groups"] if row["group"] == LOST)
    bought = of_whom(question.of, _("Customers who bought"), _("Products sold"))
    return [
        _tile(bought, number(now["members"]), now["members"], before["members"])
        | {"href": _href(question, BOUGHT, now["members"], listed)},
        _tile(_("They brought"), shown_money(now["value_micros"], currency), now["value_micros"], before["value_micros"]),
        _tile(
            of_whom(question.of, _("Purchases of each"), _("Sales of each")),
            number(_each(now["purchases"], now["members"]), digits=2),
            _each(now["purchases"], now["members"]) or 0,
            _each(before["purchases"], before["members"]) or 0,
        ),
        _tile(
            _("An average purchase"),
            shown_money(_whole(now["value_micros"], now["purchases"]), currency),
            _each(now["value_micros"], now["purchases"]) or 0,
            _each(before["value_micros"], before["purchases"]) or 0,
        ),
        {
            "label": of_whom(question.of, _("Customers lost"), _("Products no longer sold")),
            "value": number(lost["members"]),
            "note": _("%(share)s of those of the period before") % {"share": shown_share(lost["members"], before["members"])}
            if before["members"]
            else "",
            "href": _href(question, GROUP, lost["members"], listed, group=LOST),
        },
    ]  # fmt: skip


def spread_part(report: Report, question: BaseQuestion, *, listed: bool) -> SpreadPart:
    found, currency = report["one_period"], report["currency"]
    by_value, by_profit = found["by_value"], found["by_profit"]
    top = max([1, *(point["micros"] for each in (by_value, by_profit) if each for point in each["whale"])])
    return SpreadPart(
        says=_spread_says(found, question),
        curve=_curve(by_value, top, question),
        profit_curve=_curve(by_profit, top, question) if by_profit else None,
        tenths=_tenths(by_value, currency, question, listed),
        counts=[
            (
                bracket_label(row["from"], row["to"]),
                row["members"],
                f"{number(row['members'])} ({shown_share(row['members'], found['members'])})",
                "",
                _href(question, TIMES, row["members"], listed, **{"from": row["from"], "to": row["to"]}),
            )
            for row in found["purchase_counts"]
        ],
        href=_href(question, BOUGHT, found["members"], listed),
    )


def change_part(report: Report, question: BaseQuestion, *, listed: bool) -> ChangePart:
    found, currency = report["two_periods"], report["currency"]
    change = found["now_micros"] - found["before_micros"]
    steps = _steps(found, question, currency)
    return ChangePart(
        says=_change_says(found, question, currency),
        marks=bridge(steps),
        labels=[step.label for step in steps],
        zero=zero_line(steps),
        groups=[_group(row, question, currency, listed) for row in found["groups"]],
        effects=_effects(found["value_effects"], question, currency),
        profit_effects=_effects(found["profit_effects"] or {}, question, currency),
        total=(
            shown_money(found["before_micros"], currency),
            shown_money(found["now_micros"], currency),
            shown_money(change, currency, signed=True),
        ),
        others=shown_money(found["without_buyers_micros"], currency, signed=True)
        if found["without_buyers_micros"]
        else "",
    )


def _tile(label: str, value: str, now: float, before: float) -> Tile:
    change = shown_change(now, before)
    tone = "" if not change or now == before else "good" if now > before else "bad"
    return {
        "label": label,
        "value": value,
        "note": _("%(change)s on the period before") % {"change": change} if change else "",
        "tone": tone,
    }


def _spread_says(found: Report, question: BaseQuestion) -> str:
    tenths, total = found["by_value"]["tenths"], found["by_value"]["total_micros"]
    if not found["members"]:
        return _("Nothing was bought from %(first)s to %(last)s.") % {
            "first": day(question.first), "last": day(question.as_of)}  # fmt: skip
    if total <= 0:
        return _("What was bought came back: net of that, nobody brought anything.")
    said = {
        "members": number(found["members"]),
        "best": shown_share(tenths[0]["micros"], total),
        "lower": percent(sum(row["micros"] for row in tenths[5:]) / total),
    }
    return (
        of_whom(
            question.of,
            _(
                "The best tenth of %(members)s customers brought %(best)s of the value, the lower half of them %(lower)s."
            ),
            _(
                "The best tenth of %(members)s products brought %(best)s of the value, the lower half of them %(lower)s."
            ),
        )
        % said
    )


def _curve(spread: Report, top: int, question: BaseQuestion) -> Curve | None:
    members, total = spread["whale"][-1]["members"], spread["total_micros"]
    if total <= 0 or not members:
        return None
    titles = [
        of_whom(
            question.of,
            _("The best %(members)s of customers bring %(share)s"),
            _("The best %(members)s of products bring %(share)s"),
        )
        % {"members": percent(point["members"] / members), "share": percent(point["micros"] / total)}
        for point in spread["whale"]
    ]
    return curve([(point["members"], point["micros"]) for point in spread["whale"]], titles, top=top)


def _tenths(spread: Report, currency: str, question: BaseQuestion, listed: bool) -> list[dict[str, Any]]:
    total, running, lines = spread["total_micros"], 0, []
    for row in spread["tenths"]:
        running += row["micros"]
        share = share_of(row["micros"], total)
        lines.append(
            {
                "tenth": number(row["tenth"]),
                "members": number(row["members"]),
                "href": _href(question, TENTH, row["members"], listed, tenth=row["tenth"]),
                "from": shown_money(row["from"], currency),
                "value": shown_money(row["micros"], currency),
                "ratio": max(share or 0, 0),
                "share": percent(share),
                "running": shown_share(running, total),
            }
        )
    return lines


def _change_says(found: Report, question: BaseQuestion, currency: str) -> str:
    before, now = found["before"], found["now"]
    if not before["members"]:
        return _("Nothing was bought from %(first)s to %(last)s, so there is nothing to compare with.") % {
            "first": day(question.before),
            "last": day(question.last_before),
        }
    change = now["value_micros"] - before["value_micros"]
    name, effect = max(found["value_effects"].items(), key=lambda item: (item[1] * (1 if change >= 0 else -1), item[0]))
    said = {
        "value": shown_money(now["value_micros"], currency),
        "change": shown_change(now["value_micros"], before["value_micros"]) or shown_money(change, currency, signed=True),
        "cause": _effect_label(name, question),
        "effect": shown_money(effect, currency, signed=True),
    }  # fmt: skip
    if change == 0:
        return _("What was bought brought as much as before: %(value)s.") % said
    return (
        of_whom(
            question.of,
            _("Those who bought brought %(value)s (%(change)s); what moved it most is %(cause)s (%(effect)s)."),
            _("What was sold brought %(value)s (%(change)s); what moved it most is %(cause)s (%(effect)s)."),
        )
        % said
    )


def _effect_label(name: str, question: BaseQuestion) -> str:
    return {
        "members": of_whom(question.of, _("the number of customers"), _("the number of products")),
        "purchases_per_member": of_whom(question.of, _("purchases per customer"), _("sales per product")),
        "value_per_purchase": _("the value of a purchase"),
        "margin": _("what is earned of it"),
    }[name]


def _effects(effects: dict[str, int], question: BaseQuestion, currency: str) -> list[dict[str, Any]]:
    largest = max([1, *(abs(micros) for micros in effects.values())])
    return [
        {
            "label": _effect_label(name, question),
            "shown": shown_money(micros, currency, signed=True),
            "ratio": micros / largest,
        }
        for name, micros in effects.items()
    ]


def _steps(found: Report, question: BaseQuestion, currency: str) -> list[Step]:
    """From what came in before to what came in now; what hangs on nobody and what only came back are one step."""
    changes = {row["group"]: row["value_micros"] - row["before_value_micros"] for row in found["groups"]}
    moves = [(group_label(name, question), changes[name]) for name in (LOST, KEPT, NEW, BACK)]
    moves.append((_("Other"), changes[REVERSED] + changes[UNKNOWN]))
    running = found["before_micros"]
    steps = [_total(_("Before"), running, currency)]
    for label, change in moves:
        after = running + change
        said = f"{label}: {shown_money(change, currency, signed=True)}"
        tone = "good" if change >= 0 else "bad"
        steps.append(Step(str(label), min(running, after), max(running, after), tone, said))
        running = after
    return [*steps, _total(_("Now"), running, currency)]


def _total(label: str, micros: int, currency: str) -> Step:
    return Step(label, min(micros, 0), max(micros, 0), "accent", f"{label}: {shown_money(micros, currency)}")


def group_label(name: str, question: BaseQuestion) -> str:
    return {
        KEPT: _("Kept"),
        NEW: _("New"),
        BACK: _("Back"),
        LOST: of_whom(question.of, _("Lost"), _("Not sold")),
        REVERSED: _("Only took back"),
        UNKNOWN: of_whom(question.of, _("Nobody known"), _("No product named")),
    }[name]


def _group(row: Report, question: BaseQuestion, currency: str, listed: bool) -> dict[str, Any]:
    change = row["value_micros"] - row["before_value_micros"]
    return {
        "label": group_label(row["group"], question),
        "tone": {KEPT: "accent", NEW: "good", BACK: "good", LOST: "bad"}.get(row["group"], "plain"),
        "members": number(row["members"]) if row["group"] != UNKNOWN else "—",
        "before": shown_money(row["before_value_micros"], currency),
        "now": shown_money(row["value_micros"], currency),
        "change": shown_money(change, currency, signed=True),
        "href": _href(question, GROUP, row["members"], listed and row["group"] != UNKNOWN, group=row["group"]),
    }


def _href(question: BaseQuestion, what: str, members: int, listed: bool, **asked: object) -> str:
    """The list of those who are counted; nothing where there are none, or where it may not be seen."""
    return behind_period(question, what, **asked) if listed and members else ""


def _each(whole: int, of: int) -> float | None:
    return whole / of if of else None


def _whole(micros: int, of: int) -> int | None:
    return round(micros / of) if of else None
