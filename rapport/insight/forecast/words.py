"""What the ways to forecast are called, and why one is believed, in words that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.ui.formats import number, percent

WAYS: Mapping[str, str | Promise] = {
    "last": gettext_lazy("Like the last period"),
    "mean": gettext_lazy("Mean of the last three months"),
    "seasonal": gettext_lazy("Like a year before"),
    "drift": gettext_lazy("Straight on"),
    "damped": gettext_lazy("A trend that fades"),
    "winters": gettext_lazy("Trend and seasons (Holt-Winters)"),
    "customers": gettext_lazy("What customers are foretold to buy"),
}


def verdict(report: Mapping[str, Any]) -> str:
    """Which way is believed, beside the naive one, and how it did where it was chosen without knowing what came."""
    by_name = {each["name"]: each for each in report["candidates"]}
    taken, naive = by_name[report["chosen"]], by_name[report["baseline"]]
    said = {
        "way": WAYS[report["chosen"]], "naive": WAYS[report["baseline"]], "count": number(len(report["origins"])),
        "wape": percent(taken["wape"]), "naive_wape": percent(naive["wape"]),
    }  # fmt: skip
    if report["chosen"] == report["baseline"]:
        words = _(
            "“%(way)s” is believed: no other way was nearer from most of the %(count)s earlier days tried. It was off by"
            " %(wape)s."
        )
        return words % said
    words = _(
        "“%(way)s” is believed: from %(count)s earlier days it was off by %(wape)s of what came, “%(naive)s” by %(naive_wape)s."
    )
    return words % said


def held_out_words(report: Mapping[str, Any]) -> str:
    """How the newest day tried came out by what was best before it; nothing where too few days came before."""
    held = report["held_out"]
    if held is None:
        return ""
    words = _(
        "Of the newest day tried, by what had been best on the days before it (“%(way)s”): off by %(wape)s, the naive way by"
        " %(naive)s; %(within)s of the periods came within the 80 %% intervals."
    )
    return words % {
        "way": WAYS[held["chosen"]], "wape": percent(held["wape"]), "naive": percent(held["baseline_wape"]),
        "within": percent(held["within_80"]),
    }  # fmt: skip


def interval_words(report: Mapping[str, Any]) -> str:
    """How the intervals are made."""
    words = _(
        "Intervals are made of %(errors)s errors of the days tried: as wide as held 80 %% and 95 %% of them, wider the farther"
        " ahead. What has never happened before is not in them."
    )
    return words % {"errors": number(report["intervals"]["errors"])}


def why_not_tried(name: str) -> str:
    """Why a way is not among those tried."""
    if name == "customers":
        return _("Too few customers came back by the earliest day tried.")
    return _("Too little was known on the earliest day tried.")
