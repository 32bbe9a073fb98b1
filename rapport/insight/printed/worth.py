"""The printed report of worth in five ways: sums over all customers, and that they are those of the ledger."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.core.money import format_money
from rapport.insight.five_worths.computing import five_worths
from rapport.insight.marts.contacts import LESSONS
from rapport.insight.queries import unit_amounts

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]
_LINES = (
    ("sold", "sold_micros", 1), ("taken back", "returned_micros", 1), ("net revenue", "net_micros", 1),
    ("cost of goods", "goods_micros", -1), ("margin", "margin_micros", 1), ("service", "service_micros", -1),
    ("campaigns", "campaign_micros", -1), ("delivery", "delivery_micros", -1), ("contribution", "contribution_micros", 1),
)  # fmt: skip


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    return five_worths(answers, as_of=as_of, amounts=unit_amounts())


def as_text(report: Report) -> str:
    known, nobody, currency = report["customers"], report["nobody"], report["currency"]

    def money(micros: int) -> str:
        return format_money(micros, currency) if currency else f"{micros / 1_000_000:,.2f}"

    lines = [
        f"Worth in five ways as of {report['as_of']} (mart {report['mart']}), {known['customers']:,} customers",
        "",
    ]
    lines.append(f"{'':16}{'customers':>20}{'nobody known':>18}{'all':>20}")
    for label, name, sign in _LINES:
        one, other = sign * known[name], sign * nobody[name]
        lines.append(f"{label:16}{money(one):>20}{money(other):>18}{money(one + other):>20}")
    costed = report["lines"]
    lines += ["", f"Of {costed['lines']:,} order lines {costed['costed']:,} have a known cost; the others count as costing"
              f" nothing, and brought {money(known['uncosted_micros'] + nobody['uncosted_micros'])}."]  # fmt: skip
    if not report["units"]:
        lines.append(
            "What service, campaigns, deliveries and lessons cost or are worth is not set, so it counts as nothing."
        )
    items = ", ".join(f"{report['insight']['items'][name]:,} {name.replace('_', ' ')}" for name in LESSONS)
    lines += [
        f"Insight: {items}; worth {money(report['insight']['value_micros'])} by the values set, added to nothing."
    ]
    influence = report["influence"]
    for number, generation in enumerate(influence["generations"], start=1):
        lines.append(
            f"Influence, generation {number}: {generation['referred']:,} referred, {money(generation['micros'])} credited"
            f" ({generation['share'] / 10_000:.4g} %)"
        )
    lines.append(
        f"{influence['referrers']:,} referrers; {influence['cut']:,} referrals went round in circles and were cut."
    )
    return "\n".join(lines)
