"""What one customer likely buys next, as values: her products with their reasons, and how far that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapport.insight.models import Snapshot
from rapport.insight.queries import segment_rules
from rapport.insight.reports import NotYetMade, Report, reports
from rapport.insight.together.computing import likely_next, names_of, next_product
from rapport.insight.together.page import Named, named
from rapport.insight.together.words import METHODS, reason_words, verdict_words

LISTED = 5
_FLOOR = "own_first"


@dataclass(frozen=True)
class LikelyPage:
    as_of: date
    products: list[tuple[Named, str]]
    method: str
    verdict: str


def likely_page(snapshot: Snapshot, customer_id: int, *, as_of: date) -> LikelyPage:
    """By the way that did best when it was looked back; by the floor while nobody has looked back."""
    looked_back = _looked_back(snapshot, as_of)
    method = looked_back["chosen"] if looked_back is not None else _FLOOR
    with reports(snapshot, rules=segment_rules()) as answers:
        found = likely_next(answers, customer_id, as_of=as_of, method=method, listed=LISTED)
        told = {row["product_id"] for row in found} | {row["to"] for row in found if "to" in row}
        names = names_of(answers, told)
    products = named(told, names)
    called = {number: product.name for number, product in products.items()}
    return LikelyPage(
        as_of=as_of,
        products=[(products[row["product_id"]], reason_words(row, called)) for row in found],
        method=str(METHODS[method]),
        verdict=verdict_words(looked_back) if looked_back is not None else "",
    )


def _looked_back(snapshot: Snapshot, as_of: date) -> Report | None:
    with reports(snapshot, rules=segment_rules(), only_kept=True) as answers:
        try:
            return next_product(answers, as_of=as_of)
        except NotYetMade:
            return None
