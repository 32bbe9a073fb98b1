"""The printed report of who moved between RFM groups."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.insight.customer_base.moves import group_moves
from rapport.insight.queries import COMPARED_MONTHS, months_before

if TYPE_CHECKING:
    from rapport.insight.reports import Reports


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> dict[str, Any]:
    return group_moves(answers, as_of=as_of, since=arguments.since or months_before(as_of, COMPARED_MONTHS))


def as_text(report: dict[str, Any]) -> str:
    lines = [
        f"{report['moved']:,} of {report['customers']:,} customers changed groups from {report['since']} to"
        f" {report['as_of']} (mart {report['mart']}); without a margin {report['moved_without_margin']:,}"
    ]
    for row in report["moves"]:
        lines.append(f"{row['segment_before']:18}{row['segment']:18}{row['customers']:>9,}")
    return "\n".join(lines)
