"""The printed report of recency, frequency and monetary value."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.core.money import format_money
from rapport.insight.rfm.segments import BANDS, Segment

if TYPE_CHECKING:
    from rapport.insight.reports import Reports


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> dict[str, Any]:
    return answers.rfm(as_of=as_of, monetary=arguments.monetary)


def as_text(report: dict[str, Any]) -> str:
    lines = [f"{report['customers']:,} customers who bought, as of {report['as_of']} (mart {report['mart']})", ""]
    for name, counts in report["bands"].items():
        lines.append(f"{name:10}" + "".join(f"{counts[str(band)]:>9,}" for band in BANDS))
    lines += ["", "Recency 1-5 across, frequency 5-1 down"]
    for frequency in reversed(BANDS):
        row = (report["matrix"][str(recency)][str(frequency)] for recency in BANDS)
        lines.append(f"{frequency:<10}" + "".join(f"{count:>9,}" for count in row))
    lines.append("")
    labels = dict(Segment.choices)
    for row in report["segments"]:
        worth = format_money(row["value_micros"], report["currency"]) if report["currency"] else "0"
        lines.append(f"{labels.get(row['segment'], row['segment'])!s:18}{row['customers']:>9,}{worth:>22}")
    lines += [f"Left out: {orders:,} orders in {currency}" for currency, orders in report["left_out"].items()]
    return "\n".join(lines)
