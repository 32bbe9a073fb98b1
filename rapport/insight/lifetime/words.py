"""Why something cannot be learned, or was learned so, in the language of whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from rapport.ui.formats import day

_LENGTH_OF_A_DAY = len("2026-11-23")
POOLED, OWN = "pooled", "own"
ONE_YEAR, NONE_CARRIES, NOT_BETTER, BETTER = "one_year", "none_carries", "not_better", "better"


def refusal_in_words(report: Mapping[str, Any]) -> str:
    """The refusal of a report or of a part of it; one that was kept before refusals could be translated stays as it is."""
    refusal = report.get("refusal")
    if not refusal:
        return str(report["refused"])
    return _(refusal["words"]) % {name: _in_words(figure) for name, figure in refusal["figures"].items()}


def _in_words(figure: str) -> str:
    """A day as people write it; whatever else a figure is stays as it is."""
    try:
        return day(date.fromisoformat(figure)) if len(figure) == _LENGTH_OF_A_DAY else figure
    except ValueError:
        return figure


def why_cohorts(told: Mapping[str, Any]) -> str:
    """Why customers of different years have one model or several."""
    if told["verdict"] == ONE_YEAR:
        return _("All customers were won in %(year)s: one model is of all of them.") % {
            "year": told["cohorts"][0]["cohort"]
        }
    if told["verdict"] == NONE_CARRIES:
        return _(
            "No year had won enough customers before the weeks held out to learn from it alone: one model is of all."
        )
    if told["verdict"] == BETTER:
        own = [each["cohort"] for each in told["cohorts"] if each["taken"] == OWN]
        return _(
            "Customers won in %(years)s have a model of their own: in the weeks held out it was nearer to what came of them than"
            " the one of all, by more than chance."
        ) % {"years": ", ".join(map(str, own))}  # fmt: skip
    return _(
        "One model is of the customers of all years: in the weeks held out no model of a single year was nearer to what came of its"
        " customers by more than chance."
    )  # fmt: skip
