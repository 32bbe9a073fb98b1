"""The printed report of the revenue forecast: what is foretold, and how far that can be trusted."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.insight.forecast.computing import revenue_forecast
from rapport.insight.forecast.words import WAYS, held_out_words, interval_words, verdict, why_not_tried
from rapport.insight.lifetime.words import refusal_in_words

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]
_MICROS = 1_000_000


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    return revenue_forecast(answers, as_of=as_of, period=arguments.each)


def as_text(report: Report) -> str:
    if "refused" in report:
        words = _("No forecast of revenue as of %(day)s: %(why)s")
        return words % {"day": report["as_of"], "why": refusal_in_words(report)}
    head = _("Net revenue in %(currency)s as of %(day)s, from %(count)s periods since %(first)s (mart %(mart)s)") % {
        "currency": report["currency"], "day": report["as_of"], "count": report["periods"], "first": report["first_on"],
        "mart": report["mart"],
    }  # fmt: skip
    lines = [head, "", f"{_('until'):12}{_('expected'):>16}{'80 %':>34}{'95 %':>34}"]
    lines += [_period(each) for each in report["forecast"]]
    lines += ["", verdict(report), held_out_words(report), interval_words(report), ""]
    lines.append(f"{'':44}{'MASE':>8}{'WAPE':>8}{_('bias'):>8}{'80 %':>8}{'95 %':>8}")
    for each in report["candidates"]:
        name = f"{'*' if each['chosen'] else ' '} {WAYS[each['name']]}"
        lines.append(
            f"{name:44}{each['mase']:>8.3f}{each['wape']:>8.1%}{each['bias']:>+8.1%}{each['coverage_80']:>8.0%}"
            f"{each['coverage_95']:>8.0%}"
        )
    lines += [f"  {WAYS[name]}: {why_not_tried(name)}" for name in report["not_tried"]]
    return "\n".join(lines)


def _period(each: Report) -> str:
    bounds = [f"{_units(each[f'low_{share}'])} – {_units(each[f'high_{share}'])}" for share in ("80", "95")]
    return f"{each['until']:12}{_units(each['expected_micros']):>16}{bounds[0]:>34}{bounds[1]:>34}"


def _units(micros: int) -> str:
    return f"{micros / _MICROS:,.2f}"
