"""The page of what is bought together, as values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.commerce.queries import products_by_id
from rapport.insight.behind.links import BOTH, ORDER, behind_href
from rapport.insight.models import Snapshot
from rapport.insight.queries import segment_rules
from rapport.insight.reports import reports
from rapport.insight.together.computing import bought_together, next_product
from rapport.insight.together.words import METHODS, verdict_words

SHOWN = 30
BY_NUMBER, BY_LIFT = "together", "lift"
ORDERS: tuple[tuple[str, str | Promise], ...] = (
    (BY_LIFT, _("How much more often than by chance")),
    (BY_NUMBER, _("Purchases with both")),
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """A product as the page calls it; `href` and `public_id` where it is still there."""

    name: str
    href: str
    public_id: str = ""


@dataclass(frozen=True)
class PairLine:
    product: Named
    other: Named
    together: int
    lift: float
    href: str
    share: float  # of the purchases with the product, those with the other one too


@dataclass(frozen=True)
class MethodLine:
    """How one way to name the next product did, in the days that chose none of them."""

    label: str | Promise
    is_chosen: bool
    found: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class TogetherPage:
    as_of: date
    baskets: int
    least: int
    most_products: int
    pairs: list[PairLine]
    found: int
    methods: list[MethodLine]
    verdict: str
    window: dict[str, Any]
    after: date
    until: date
    listed: int
    marts: tuple[str, str]


def together_page(
    snapshot: Snapshot, *, as_of: date, words: str, order: str, sees_codes: bool, listed: bool
) -> TogetherPage:
    """Raises NotYetMade where the worker has not come to it yet."""
    with reports(snapshot, rules=segment_rules(), only_kept=True) as answers:
        pairs, looked_back = bought_together(answers, as_of=as_of), next_product(answers, as_of=as_of)
    rows = [dict(zip(pairs["columns"], row, strict=True)) for row in pairs["pairs"]]
    wanted = _of_products(rows, pairs["names"], words, sees_codes) if words else _once(rows)
    found = sorted(wanted, key=lambda row: (-row[order], -row["together"], row["product_id"], row["with_id"]))
    return TogetherPage(
        as_of=as_of,
        baskets=pairs["baskets"],
        least=pairs["least"],
        most_products=pairs["most_products"],
        pairs=_lines(found[:SHOWN], pairs["names"], as_of if listed else None),
        found=len(found),
        methods=[
            MethodLine(METHODS[each["method"]], each["method"] == looked_back["chosen"], each["report"])
            for each in looked_back["methods"]
        ],
        verdict=verdict_words(looked_back),
        window=looked_back["windows"][0],
        after=date.fromisoformat(looked_back["windows"][0]["after"]) + timedelta(days=1),
        until=date.fromisoformat(looked_back["windows"][0]["until"]),
        listed=looked_back["listed"],
        marts=(pairs["mart"], looked_back["mart"]),
    )


def named(product_ids: set[int], names: dict[str, list[str]]) -> dict[int, Named]:
    """Products by their number, with links to those that are there."""
    there = products_by_id(sorted(product_ids))
    found = {}
    for number in product_ids:
        code, name = names.get(str(number), ["", ""])
        public_id = str(there[number].public_id) if number in there else ""
        href = reverse("product", args=[public_id]) if public_id else ""
        found[number] = Named(name or code or "?", href, public_id)
    return found


def _once(rows: list[Row]) -> list[Row]:
    """Each pair from one side: from that of the less bought product, of whose purchases more have both."""
    found: dict[frozenset[int], Row] = {}
    for row in rows:
        pair = frozenset((row["product_id"], row["with_id"]))
        known = found.get(pair)
        if known is None or (row["purchases"], row["product_id"]) < (known["purchases"], known["product_id"]):
            found[pair] = row
    return list(found.values())


def _of_products(rows: list[Row], names: dict[str, list[str]], words: str, sees_codes: bool) -> Iterator[Row]:
    wanted = words.casefold()
    told = {
        int(number): f"{name or code} {code if sees_codes else ''}".casefold() for number, (code, name) in names.items()
    }
    return (row for row in rows if wanted in told.get(row["product_id"], ""))


def _lines(rows: list[Row], names: dict[str, list[str]], as_of: date | None) -> list[PairLine]:
    """The number of purchases leads to them, of the day `as_of`; of none, nowhere."""
    products = named({row[name] for row in rows for name in ("product_id", "with_id")}, names)
    return [
        PairLine(
            products[row["product_id"]], products[row["with_id"]], row["together"], row["lift"],
            _purchases_href(products[row["product_id"]], products[row["with_id"]], as_of),
            row["together"] / row["purchases"],
        )
        for row in rows
    ]  # fmt: skip


def _purchases_href(product: Named, other: Named, as_of: date | None) -> str:
    if as_of is None or not (product.public_id and other.public_id):
        return ""
    return behind_href(ORDER, BOTH, as_of=as_of, product=product.public_id, **{"with": other.public_id})
