"""The printed report of retention: who renewed, who will, and how far that can be trusted."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.insight.contracts.computing import ContractsAsked, retention
from rapport.insight.lifetime.words import refusal_in_words

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

Report = dict[str, Any]


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> Report:
    asked = ContractsAsked(
        survivors=arguments.survivors or (), began=arguments.began or "", ended=arguments.ended or "", every=arguments.every
    )  # fmt: skip
    return retention(answers, as_of=as_of, asked=asked)


def as_text(report: Report) -> str:
    if "refused" in report:
        words = _("Nothing can be said of retention as of %(day)s. %(why)s")
        return words % {"day": report["as_of"], "why": refusal_in_words(report)}
    head = _("%(model)s of %(count)s contracts, of which %(ended)s ended: %(parameters)s, log-likelihood %(likelihood)s") % {
        "model": report["model"], "count": f"{report['contracts']:,}", "ended": f"{report['ended']:,}",
        "parameters": ", ".join(f"{name} {value:.4g}" for name, value in report["parameters"].items()),
        "likelihood": f"{report['log_likelihood']:,.2f}",
    }  # fmt: skip
    lines = [head, _checked(report["check"]), ""]
    lines.append(
        f"{_('renewal'):>8}{_('met it'):>10}{_('renewed'):>10}{_('expected'):>10}{_('still'):>10}{_('expected'):>10}"
    )
    for each in report["renewals"]:
        met = "-" if each["met"] is None else f"{each['met']:,}"
        lines.append(
            f"{each['renewal']:>8}{met:>10}{_share(each['retention']):>10}{_share(each['expected_retention']):>10}"
            f"{_share(each['survival']):>10}{_share(each['expected_survival']):>10}"
        )
    return "\n".join(lines)


def _checked(check: Report | None) -> str:
    if check is None:
        return _("There are too few renewals to hold some of them out.")
    words = _(
        "Learned from %(known)s renewals, the retention of the %(later)s after them was off by %(off)s on average; by %(alike)s if"
        " all customers were alike."
    )
    return words % {
        "known": check["known_renewals"], "later": check["foretold_renewals"], "off": _share(check["retention_off"]),
        "alike": _share(check["alike_off"]),
    }  # fmt: skip


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
