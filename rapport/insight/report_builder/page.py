"""A report as a page or a tile shows it: its answer with its chart, or in words why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rapport.insight.report_builder.charts import Bar, Chart, bars, chart, lies
from rapport.insight.report_builder.questions import Question
from rapport.insight.report_builder.result import Result, answer
from rapport.insight.report_builder.tally import SECONDS, ReportTooLarge, ReportTooSlow
from rapport.insight.warehouse.engine import SnapshotMissing, UnableToCompute


@dataclass(frozen=True)
class ShownReport:
    """`bars` are lying ones, in the table itself; `refused` says why there is no answer, `is_slow` that it took too long."""

    question: Question
    result: Result | None = None
    chart: Chart | None = None
    bars: list[Bar] | None = None
    refused: str = ""
    is_slow: bool = False


def shown_report(question: Question, *, at: datetime, seconds: float = SECONDS, only_kept: bool = False) -> ShownReport:
    try:
        result = answer(question, at=at, seconds=seconds, only_kept=only_kept)
    except (ReportTooLarge, SnapshotMissing, UnableToCompute) as refusal:
        return ShownReport(question, refused=str(refusal), is_slow=isinstance(refusal, ReportTooSlow))
    return ShownReport(question, result, chart(result), bars(result) if lies(result) else None)
