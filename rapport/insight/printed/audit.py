"""The printed audit of the customer base: five lenses."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.core.money import format_money
from rapport.insight.customer_base.audit import customer_base
from rapport.insight.customer_base.periods import GRAIN_OF, BaseQuestion

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

_AGES = 12


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> dict[str, Any]:
    grain = arguments.cohorts or GRAIN_OF[arguments.period]
    return customer_base(
        answers, question=BaseQuestion(as_of=as_of, period=arguments.period, grain=grain, of=arguments.of)
    )


def as_text(report: dict[str, Any]) -> str:
    blocks = (_one_period(report), _two_periods(report), _cohorts(report), _whole_base(report))
    lines = [line for block in blocks for line in ("", *block)]
    lines += [f"Left out: {orders:,} orders in {currency}" for currency, orders in report["left_out"].items()]
    return "\n".join([f"The {report['of']} of the business, as of {report['as_of']} (mart {report['mart']})", *lines])


def _one_period(report: dict[str, Any]) -> Iterator[str]:
    found = report["one_period"]
    yield (
        f"{found['first']} to {found['last']}: {found['members']:,} {report['of']}, {found['purchases']:,} purchases,"
        f" {_money(found['value_micros'], report)}"
    )
    for name in ("by_value", "by_profit"):
        if found[name] is not None:
            yield f"Tenths {name.replace('_', ' ')}, best first"
            for row in found[name]["tenths"]:
                yield f"{row['tenth']:>6}{row['members']:>10,}{_money(row['micros'], report):>20}"


def _two_periods(report: dict[str, Any]) -> Iterator[str]:
    found = report["two_periods"]
    change = found["now_micros"] - found["before_micros"]
    yield f"Change from {found['before_first']} to {found['before_last']}: {_money(change, report)}"
    for row in found["groups"]:
        changed = row["value_micros"] - row["before_value_micros"]
        yield f"{row['group']:12}{row['members']:>9,}{_money(changed, report):>20}"
    for title, effects in (("value", found["value_effects"]), ("profit", found["profit_effects"])):
        for name, micros in (effects or {}).items():
            yield f"{title} by {name.replace('_', ' '):30}{_money(micros, report):>20}"


def _cohorts(report: dict[str, Any]) -> Iterator[str]:
    yield f"Active in percent, by {report['cohorts']['grain']} of the first purchase and by age"
    for cohort in report["cohorts"]["cohorts"]:
        shares = (100 * cell["active"] / cohort["members"] for cell in cohort["periods"][: _AGES + 1])
        yield f"{cohort['cohort']:10}{cohort['members']:>9,}  " + "".join(f"{share:>5.0f}" for share in shares)


def _whole_base(report: dict[str, Any]) -> Iterator[str]:
    yield f"Value by {report['whole_base']['grain']}"
    for period in report["whole_base"]["periods"]:
        open_still = " (not over)" if period["is_open"] else ""
        yield f"{period['period']:10}{period['active']:>9,}{_money(period['value_micros'], report):>20}{open_still}"


def _money(micros: int, report: dict[str, Any]) -> str:
    return format_money(micros, report["currency"]) if report["currency"] else "0"
