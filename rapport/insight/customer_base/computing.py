"""What the page of the customer base shows, as plain values: the five lenses, and of customers who moved between groups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapport.insight import queries
from rapport.insight.customer_base.audit import customer_base
from rapport.insight.customer_base.moves import group_moves
from rapport.insight.customer_base.periods import CUSTOMERS, BaseQuestion
from rapport.insight.long_answers import LongAnswer
from rapport.insight.reports import Engine, Report, Reports, reports
from rapport.insight.warehouse.engine import SnapshotMissing


@dataclass(frozen=True)
class BaseAnswers:
    report: Report
    moves: Report | None  # of products there are none
    newest_order_on: date | None


def base_answers(answers: Reports, question: BaseQuestion) -> BaseAnswers:
    of_customers = question.of == CUSTOMERS
    return BaseAnswers(
        report=customer_base(answers, question=question),
        moves=group_moves(answers, as_of=question.as_of, since=question.last_before) if of_customers else None,
        newest_order_on=answers.newest_order_on(),
    )


BASE = LongAnswer(
    "customer_base",
    BaseQuestion,
    base_answers,
    is_empty=lambda found: not found.report["whole_base"]["periods"],
    tables=("orders", "order_lines"),
    since=("orders", "placed_on"),
)


def prepare_base() -> None:
    """What the page asks for first, as far as it is not there for the newest snapshot."""
    snapshot = queries.current_snapshot()
    if snapshot is None:
        return
    as_of = queries.usual_question(snapshot, queries.newest_run())["as_of"]
    try:
        with reports(snapshot, rules=queries.segment_rules(), engine=Engine(memory="1GB")) as answers:
            base_answers(answers, BaseQuestion(as_of=as_of))
    except SnapshotMissing:
        return
