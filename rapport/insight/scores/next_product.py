"""Which products a customer buys next: her own, then what goes with them, then what everybody buys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from ibis import ir
from scipy import sparse

from rapport.insight.marts.customer_products import customer_products
from rapport.insight.marts.product_counts import product_counts
from rapport.insight.marts.product_pairs import LIKENESS, product_pairs, strongest_pairs

VERSION = 2
LISTED = 10
MOST_PRODUCTS = 5_000
RELATED = 20
LEAST_TOGETHER = 3
_ANY_SHARE = 10**12
_OWN, _LONGEST_AGO = 100_000.0, 49_999

EVERYBODYS, OWN_FIRST, OWN_THEN_RELATED, TOGETHER = "everybodys", "own_first", "own_then_related", "together"
LEARNED = "learned"
FLOOR = OWN_FIRST
METHODS = (EVERYBODYS, OWN_FIRST, OWN_THEN_RELATED, TOGETHER, LEARNED)
WITH_PAIRS = (OWN_THEN_RELATED, TOGETHER, LEARNED)


@dataclass(frozen=True)
class Assortment:
    """What was learned up to a day: products, the most bought first, and how alike each two of them are.

    `pairs` has a row for the pairs behind the likeness: product_id, with_id, together, lift, likeness.
    """

    products: np.ndarray[Any, Any]
    purchases: np.ndarray[Any, Any]
    likeness: sparse.csr_matrix
    pairs: list[dict[str, Any]]

    def places(self, product_ids: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Where products stand in `products`; -1 for those that are not among them."""
        order = np.argsort(self.products, kind="stable")
        found = np.searchsorted(self.products, product_ids, sorter=order)
        at = (
            order[np.minimum(found, max(len(order) - 1, 0))]
            if len(order)
            else np.zeros(len(product_ids), dtype=np.int64)
        )
        known = self.products[at] == product_ids if len(order) else np.zeros(len(product_ids), dtype=bool)
        return np.where(known, at, -1)


@dataclass(frozen=True)
class Histories:
    """What some customers had bought up to a day: how often each product, and how many days ago last; a row each."""

    purchases: sparse.csr_matrix
    days_ago: sparse.csr_matrix


def learn(items: ir.Table, *, with_pairs: bool = True) -> Assortment:
    """Learn from all purchases in `items`. Of equally much bought products the older one comes first."""
    counts = product_counts(items).to_pyarrow()
    ids, purchases = counts["product_id"].to_numpy(), counts["purchases"].to_numpy()
    order = np.lexsort((ids, -purchases))[:MOST_PRODUCTS]
    empty = sparse.csr_matrix((len(order), len(order)))
    found = Assortment(ids[order], purchases[order], empty, [])
    if not with_pairs:
        return found
    pairs = strongest_pairs(
        product_pairs(items, least=LEAST_TOGETHER, one_in=_ANY_SHARE), by=LIKENESS, top=RELATED
    ).to_pyarrow()
    rows = pairs.select(["product_id", "with_id", "together", "lift", "likeness"]).to_pylist()
    rows.sort(key=lambda row: (row["product_id"], row["with_id"]))
    return from_pairs(found.products, found.purchases, rows)


def from_pairs(
    products: np.ndarray[Any, Any], purchases: np.ndarray[Any, Any], pairs: list[dict[str, Any]]
) -> Assortment:
    """The assortment with the likeness (the cosine) of these pairs, as far as both products are in it."""
    bare = Assortment(products, purchases, sparse.csr_matrix((len(products), len(products))), [])
    one = bare.places(np.array([row["product_id"] for row in pairs], dtype=np.int64))
    other = bare.places(np.array([row["with_id"] for row in pairs], dtype=np.int64))
    known = (one >= 0) & (other >= 0)
    alike = np.sqrt(np.array([row["likeness"] for row in pairs], dtype=np.float64))
    shape = (len(products), len(products))
    likeness = sparse.csr_matrix((alike[known], (one[known], other[known])), shape=shape)
    likeness.sort_indices()
    return Assortment(
        products, purchases, likeness, [row for row, is_known in zip(pairs, known, strict=True) if is_known]
    )


def histories_of(items: ir.Table, assortment: Assortment, customers: list[int], *, as_of: date) -> Histories:
    """What these customers had bought, a row each in their order."""
    bought = customer_products(items.filter(items.customer_id.isin(customers))).to_pyarrow()
    row_of = {customer: row for row, customer in enumerate(customers)}
    rows = np.array([row_of[customer] for customer in bought["customer_id"].to_pylist()], dtype=np.int64)
    columns = assortment.places(bought["product_id"].to_numpy())
    days = np.array([(as_of - day).days for day in bought["last_on"].to_pylist()], dtype=np.float64)
    known, shape = columns >= 0, (len(customers), len(assortment.products))
    at = (rows[known], columns[known])
    purchases = sparse.csr_matrix((bought["purchases"].to_numpy()[known].astype(np.float64), at), shape=shape)
    days_ago = sparse.csr_matrix((days[known] + 1, at), shape=shape)
    for matrix in (purchases, days_ago):
        matrix.sort_indices()
    return Histories(purchases, days_ago)


def scores_of(method: str, assortment: Assortment, histories: Histories) -> np.ndarray[Any, Any]:
    """How likely each product is next by one of METHODS but LEARNED, a row for each customer; only their order means something.

    Columns stand in the order of how much products are bought, so that what scores alike is decided by that.
    """
    if method == EVERYBODYS:
        return np.zeros(histories.purchases.shape)
    if method == TOGETHER:
        return np.asarray((histories.purchases @ assortment.likeness + histories.purchases).todense())
    scores = _own(histories)
    if method == OWN_THEN_RELATED:
        related = np.asarray((histories.purchases @ assortment.likeness).todense())
        most = related.max(axis=1, initial=0.0, keepdims=True)
        scores = np.where(scores > 0, scores, related / (1 + most))
    return scores


def _own(histories: Histories) -> np.ndarray[Any, Any]:
    """More purchases first, then the more recent one; nothing for what was never bought."""
    purchases = np.asarray(histories.purchases.todense())
    ago = np.minimum(np.asarray(histories.days_ago.todense()) - 1, _LONGEST_AGO)
    own: np.ndarray[Any, Any] = np.where(purchases > 0, purchases * _OWN - ago, 0.0)
    return own


def best(scores: np.ndarray[Any, Any], *, listed: int = LISTED) -> np.ndarray[Any, Any]:
    """The places of the products with the highest scores; of equal ones, the more bought ones."""
    order: np.ndarray[Any, Any] = np.argsort(-scores, axis=1, kind="stable")
    return order[:, :listed]
