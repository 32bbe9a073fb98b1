"""The five lenses of a customer-base audit as plain values; products are looked at through the same ones.

The lenses are those of Fader, Hardie and Ross, The Customer-Base Audit: one period, two periods, one cohort, all cohorts, and
the whole base.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from rapport.insight.customer_base.decomposition import effects
from rapport.insight.customer_base.periods import (
    CUSTOMERS,
    MONTHS,
    BaseQuestion,
    period_days,
    period_key,
    period_number,
)
from rapport.insight.marts import cohorts as cohort_marts
from rapport.insight.marts.distribution import PARTS, distribution, purchase_counts
from rapport.insight.marts.lens_sales import sales_by_customer, sales_by_product
from rapport.insight.marts.line_costs import line_costs
from rapport.insight.marts.period_members import GROUPS, REVERSED, UNKNOWN, period_members
from rapport.insight.marts.two_periods import two_periods
from rapport.insight.reports import Report, rows

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Reports

VERSION = 1
COSTS_KNOWN_FROM = 0.95
_SUMS = ("value_micros", "costed_micros", "profit_micros")
_BRACKETS = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, 19), (20, None))
Keep = Callable[[str, "Callable[[], ir.Table]"], "ir.Table"]


@dataclass(frozen=True)
class Totals:
    """What those who bought in a period brought."""

    members: int
    purchases: int
    value_micros: int
    costed_micros: int
    profit_micros: int

    @property
    def costs_are_known(self) -> bool:
        """Of so much of the value that what is earned says something of the whole."""
        return self.value_micros > 0 and self.costed_micros >= COSTS_KNOWN_FROM * self.value_micros


def customer_base(answers: Reports, *, question: BaseQuestion) -> Report:
    """All five lenses, as of the end of a business day."""

    def compute() -> Report:
        found = lenses(sales_of(answers, question.of), question, keep=answers.warehouse.keep)
        left_out = rows(answers.warehouse.left_out(), order_by="currency")
        return {
            "mart": f"customer_base v{VERSION}",
            "as_of": question.as_of.isoformat(),
            "time_zone": answers.snapshot.time_zone,
            "currency": answers.snapshot.currency,
            "of": question.of,
            **found,
            "left_out": {row["currency"]: row["orders"] for row in left_out},
        }

    asked = (VERSION, question.as_of, question.period, question.grain, question.of)
    return answers.answer("customer_base", asked, compute)


def sales_of(answers: Reports, of: str) -> ir.Table:
    """Orders by customer or by product, with what was earned of them where a product has a cost."""
    warehouse = answers.warehouse
    products, order_lines = warehouse.table("products"), warehouse.table("order_lines")
    costed = products.filter(products.cost_micros.notnull(), products.currency == warehouse.currency)
    has_costs = bool(rows(costed.aggregate(n=costed.count()))[0]["n"])
    lines = line_costs(order_lines, products, currency=warehouse.currency) if has_costs else None
    if of == CUSTOMERS:
        return warehouse.keep("sales_by_customer", lambda: sales_by_customer(warehouse.orders(), lines))
    return warehouse.keep("sales_by_product", lambda: sales_by_product(warehouse.orders(), order_lines, lines))


def lenses(sales: ir.Table, question: BaseQuestion, *, keep: Keep) -> Report:
    """The five lenses over `sales`, a table as of `marts/lens_sales.py`."""
    members = keep(
        f"members_{question.of}_{question.period}_{question.as_of:%Y%m%d}",
        lambda: period_members(sales, before=question.before, first=question.first, last=question.as_of),
    )
    groups = {row["group"]: row for row in rows(two_periods(members))}
    months = MONTHS[question.grain]
    table = rows(cohort_marts.cohorts(sales, as_of=question.as_of, months=months))
    cohorts = _cohorts(table, question)
    return {
        "one_period": _one_period(members, groups, question),
        "two_periods": _two_periods(groups, question),
        "one_cohort": default_cohort(cohorts),
        "cohorts": {"grain": question.grain, "cohorts": cohorts},
        "whole_base": {"grain": question.grain, "periods": _whole_base(table, question)},
    }


def default_cohort(cohorts: list[Report]) -> Report | None:
    """The cohort that is followed where nobody chose one.

    The oldest but one, where there are three: the oldest also holds everybody who bought before the records begin.
    """
    return cohorts[1] if len(cohorts) > 2 else cohorts[0] if cohorts else None


def _one_period(members: ir.Table, groups: dict[str, Report], question: BaseQuestion) -> Report:
    buyers = members.filter(members.member_id.notnull(), members.purchases > 0)
    totals = _totals(groups, "")
    counts = rows(purchase_counts(buyers), order_by="purchases")
    return {
        "first": question.first.isoformat(),
        "last": question.as_of.isoformat(),
        **_said(totals),
        "by_value": _spread(buyers, "value_micros"),
        "by_profit": _spread(buyers, "profit_micros") if totals.costs_are_known else None,
        "purchase_counts": [_bracket(counts, low, high) for low, high in _BRACKETS],
    }


def _spread(buyers: ir.Table, column: str) -> Report:
    """Tenths from the best to the worst, and the running totals of twentieths."""
    nothing = {"members": 0, "micros": 0, "lowest": None}
    found = {row["part"]: row for row in rows(distribution(buyers, column))}
    twentieths = [found.get(part, nothing) for part in range(1, PARTS + 1)]
    whale, members, micros = [], 0, 0
    for row in twentieths:
        members, micros = members + row["members"], micros + row["micros"]
        whale.append({"members": members, "micros": micros})
    tenths = [
        {
            "tenth": place,
            "members": upper["members"] + lower["members"],
            "micros": upper["micros"] + lower["micros"],
            "from": upper["lowest"] if lower["lowest"] is None else lower["lowest"],
        }
        for place, (upper, lower) in enumerate(zip(twentieths[::2], twentieths[1::2], strict=True), start=1)
    ]
    return {"total_micros": micros, "tenths": tenths, "whale": whale}


def _bracket(counts: list[Report], low: int, high: int | None) -> Report:
    within = [row for row in counts if row["purchases"] >= low and (high is None or row["purchases"] <= high)]
    return {
        "from": low,
        "to": high,
        "members": sum(row["members"] for row in within),
        "value_micros": sum(row["value_micros"] for row in within),
    }


def _two_periods(groups: dict[str, Report], question: BaseQuestion) -> Report:
    """The change from the period before: group by group, and factor by factor of those who bought."""
    before, now = _totals(groups, "before_"), _totals(groups, "")
    nothing = dict.fromkeys(("members", "purchases", "before_purchases"), 0)
    nothing |= {prefix + name: 0 for prefix in ("", "before_") for name in _SUMS}
    listed = [{"group": name} | nothing | groups.get(name, {}) for name in GROUPS]
    both_known = before.costs_are_known and now.costs_are_known
    return {
        "first": question.first.isoformat(),
        "last": question.as_of.isoformat(),
        "before_first": question.before.isoformat(),
        "before_last": question.last_before.isoformat(),
        "before": _said(before),
        "now": _said(now),
        "groups": listed,
        "before_micros": sum(row["before_value_micros"] for row in listed),
        "now_micros": sum(row["value_micros"] for row in listed),
        "value_effects": _effects(before, now, of_profit=False),
        "profit_effects": _effects(before, now, of_profit=True) if both_known else None,
        "without_buyers_micros": sum(_others(row, "") - _others(row, "before_") for row in listed),
    }


def _others(row: Report, prefix: str) -> int:
    """What of a group's money is not that of somebody who bought in the same period."""
    bought = row["group"] not in (REVERSED, UNKNOWN) and row[f"{prefix}purchases"]
    return 0 if bought else row[f"{prefix}value_micros"]


def _effects(before: Totals, now: Totals, *, of_profit: bool) -> dict[str, int]:
    """members × purchases of each × value of a purchase (× what is earned of it): what each did to the total.

    Where nobody bought in one of the periods, the members did it all.
    """
    names = ("members", "purchases_per_member", "value_per_purchase") + (("margin",) if of_profit else ())
    if not before.members or not now.members:
        change = (now.profit_micros if of_profit else now.value_micros) - (
            before.profit_micros if of_profit else before.value_micros
        )
        return dict.fromkeys(names, 0) | {"members": change}
    return effects(_factors(before, names), _factors(now, names))


def _factors(totals: Totals, names: tuple[str, ...]) -> dict[str, int | Fraction]:
    found: dict[str, int | Fraction] = {
        "members": totals.members,
        "purchases_per_member": Fraction(totals.purchases, totals.members),
        "value_per_purchase": Fraction(totals.value_micros, totals.purchases),
    }
    if "margin" in names:
        found["margin"] = Fraction(totals.profit_micros, totals.value_micros)
    return found


def _totals(groups: dict[str, Report], prefix: str) -> Totals:
    """Of those who bought in the period."""
    bought = [
        row
        for name, row in groups.items()
        if name not in (REVERSED, UNKNOWN) and row[f"{prefix}purchases"]
    ]  # fmt: skip
    return Totals(
        sum(row["members"] for row in bought),
        sum(row[f"{prefix}purchases"] for row in bought),
        *(sum(row[prefix + name] for row in bought) for name in _SUMS),
    )


def _said(totals: Totals) -> Report:
    return {
        "members": totals.members,
        "purchases": totals.purchases,
        "value_micros": totals.value_micros,
        "costed_micros": totals.costed_micros,
        "profit_micros": totals.profit_micros if totals.costs_are_known else None,
    }


def _cohorts(table: list[Report], question: BaseQuestion) -> list[Report]:
    """Every cohort from the oldest to the newest, with each of its periods up to that of the as-of day."""
    by_cohort: dict[int, dict[int, Report]] = {}
    for row in table:
        if row["cohort"] is not None:
            by_cohort.setdefault(row["cohort"], {})[row["period"]] = row
    last = period_number(question.as_of, question.grain)
    return [_cohort(number, by_cohort[number], last, question.grain) for number in sorted(by_cohort)]


def _cohort(number: int, periods: dict[int, Report], last: int, grain: str) -> Report:
    first_on, last_on = period_days(number, grain)
    return {
        "cohort": period_key(number, grain),
        "first": first_on.isoformat(),
        "last": last_on.isoformat(),
        "members": periods[number]["active"],
        "periods": [_cell(periods.get(period), period - number, period, grain) for period in range(number, last + 1)],
    }


def _cell(row: Report | None, age: int, period: int, grain: str) -> Report:
    names = ("active", "purchases", *_SUMS)
    return {"age": age, "period": period_key(period, grain)} | {name: row[name] if row else 0 for name in names}


def _whole_base(table: list[Report], question: BaseQuestion) -> list[Report]:
    """Every period from the first order on: what each cohort brought in it, and what came without one."""
    if not table:
        return []
    by_period: dict[int, list[Report]] = {}
    for row in table:
        by_period.setdefault(row["period"], []).append(row)
    last = period_number(question.as_of, question.grain)
    return [_period(by_period.get(number, []), number, question) for number in range(min(by_period), last + 1)]


def _period(within: list[Report], number: int, question: BaseQuestion) -> Report:
    first_on, last_on = period_days(number, question.grain)
    of_cohorts = sorted((row["cohort"], row["value_micros"]) for row in within if row["cohort"] is not None)
    return {
        "period": period_key(number, question.grain),
        "first": first_on.isoformat(),
        "last": min(last_on, question.as_of).isoformat(),
        "is_open": question.as_of < last_on,
        "active": sum(row["active"] for row in within),
        "value_micros": sum(row["value_micros"] for row in within),
        "by_cohort": {period_key(cohort, question.grain): micros for cohort, micros in of_cohorts},
        "never_bought_micros": _without(within, is_known=True),
        "unknown_micros": _without(within, is_known=False),
    }


def _without(within: list[Report], *, is_known: bool) -> int:
    return sum(row["value_micros"] for row in within if row["cohort"] is None and row["is_known"] is is_known)
