"""The printed report of the next product: how the ways to name it did, and what goes with what."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from rapport.insight.reports import rows
from rapport.insight.together.computing import bought_together, items_up_to, next_product
from rapport.insight.together.words import METHODS, verdict_words

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

SHOWN = 10
_PARTS = (("all", "all that was bought next"), ("repeat", "bought before"), ("explore", "new to the customer"))


def compute(answers: Reports, *, as_of: date, arguments: Namespace) -> dict[str, Any]:
    items = items_up_to(answers, as_of=as_of)
    if not rows(items.aggregate(count=items.count()))[0]["count"]:
        return {"report": "next-product", "as_of": as_of.isoformat(), "refused": _refusal(as_of)}
    report = next_product(answers, as_of=as_of)
    pairs = bought_together(answers, as_of=as_of)
    names = pairs["names"]
    strongest = [dict(zip(pairs["columns"], row, strict=True)) for row in pairs["pairs"]]
    strongest = [row for row in strongest if row["product_id"] < row["with_id"]][:SHOWN]
    told = [row | {"product": names[str(row["product_id"])], "with": names[str(row["with_id"])]} for row in strongest]
    return {
        **report,
        "reason": verdict_words(report),
        "together": {"mart": pairs["mart"], "baskets": pairs["baskets"], "pairs": told},
    }


def _refusal(as_of: date) -> str:
    words = _(
        "Nothing can be said of the next product as of %(day)s: no order up to then says which products were"
        " bought. Orders that have lines with products can be learned from."
    )
    return words % {"day": as_of.isoformat()}


def as_text(report: dict[str, Any]) -> str:
    if "refused" in report:
        return str(report["refused"])
    lines = [f"The next product as of {report['as_of']} (mart {report['mart']}): {report['listed']} are named", ""]
    for window in report["windows"]:
        lines.append(
            f"after {window['after']} up to {window['until']}: {window['customers']:,} customers, for the {window['for']}"
        )
    for part, words in _PARTS:
        lines += [
            "",
            f"Of {words}, in the days for the report",
            f"{'':52}{'customers':>10}{'recall':>9}{'nDCG':>9}{'PHR':>9}",
        ]
        for row in report["methods"]:
            found = row["report"][part]
            figures = "".join(
                f"{'-' if found[name] is None else format(found[name], '.4f'):>9}" for name in ("recall", "ndcg", "phr")
            )
            lines.append(f"{METHODS[row['method']]!s:52}{found['customers']:>10,}{figures}")
    lines += ["", report["reason"], "", f"Bought together (mart {report['together']['mart']})"]
    for pair in report["together"]["pairs"]:
        names = " + ".join(name or code for code, name in (pair["product"], pair["with"]))
        lines.append(f"{names[:70]:72}{pair['together']:>8,}{pair['lift']:>9.1f}")
    return "\n".join(lines)
