"""A learned ranker of the next product: from what customers bought next in earlier days, by what was known of them before.

Logistic regression over pairs of a customer and a product: how often and when last she bought it, how well it goes with her own,
how much everybody buys it, of late too, and whether its buyers buy it again. Only likely products are candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

import numpy as np
from ibis import ir
from numpy.typing import NDArray

from rapport.insight.marts.next_baskets import next_baskets
from rapport.insight.marts.product_counts import product_counts
from rapport.insight.scores.columns import Coding, NumberCode, Numbers, Table, number
from rapport.insight.scores.leaving_models import Logistic, fit_logistic
from rapport.insight.scores.next_product import FLOOR, Assortment, Histories, histories_of, learn, scores_of

DAYS = 90
MOST_CUSTOMERS = 2_000
LEAST_CUSTOMERS = 50
BLOCK = 200
_TAUGHT_BY = 1_000  # customers: more of them say nothing new, and cost memory
_FROM_EACH = 40
_SCATTER = 2_654_435_761  # spreads ids evenly, so that those who are looked at are anybody
_NO_CANDIDATE = -1e9


@dataclass(frozen=True)
class Demand:
    """Of each product of an assortment: purchases in the last DAYS, and purchases for each customer who bought it."""

    recent: Numbers
    again: Numbers


@dataclass(frozen=True)
class Seen:
    """What some customers bought next after a day up to another, and what was known on it."""

    after: date
    until: date
    before: ir.Table
    assortment: Assortment
    demand: Demand
    bought: dict[int, set[int]]
    customers: list[int]

    def blocks(self) -> list[list[int]]:
        return [self.customers[start : start + BLOCK] for start in range(0, len(self.customers), BLOCK)]

    def histories(self, block: list[int]) -> Histories:
        return histories_of(self.before, self.assortment, block, as_of=self.after)


@dataclass(frozen=True)
class Ranker:
    model: Logistic

    def said(self) -> dict[str, Any]:
        """As plain values, so that it can be kept."""
        coding = self.model.coding
        return {
            "codes": [
                [code.middle, code.least, code.most, list(code.knots), code.may_miss]
                for code in coding.codes if isinstance(code, NumberCode)
            ],
            "sources": coding.sources.tolist(),
            "means": coding.means.tolist(),
            "deviations": coding.deviations.tolist(),
            "weights": self.model.weights.tolist(),
            "level": self.model.level,
        }  # fmt: skip

    @classmethod
    def read(cls, said: dict[str, Any]) -> Self:
        codes = tuple(
            NumberCode(middle, least, most, tuple(knots), bool(may))
            for middle, least, most, knots, may in said["codes"]
        )
        coding = Coding(
            codes, np.array(said["sources"], dtype=np.int64), np.array(said["means"], dtype=float),
            np.array(said["deviations"], dtype=float),
        )  # fmt: skip
        return cls(Logistic(coding, np.array(said["weights"], dtype=float), float(said["level"]), len(codes)))


def seen(items: ir.Table, *, until: date) -> Seen:
    """What was bought next in the DAYS up to `until`, by at most MOST_CUSTOMERS, and what everything before it teaches."""
    after = until - timedelta(days=DAYS)
    bought = _bought_next(items.filter(items.placed_on <= until), after=after)
    customers = sorted(bought, key=lambda customer: (customer * _SCATTER % 2**32, customer))[:MOST_CUSTOMERS]
    before = items.filter(items.placed_on <= after)
    assortment = learn(before)
    return Seen(after, until, before, assortment, demand_of(before, assortment, as_of=after), bought, customers)


def demand_of(items: ir.Table, assortment: Assortment, *, as_of: date) -> Demand:
    """How much products are bought up to a day."""
    recent = np.zeros(len(assortment.products))
    counts = product_counts(items.filter(items.placed_on > as_of - timedelta(days=DAYS))).to_pyarrow()
    places = assortment.places(counts["product_id"].to_numpy())
    recent[places[places >= 0]] = counts["purchases"].to_numpy()[places >= 0]
    again = np.ones(len(assortment.products))
    counts = product_counts(items).to_pyarrow()
    places = assortment.places(counts["product_id"].to_numpy())
    each = counts["purchases"].to_numpy() / np.maximum(counts["customers"].to_numpy(), 1)
    again[places[places >= 0]] = each[places >= 0]
    return Demand(recent, again)


def trained(known: Seen) -> Ranker | None:
    """Learned from what was seen; None where too few customers bought again, or none of what they bought was likely."""
    if len(known.customers) < LEAST_CUSTOMERS:
        return None
    tables, outcomes = [], []
    taught_by = 0
    for block in known.blocks():
        if taught_by >= _TAUGHT_BY:
            break
        taught_by += len(block)
        rows, columns, table = _candidates(known.assortment, known.histories(block), known.demand)
        products = known.assortment.products[columns]
        tables.append(table)
        outcomes.append(
            np.array([int(product) in known.bought[block[row]] for row, product in zip(rows, products, strict=True)])
        )
    came = np.concatenate(outcomes).astype(float)
    if came.sum() < LEAST_CUSTOMERS or came.all():
        return None
    model = fit_logistic(_stacked(tables), came)
    assert isinstance(model, Logistic)
    return Ranker(model)


def ranked(ranker: Ranker | None, assortment: Assortment, histories: Histories, demand: Demand) -> np.ndarray[Any, Any]:
    """How likely each product is next, a row for each customer; as the floor has it where nothing could be learned."""
    if ranker is None:
        return scores_of(FLOOR, assortment, histories)
    rows, columns, table = _candidates(assortment, histories, demand)
    scores = np.full(histories.purchases.shape, _NO_CANDIDATE)
    scores[rows, columns] = ranker.model.odds(table)
    return scores


def _candidates(
    assortment: Assortment, histories: Histories, demand: Demand
) -> tuple[NDArray[np.int64], NDArray[np.int64], Table]:
    """Products that a customer had bought, that go with those, or that everybody buys, of late too: rows, places, features."""
    own = np.asarray(histories.purchases.todense())
    related = np.asarray((histories.purchases @ assortment.likeness).todense())
    likely = own > 0
    likely[:, :_FROM_EACH] = True
    likely[:, np.argsort(-demand.recent, kind="stable")[:_FROM_EACH]] = True
    for row in range(len(related)):
        nearest = np.argsort(-related[row], kind="stable")[:_FROM_EACH]
        likely[row, nearest[related[row, nearest] > 0]] = True
    rows, columns = np.nonzero(likely)
    days = np.asarray(histories.days_ago.todense())[rows, columns] - 1
    hers, near = own[rows, columns], related[rows, columns]
    most, nearest = own.max(axis=1, initial=0.0), related.max(axis=1, initial=0.0)
    features = {
        "own": np.log1p(hers),
        "own_place": np.where(hers > 0, 1 / np.log2(_places(assortment, histories)[rows, columns] + 2), 0.0),
        "own_share": hers / np.maximum(most[rows], 1.0),
        "days_ago": np.where(hers > 0, np.log1p(np.maximum(days, 0.0)), np.nan),
        "related": np.log1p(near),
        "related_share": near / np.maximum(nearest[rows], 1e-9),
        "purchases": np.log1p(assortment.purchases[columns].astype(float)),
        "recent": np.log1p(demand.recent[columns]),
        "again": np.log(np.maximum(demand.again[columns], 1.0)),
    }
    table = Table(rows.astype(np.int64), tuple(number(name, name, values) for name, values in features.items()))
    return rows, columns, table


def _places(assortment: Assortment, histories: Histories) -> NDArray[np.int64]:
    """The place of each product as the floor names them, from 0 on."""
    order = np.argsort(-scores_of(FLOOR, assortment, histories), axis=1, kind="stable")
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(order.shape[1])[None, :], axis=1)
    return places


def _stacked(tables: list[Table]) -> Table:
    columns = zip(*(table.columns for table in tables), strict=True)
    return Table(
        np.concatenate([table.customers for table in tables]),
        tuple(
            number(parts[0].name, parts[0].label, np.concatenate([each.values for each in parts])) for parts in columns
        ),
    )


def _bought_next(items: ir.Table, *, after: date) -> dict[int, set[int]]:
    rows = next_baskets(items, after=after).to_pyarrow()
    found: dict[int, set[int]] = {}
    for customer, product in zip(rows["customer_id"].to_pylist(), rows["product_id"].to_pylist(), strict=True):
        found.setdefault(customer, set()).add(product)
    return found
