"""How the ways to name the next product, and the reasons for a product, are put into words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.ui.formats import day, number

METHODS: dict[str, str | Promise] = {
    "everybodys": gettext_lazy("What everybody buys"),
    "own_first": gettext_lazy("Her own, then what everybody buys"),
    "own_then_related": gettext_lazy("Her own, then what goes with them"),
    "together": gettext_lazy("Her own and what goes with them, weighed together"),
    "learned": gettext_lazy("Learned from what was bought next before"),
}


def verdict_words(report: dict[str, Any]) -> str:
    """Which method is taken, and why."""
    said = {
        "chosen": METHODS[report["chosen"]],
        "floor": METHODS[report["floor"]],
        "compared": METHODS.get(report["compared"], ""),
        "least": number(report["least_customers"]),
    }
    return {
        "too_few": _(
            "“%(floor)s” is taken unchecked: fewer than %(least)s customers bought again in the days that were looked at, too few"
            " to say whether anything is better."
        ),
        "floor_holds": _(
            "“%(floor)s” is taken: “%(compared)s”, the best other way, was not better by more than chance in the earlier days."
        ),
        "not_again": _(
            "“%(floor)s” is taken: “%(compared)s” was better in the earlier days, but not again in the last ones."
        ),
        "better": _(
            "“%(chosen)s” is taken: it was better than “%(floor)s” by more than chance in the earlier days, and again in the"
            " last ones."
        ),
    }[report["verdict"]] % said


def reason_words(reason: dict[str, Any], names: dict[int, str]) -> str:
    """Why a product is likely next."""
    if reason["why"] == "own":
        words = ngettext("Bought once, on %(day)s", "Bought %(count)s times, last on %(day)s", reason["purchases"])
        return words % {"count": number(reason["purchases"]), "day": day(date.fromisoformat(reason["last_on"]))}
    if reason["why"] == "related":
        return _("Goes with %(product)s: %(lift)s times as often as by chance, in %(count)s purchases") % {
            "product": names.get(reason["to"], "?"), "lift": number(reason["lift"], digits=1), "count": number(reason["together"]),
        }  # fmt: skip
    return ngettext(
        "Among the most bought: in %(count)s purchase",
        "Among the most bought: in %(count)s purchases",
        reason["purchases"],
    ) % {"count": number(reason["purchases"])}
