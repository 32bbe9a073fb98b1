"""The printed report of lifetime value: which model, how it did on what came after, what it foretells."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from rapport.insight.lifetime import lifetime_value

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    return lifetime_value(answers, as_of=as_of, holdout_weeks=arguments.holdout_weeks)


def as_text(report: Report) -> str:
    if "refused" in report:
        return f"No lifetime value as of {report['as_of']}: {report['refused']}"
    held = report["holdout"]
    lines = [
        f"{report['customers']:,} customers won from {report['acquired']['first_on']} to {report['acquired']['newest_on']},"
        f" {report['repeaters']:,} came back, as of {report['as_of']} (mart {report['mart']})",
        f"Held out: {held['weeks']} weeks after {held['known_until']}, {held['actual_purchases']:,} purchases",
        "",
        f"{'':20}{'log-likelihood':>16}{'expected':>11}{'off':>8}{'MAE':>8}{'RMSE':>8}",
    ]
    for each in report["models"]:
        lines.append(f"{each['model']:20}{each['log_likelihood']:>16,.3f}" + _checked(each["holdout"]))
        lines.append("    " + _parameters(each["parameters"]))
    lines.append(f"{report['baseline']['name']:36}" + _checked(report["baseline"]))
    lines += ["", report["reason"], "", *_frequencies(report), "", _spending(report["spending"])]
    foretold = report["forecast"]
    worth = "" if foretold["value"] is None else f", worth {foretold['value']:,.2f} {report['currency']}"
    lines.append(
        f"The next {foretold['weeks']} weeks: {foretold['purchases']:,.1f} purchases{worth};"
        f" {foretold['alive']:,.0f} customers are still there."
    )
    return "\n".join([*lines, *(f"Note: {warning}" for warning in report["warnings"])])


def _checked(held_out: Report | None) -> str:
    if held_out is None:
        return ""
    return f"{held_out['expected_purchases']:>11,.1f}{held_out['error']:>8.1%}{held_out['mae']:>8.4f}{held_out['rmse']:>8.4f}"


def _frequencies(report: Report) -> list[str]:
    names = [each["model"] for each in report["models"] if each["holdout"]] + [report["baseline"]["name"]]
    head = f"{'came back':10}{'customers':>10}{'actual':>9}" + "".join(f"{name:>21}" for name in names)
    return [head] + [
        f"{line['repeats']:10}{line['customers']:>10,}{line['actual']:>9.4f}"
        + "".join(f"{line[name]:>21.4f}" for name in names)
        for line in report["by_frequency"]
    ]


def _spending(spending: Report) -> str:
    if "refused" in spending:
        return f"{spending['model']}: {spending['refused']}"
    return (
        f"{spending['model']}: {_parameters(spending['parameters'])}, log-likelihood {spending['log_likelihood']:,.3f},"
        f" {spending['customers']:,} customers, mean {spending['mean']:,.2f}, correlation with frequency"
        f" {spending['correlation'] or 0:.3f}"
    )


def _parameters(parameters: Report) -> str:
    return ", ".join(f"{name} {value:.5g}" for name, value in parameters.items())
