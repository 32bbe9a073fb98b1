"""What one customer likely buys next, with the reasons: by what was learned up to a day, kept beside the snapshot."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from rapport.insight.marts.basket_items import basket_items
from rapport.insight.scores.next_product import (
    FLOOR,
    LEARNED,
    LISTED,
    VERSION,
    WITH_PAIRS,
    Assortment,
    Histories,
    best,
    from_pairs,
    histories_of,
    learn,
    scores_of,
)
from rapport.insight.scores.next_product_ranker import Demand, Ranker, demand_of, ranked, seen, trained
from rapport.insight.together.computing import items_up_to

if TYPE_CHECKING:
    from rapport.insight.reports import Reports


def learned(answers: Reports, *, as_of: date, method: str) -> Assortment:
    """What the purchases up to a day teach that a method needs; kept beside the snapshot, so that it is learned once."""
    with_pairs = method in WITH_PAIRS

    def compute() -> dict[str, Any]:
        found = learn(items_up_to(answers, as_of=as_of), with_pairs=with_pairs)
        columns = {
            name: [row[name] for row in found.pairs]
            for name in ("product_id", "with_id", "together", "lift", "likeness")
        }
        return {"products": found.products.tolist(), "purchases": found.purchases.tolist(), "pairs": columns}

    kept = answers.answer("assortment", (VERSION, as_of, with_pairs), compute)
    names = list(kept["pairs"])
    pairs = [dict(zip(names, row, strict=True)) for row in zip(*kept["pairs"].values(), strict=True)]
    products, purchases = (np.array(kept[name], dtype=np.int64) for name in ("products", "purchases"))
    return from_pairs(products, purchases, pairs)


def learned_ranker(answers: Reports, *, as_of: date) -> tuple[Ranker | None, Demand]:
    """What was bought next before the day, and how much each product is bought by now; kept as well."""

    def compute() -> dict[str, Any]:
        items, assortment = items_up_to(answers, as_of=as_of), learned(answers, as_of=as_of, method=LEARNED)
        found, demand = trained(seen(items, until=as_of)), demand_of(items, assortment, as_of=as_of)
        return {
            "ranker": found.said() if found else None,
            "recent": demand.recent.tolist(),
            "again": demand.again.tolist(),
        }

    kept = answers.answer("ranker", (VERSION, as_of), compute)
    demand = Demand(*(np.array(kept[name], dtype=float) for name in ("recent", "again")))
    return Ranker.read(kept["ranker"]) if kept["ranker"] else None, demand


def prepare(answers: Reports, *, as_of: date, method: str) -> None:
    """Learn what a method takes, as far as it is not there."""
    learned(answers, as_of=as_of, method=method)
    if method == LEARNED:
        learned_ranker(answers, as_of=as_of)


def likely_next(
    answers: Reports, customer_id: int, *, as_of: date, method: str = FLOOR, listed: int = LISTED
) -> list[dict[str, Any]]:
    """What one customer likely buys next, most likely first, each product with its reason.

    A reason is `own` (purchases, last_on), `related` (to: a product of hers, together, lift), or `everybodys` (purchases).
    """
    assortment = learned(answers, as_of=as_of, method=method)
    if not len(assortment.products):
        return []
    orders = answers.warehouse.orders()
    hers = orders.filter(orders.customer_id == customer_id)
    items = basket_items(hers, answers.warehouse.table("order_lines"), as_of=as_of)
    histories = histories_of(items, assortment, [customer_id], as_of=as_of)
    if method == LEARNED:
        ranker, demand = learned_ranker(answers, as_of=as_of)
        scores = ranked(ranker, assortment, histories, demand)
    else:
        scores = scores_of(method, assortment, histories)
    chosen = best(scores, listed=listed)[0]
    return [_explained(int(place), assortment, histories, as_of) for place in chosen]


def _explained(place: int, assortment: Assortment, histories: Histories, as_of: date) -> dict[str, Any]:
    product = {"product_id": int(assortment.products[place])}
    purchases = int(histories.purchases[0, place])
    if purchases:
        last_on = date.fromordinal(as_of.toordinal() - int(histories.days_ago[0, place]) + 1)
        return product | {"why": "own", "purchases": purchases, "last_on": last_on.isoformat()}
    near = assortment.likeness[:, [place]].multiply(histories.purchases.T).tocoo()
    if near.nnz:
        likest = min(zip(-near.data, near.coords[0], strict=True))
        to = int(assortment.products[likest[1]])
        pair = next(
            row for row in assortment.pairs if row["product_id"] == to and row["with_id"] == product["product_id"]
        )
        return product | {"why": "related", "to": to, "together": pair["together"], "lift": pair["lift"]}
    return product | {"why": "everybodys", "purchases": int(assortment.purchases[place])}
