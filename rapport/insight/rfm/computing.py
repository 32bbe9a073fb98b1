"""What the worth page shows, as plain values: customers by their bands, who moved, and revenue by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapport.insight.long_answers import LongAnswer
from rapport.insight.reports import Report, Reports


@dataclass(frozen=True)
class Question:
    as_of: date
    since: date
    monetary: str


@dataclass(frozen=True)
class WorthAnswers:
    rfm: Report
    moves: list[Report]
    months: list[Report]
    newest_order_on: date | None


def worth_answers(answers: Reports, question: Question) -> WorthAnswers:
    return WorthAnswers(
        rfm=answers.rfm(as_of=question.as_of, monetary=question.monetary),
        moves=answers.moves(as_of=question.as_of, since=question.since)["moves"],
        months=answers.revenue(as_of=question.as_of)["months"],
        newest_order_on=answers.newest_order_on(),
    )


WORTH = LongAnswer(
    "worth",
    Question,
    worth_answers,
    is_empty=lambda found: not found.rfm["customers"],
    tables=("orders",),
    since=("orders", "placed_on"),
)
