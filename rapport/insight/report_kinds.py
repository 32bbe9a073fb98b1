"""The reports that `rapport report` prints. A new one is a line here and a module in `printed/` with `compute` and `as_text`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def day_of(text: str) -> date:
    """A day as it is typed on a command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as 2011-12-10") from error


def _nothing_more(parser: ArgumentParser) -> None:
    """Most reports take no option of their own."""


@dataclass(frozen=True)
class ReportKind:
    """One report: its name, what it answers, the module that makes it, and the options that it alone takes.

    The module is loaded when the report is asked for, since engines and models take a second to load. It has
    `compute(answers, *, as_of, arguments) -> dict`, plain values that JSON can say, and `as_text(report) -> str`.
    """

    name: str
    question: str
    module: str
    add_options: Callable[[ArgumentParser], None] = _nothing_more

    def compute(self, answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
        report: Report = import_module(self.module).compute(answers, as_of=as_of, arguments=arguments)
        return report

    def as_text(self, report: Report) -> str:
        return str(import_module(self.module).as_text(report))


def _monetary(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--monetary", choices=("average", "total"), default="average", help="rfm: what the monetary value measures"
    )


def _churn(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--label",
        metavar="FIELD",
        help="churn: the field of customers that says who left; `rapport import --fields` makes fields of a file's columns",
    )
    parser.add_argument("--left", metavar="VALUE", help="churn: the value of that field that means so")
    parser.add_argument(
        "--known-after", metavar="FIELD", action="append", help="churn: a field that is known only afterwards"
    )
    parser.add_argument(
        "--known-before",
        metavar="FIELD",
        action="append",
        help="churn: a field that was known before, whatever it looks like",
    )
    parser.add_argument(
        "--within", type=int, metavar="DAYS", help="churn: how far ahead to look, where there is no label"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        choices=range(1, 101),
        default=10,
        metavar="N",
        help="churn: how often customers are drawn anew",
    )


def _arms(parser: ArgumentParser) -> None:
    parser.add_argument("--arm", metavar="FIELD", help="arms: the field that says which arm somebody was in")
    parser.add_argument("--control", metavar="VALUE", help="arms: the arm that got nothing")
    parser.add_argument("--outcome", metavar="FIELD", action="append", help="arms: a field that says what came of it")


def _audit(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--period", choices=("year", "quarter", "month"), default="year", help="audit: how long the period is that ends"
    )
    parser.add_argument("--cohorts", choices=("year", "quarter", "month"), help="audit: how cohorts are cut")
    parser.add_argument(
        "--of", choices=("customers", "products"), default="customers", help="audit: of whom, or of what"
    )


def _clv(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--holdout-weeks",
        type=int,
        choices=range(1, 521),
        metavar="N",
        help="clv: how many weeks are held out to check with",
    )


def _forecast(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--each",
        choices=("week", "month"),
        help="forecast: how long periods are; unset: months where there are two years",
    )


def counts_of(text: str) -> tuple[float, ...]:
    """Numbers of customers as they are typed on a command line."""
    try:
        return tuple(float(each) for each in text.split(","))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} are not numbers; write them as 1000,869,743") from error


def _retention(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--survivors", type=counts_of, metavar="NUMBERS", help="retention: customers at first and after each renewal"
    )
    parser.add_argument("--began", metavar="FIELD", help="retention: the field that says when a contract began")
    parser.add_argument("--ended", metavar="FIELD", help="retention: the field that says when it ended, if it did")
    parser.add_argument(
        "--every", choices=("month", "quarter", "year"), default="month", help="retention: from one renewal to the next"
    )


def _moves(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--since", type=day_of, metavar="DATE", help="moves: since which day; unset: three months before"
    )


KINDS = (
    ReportKind("rfm", "who are the best and the worst customers?", "rapport.insight.printed.rfm", _monetary),
    ReportKind("audit", "how is the customer base, through five lenses?", "rapport.insight.printed.audit", _audit),
    ReportKind("moves", "who moved between RFM groups?", "rapport.insight.printed.moves", _moves),
    ReportKind(
        "clv", "what will customers be worth, and how far can that be trusted?", "rapport.insight.printed.clv", _clv
    ),
    ReportKind(
        "forecast",
        "what revenue is to be expected, and how far can that be trusted?",
        "rapport.insight.printed.forecast",
        _forecast,
    ),
    ReportKind("worth", "what are customers worth, in five ways?", "rapport.insight.printed.worth"),
    ReportKind("churn", "who will leave, and how far can that be trusted?", "rapport.insight.printed.churn", _churn),
    ReportKind(
        "retention",
        "how long do customers keep a contract, and how far can that be trusted?",
        "rapport.insight.printed.retention",
        _retention,
    ),
    ReportKind("arms", "what did a campaign do, arm by arm?", "rapport.insight.printed.arms", _arms),
    ReportKind("next-product", "what is bought together, and what next?", "rapport.insight.printed.next_product"),
)


def find_kind(name: str) -> ReportKind:
    """The report of this name; LookupError where there is none."""
    for kind in KINDS:
        if kind.name == name:
            return kind
    raise LookupError(name)
