"""The printed report of lifetime value: which model, how it did on what came after, what it foretells."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.insight.lifetime.learning import lifetime_value
from rapport.insight.lifetime.words import refusal_in_words

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    return lifetime_value(answers, as_of=as_of, holdout_weeks=arguments.holdout_weeks)


def as_text(report: Report) -> str:
    if "refused" in report:
        words = _("No lifetime value as of %(day)s: %(why)s")
        return words % {"day": report["as_of"], "why": refusal_in_words(report)}
    held = report["holdout"]
    lines = [
        _("%(count)s customers won from %(first)s to %(newest)s, %(again)s came back, as of %(day)s (mart %(mart)s)")
        % {
            "count": f"{report['customers']:,}",
            "first": report["acquired"]["first_on"],
            "newest": report["acquired"]["newest_on"],
            "again": f"{report['repeaters']:,}",
            "day": report["as_of"],
            "mart": report["mart"],
        },
        _("Held out: %(weeks)s weeks after %(day)s, %(count)s purchases")
        % {"weeks": held["weeks"], "day": held["known_until"], "count": f"{held['actual_purchases']:,}"},
        "",
        f"{'':20}{_('log-likelihood'):>16}{_('expected'):>11}{_('off'):>8}{'MAE':>8}{'RMSE':>8}",
    ]
    for each in report["models"]:
        lines.append(f"{each['model']:20}{each['log_likelihood']:>16,.3f}" + _checked(each["holdout"]))
        lines.append("    " + _parameters(each["parameters"]))
    lines.append(f"{report['baseline']['name']:36}" + _checked(report["baseline"]))
    lines += ["", report["reason"], "", *_frequencies(report), ""]
    lines += [report["cohorts"]["reason"], *_cohorts(report["cohorts"]), "", _spending(report["spending"])]
    held_in = held["range"]
    lines.append(
        _(
            "Ranges of orders that are to hold %(share)s of customers held %(within)s; by the model it would be %(expected)s."
        )
        % {name: f"{held_in[name]:.1%}" for name in ("share", "within", "expected")}
    )
    foretold = report["forecast"]
    words = _("The next %(weeks)s weeks: %(count)s purchases; %(alive)s customers are still there.")
    if foretold["value"] is not None:
        words = _(
            "The next %(weeks)s weeks: %(count)s purchases, worth %(value)s; %(alive)s customers are still there."
        )
    lines.append(words % {
        "weeks": foretold["weeks"], "count": f"{foretold['purchases']:,.1f}", "alive": f"{foretold['alive']:,.0f}",
        "value": f"{foretold['value'] or 0:,.2f} {report['currency']}",
    })  # fmt: skip
    notes = [_("Note: %(warning)s") % {"warning": warning} for warning in report["warnings"]]
    return "\n".join([*lines, *notes])


def _checked(held_out: Report | None) -> str:
    if held_out is None:
        return ""
    return f"{held_out['expected_purchases']:>11,.1f}{held_out['error']:>8.1%}{held_out['mae']:>8.4f}{held_out['rmse']:>8.4f}"


def _frequencies(report: Report) -> list[str]:
    names = [each["model"] for each in report["models"] if each["holdout"]] + [report["baseline"]["name"]]
    head = f"{_('came back'):10}{_('customers'):>10}{_('actual'):>9}" + "".join(f"{name:>21}" for name in names)
    return [head] + [
        f"{line['repeats']:10}{line['customers']:>10,}{line['actual']:>9.4f}"
        + "".join(f"{line[name]:>21.4f}" for name in names)
        for line in report["by_frequency"]
    ]


def _cohorts(told: Report) -> list[str]:
    """One line for each year in which customers were won, where there are several."""
    if len(told["cohorts"]) < 2:
        return []
    lines = [
        f"{_('won in'):10}{_('customers'):>10}{_('came back'):>10}{_('actual'):>9}{_('of all'):>10}{_('of its own'):>12}"
    ]
    for each in told["cohorts"]:
        held = each["holdout"] or {}
        said = [format(held[name]["expected"], ",.1f") if held.get(name) else "-" for name in ("pooled", "own")]
        came = format(held["actual"], ",.0f") if held else "-"
        lines.append(
            f"{each['cohort']:<10}{each['customers']:>10,}{each['repeaters']:>10,}{came:>9}{said[0]:>10}{said[1]:>12}"
        )
        if each["parameters"]:
            lines.append("    " + _parameters(each["parameters"]))
    return lines


def _spending(spending: Report) -> str:
    if "refused" in spending:
        return f"{spending['model']}: {refusal_in_words(spending)}"
    words = _(
        "%(model)s: %(parameters)s, log-likelihood %(likelihood)s, %(count)s customers, mean %(mean)s, correlation with frequency"
        " %(correlation)s"
    )
    return words % {
        "model": spending["model"], "parameters": _parameters(spending["parameters"]),
        "likelihood": f"{spending['log_likelihood']:,.3f}", "count": f"{spending['customers']:,}",
        "mean": f"{spending['mean']:,.2f}", "correlation": f"{spending['correlation'] or 0:.3f}",
    }  # fmt: skip


def _parameters(parameters: Report) -> str:
    return ", ".join(f"{name} {value:.5g}" for name, value in parameters.items())
