"""Looking back: which way of naming the next products would have named what customers bought next?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from ibis import ir

from rapport.insight.scores.next_product import (
    FLOOR,
    LEARNED,
    LISTED,
    METHODS,
    VERSION,
    WITH_PAIRS,
    best,
    scores_of,
)
from rapport.insight.scores.next_product_ranker import DAYS, LEAST_CUSTOMERS, Ranker, Seen, ranked, seen, trained
from rapport.insight.together.computing import items_up_to

if TYPE_CHECKING:
    from rapport.insight.reports import Reports

WINDOWS = 3
ALL, REPEAT, EXPLORE = "all", "repeat", "explore"
PARTS = (ALL, REPEAT, EXPLORE)
MEASURES = ("recall", "ndcg", "phr")
HOLDS, BETTER, NOT_AGAIN, TOO_FEW = "floor_holds", "better", "not_again", "too_few"

# of every customer who is looked at in a window: part → customer × measure; NaN where the part of what she bought is empty
Found = dict[str, dict[str, np.ndarray[Any, Any]]]


@dataclass(frozen=True)
class Window:
    """Days after `after` up to `until`, in which some customers bought again, and how each method did."""

    after: date
    until: date
    customers: int
    found: Found


def look_back(answers: Reports, *, as_of: date) -> dict[str, Any]:
    """Which method is taken, why, and how all of them did in the last window, which chose none of them."""
    return {
        "mart": f"next_product v{VERSION}",
        "as_of": as_of.isoformat(),
        "time_zone": answers.snapshot.time_zone,
        "listed": LISTED,
        "days": DAYS,
        **check(items_up_to(answers, as_of=as_of), as_of=as_of),
    }


def check(items: ir.Table, *, as_of: date) -> dict[str, Any]:
    """The same of the mart `basket_items`: three windows of equal length, the last of them for the report alone.

    What is learned for a window is learned from what was bought next in the one before it.
    """
    found = [seen(items, until=as_of - timedelta(days=DAYS * back)) for back in range(WINDOWS + 1)]
    return _judged([_look_back(found[back], trained(found[back + 1])) for back in range(WINDOWS)])


def _judged(windows: list[Window]) -> dict[str, Any]:
    held_out, choosing = windows[0], windows[1:]
    chosen, verdict, best_method = _chosen(held_out, choosing)
    return {
        "chosen": chosen,
        "verdict": verdict,
        "compared": best_method,
        "floor": FLOOR,
        "least_customers": LEAST_CUSTOMERS,
        "windows": [
            {
                "after": window.after.isoformat(), "until": window.until.isoformat(), "customers": window.customers,
                "for": "report" if window is held_out else "choice",
            }
            for window in windows
        ],
        "methods": [
            {"method": method, "choice": _means(choosing, method), "report": _means([held_out], method)} for method in METHODS
        ],
    }  # fmt: skip


def _chosen(held_out: Window, choosing: list[Window]) -> tuple[str, str, str]:
    """The method, why it, and which other was compared with the floor: the one that did best before the last window.

    It has to be better by two standard errors there, and better in the last window too.
    """
    if min(held_out.customers, sum(window.customers for window in choosing)) < LEAST_CUSTOMERS:
        return FLOOR, TOO_FEW, ""
    ahead = {method: _ahead(choosing, method) for method in WITH_PAIRS}
    method = max(WITH_PAIRS, key=lambda each: ahead[each][0])
    difference, error = ahead[method]
    if difference <= 2 * error:
        return FLOOR, HOLDS, method
    if _ahead([held_out], method)[0] <= 0:
        return FLOOR, NOT_AGAIN, method
    return method, BETTER, method


def _ahead(windows: list[Window], method: str) -> tuple[float, float]:
    """By how much nDCG a method is ahead of the floor on average, customer by customer, and the standard error of that."""
    ours, floor = (np.concatenate([window.found[each][ALL][:, 1] for window in windows]) for each in (method, FLOOR))
    differences = ours - floor
    if len(differences) < 2:
        return 0.0, 0.0
    return float(differences.mean()), float(differences.std(ddof=1) / math.sqrt(len(differences)))


def _means(windows: list[Window], method: str) -> dict[str, Any]:
    said = {}
    for part in PARTS:
        rows = np.concatenate([window.found[method][part] for window in windows])
        rows = rows[~np.isnan(rows[:, 0])]
        means = rows.mean(axis=0) if len(rows) else [None] * len(MEASURES)
        figures = {
            name: None if mean is None else round(float(mean), 6) for name, mean in zip(MEASURES, means, strict=True)
        }
        said[part] = {"customers": len(rows), **figures}
    return said


def _look_back(known: Seen, ranker: Ranker | None) -> Window:
    parts: dict[str, dict[str, list[np.ndarray[Any, Any]]]] = {m: {part: [] for part in PARTS} for m in METHODS}
    for block in known.blocks():
        histories = known.histories(block)
        products = known.assortment.products
        own = [set(products[histories.purchases[row].indices].tolist()) for row in range(len(block))]
        for method in METHODS:
            scores = (
                ranked(ranker, known.assortment, histories, known.demand)
                if method == LEARNED
                else scores_of(method, known.assortment, histories)
            )
            named = products[best(scores)]
            for row, customer in enumerate(block):
                _measure(parts[method], named[row].tolist(), known.bought[customer], own[row])
    found = {
        m: {part: np.array(rows, dtype=float).reshape(-1, len(MEASURES)) for part, rows in p.items()}
        for m, p in parts.items()
    }
    return Window(known.after, known.until, len(known.customers), found)


def _measure(parts: dict[str, list[Any]], named: list[int], bought: set[int], own: set[int]) -> None:
    """Of one customer: of all that she bought next, of what she had bought before, of what was new to her."""
    for part, wanted in ((ALL, bought), (REPEAT, bought & own), (EXPLORE, bought - own)):
        parts[part].append(measures(named, wanted))


def measures(named: list[int], wanted: set[int]) -> list[float]:
    """Recall, nDCG and whether anything was hit at all, for one customer."""
    if not wanted:
        return [math.nan] * len(MEASURES)
    hits = [place for place, product in enumerate(named) if product in wanted]
    gained = sum(1 / math.log2(place + 2) for place in hits)
    at_best = sum(1 / math.log2(place + 2) for place in range(min(len(wanted), LISTED)))
    return [len(hits) / len(wanted), gained / at_best, float(bool(hits))]
