"""The lists of orders, their lines and products: where they lie, who sees which rows, how they are searched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from rapport.customers.behind import customer_behind
from rapport.customers.consents.restrictions import RESTRICTED
from rapport.customers.lists import searches_everything
from rapport.customers.permissions import VIEW as VIEW_CUSTOMERS
from rapport.records.custom_fields.declaring import searched_expression
from rapport.records.layouts.sight import visible_fields
from rapport.records.lists.querying import ListedObject
from rapport.records.registry import Field, Join

if TYPE_CHECKING:
    from rapport.accounts.models import User

CUSTOMER = customer_behind("customer")
SOURCE = Join(alias="source", table="customers_source", on="source.id = r.source_id")

# Looked up first, by the index of their words; who has so many namesakes narrows the search.
_NAMED = (
    "r.customer_id = any(array(select named.id from customers_customer named"
    " where named.search @@ search_query(%s) and named.trashed_at is null limit 50000))"
)
# As phone numbers are found: by the beginning or by the end.
_NUMBERED = (
    "(r.source_id = any(array(select id from customers_source)) and starts_with(r.external_id, %s))"
    " or starts_with(reverse(r.external_id), reverse(%s)) or starts_with(reverse(r.external_id), reverse(upper(%s)))"
)

# a business has thousands of products, not millions; an index over our own functions would not survive a restore
_EVERY_WORD = "not exists (select 1 from unnest(search_words(%s)) w where strpos(lower({texts}), w) = 0)"


def _own_begins(fields: Mapping[str, Field]) -> str:
    """Own fields that the search knows are found by their beginning, each by its index."""
    searched = [each.own for each in fields.values() if each.own is not None and each.own.is_searched]
    return "".join(f" or starts_with({searched_expression(own.name)}, lower(%s))" for own in searched)


def _orders_among(fields: Mapping[str, Field]) -> str:
    named = f" or {_NAMED}" if "customer" in fields else ""
    return f"({_NUMBERED}{named}{_own_begins(fields)})"


def _orders_by_number(fields: Mapping[str, Field]) -> str:
    return f"({_NUMBERED}{_own_begins(fields)})"


def _products_among(fields: Mapping[str, Field]) -> str:
    said = [f"r.{name}" for name in ("code", "name", "category") if name in fields]
    own = [each for each in fields.values() if each.own is not None and each.own.is_searched]
    texts = " || ' ' || ".join([*said, *(f"coalesce({each.sql}, '')" for each in own)])
    return _EVERY_WORD.replace("{texts}", texts)


ORDERS = ListedObject(
    name="order",
    table="commerce_order",
    owner="customer.owner_id",
    owner_join=CUSTOMER,
    shared_as={"customer": "r.customer_id", "order": "r.id"},
    shared_base="(r.customer_id is null or customer.id is not null)",
    search=f"({_NUMBERED} or {_NAMED})",
    search_among=_orders_among,
    default_sort="-placed",
)
# for those who may see no customers, and so find nothing by their names
ORDERS_BY_NUMBER = replace(ORDERS, search=f"({_NUMBERED})", search_among=_orders_by_number)


def orders_for(user: User) -> ListedObject:
    """Whoever sees no customers, or not all that their search looks at, finds no orders by them."""
    sees = user.has_right(VIEW_CUSTOMERS.name)
    return ORDERS if sees and searches_everything(visible_fields(user, "customer")) else ORDERS_BY_NUMBER


# an order line is seen where its order is; of who is restricted there are none
ORDER_LINES = ListedObject(
    name="order_line",
    table="commerce_listedline",
    owner="customer.owner_id",
    owner_join=CUSTOMER,
    shared_as={"customer": "r.customer_id", "order": "r.order_id"},
    shared_base="(r.customer_id is null or customer.id is not null)",
    base=f"not {RESTRICTED.format('r.customer_id')}",
    search=f"({_NUMBERED})",
    default_sort="-placed",
)
PRODUCTS = ListedObject(
    name="product",
    table="commerce_product",
    search=_EVERY_WORD.replace("{texts}", "r.code || ' ' || r.name || ' ' || r.category"),
    search_among=_products_among,
    default_sort="name",
)
