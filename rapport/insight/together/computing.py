"""Which products are bought together, as plain values; and which way of naming the next product was found to be best."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from rapport.insight.marts.basket_items import basket_items
from rapport.insight.marts.product_pairs import LIFT, MOST_PRODUCTS, product_pairs, strongest_pairs

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Report, Reports

VERSION, NEXT_VERSION = 1, 2
LEAST, ONE_IN, TOP = 5, 1_000, 10
MOST_PAIRS = 20_000
_KEPT = ("product_id", "with_id", "purchases", "with_purchases", "together", "lift")
_CHECK, _NEXT = "rapport.insight.scores.next_product_check", "rapport.insight.scores.next_product_naming"


def items_up_to(answers: Reports, *, as_of: date) -> ir.Table:
    """The mart `basket_items`, computed once for all that is asked of this day."""
    warehouse = answers.warehouse
    return warehouse.keep(
        f"basket_items_{as_of:%Y%m%d}",
        lambda: basket_items(warehouse.orders(), warehouse.table("order_lines"), as_of=as_of),
    )


def bought_together(answers: Reports, *, as_of: date) -> Report:
    """The pairs of products that go best together, those with the most purchases first, and the names of the products."""

    def compute() -> Report:
        items = items_up_to(answers, as_of=as_of)
        pairs = strongest_pairs(product_pairs(items, least=LEAST, one_in=ONE_IN), by=LIFT, top=TOP)
        found = pairs.to_pyarrow().to_pylist()
        found.sort(key=lambda row: (-row["together"], row["product_id"], row["with_id"]))
        rows = found[:MOST_PAIRS]
        products = {row["product_id"] for row in rows}
        return {
            "mart": f"product_pairs v{VERSION}",
            "as_of": as_of.isoformat(),
            "least": LEAST,
            "one_in": ONE_IN,
            "most_products": MOST_PRODUCTS,
            "baskets": rows[0]["baskets"] if rows else 0,
            "columns": list(_KEPT),
            "pairs": [[row[name] for name in _KEPT] for row in rows],
            "names": names_of(answers, products),
        }

    return answers.answer("bought_together", (VERSION, as_of), compute)


def names_of(answers: Reports, products: set[int]) -> dict[str, list[str]]:
    """Code and name of these products, by their number as text."""
    table = answers.warehouse.table("products")
    found = (
        table.filter(table.product_id.isin(sorted(products))).select("product_id", "code", "name") if products else None
    )
    rows = found.to_pyarrow().to_pylist() if found is not None else []
    return {
        str(row["product_id"]): [row["code"], row["name"]] for row in sorted(rows, key=lambda row: row["product_id"])
    }


def next_product(answers: Reports, *, as_of: date) -> Report:
    """What looking back says of the ways to name the next product; its arithmetic is loaded when it is needed."""

    def compute() -> Report:
        found: Report = import_module(_CHECK).look_back(answers, as_of=as_of)
        return found

    return answers.answer("next_product", (NEXT_VERSION, as_of), compute)


def likely_next(answers: Reports, customer_id: int, *, as_of: date, method: str, listed: int) -> list[dict[str, Any]]:
    """What one customer likely buys next, most likely first, each product with its reason."""
    find: Callable[..., list[dict[str, Any]]] = import_module(_NEXT).likely_next
    return find(answers, customer_id, as_of=as_of, method=method, listed=listed)


def prepare(answers: Reports, *, as_of: date) -> None:
    """Make what pages ask for, as far as it is not there."""
    bought_together(answers, as_of=as_of)
    chosen = next_product(answers, as_of=as_of)["chosen"]
    import_module(_NEXT).prepare(answers, as_of=as_of, method=chosen)
