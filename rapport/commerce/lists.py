"""The lists of orders and products: where they lie, who sees which rows, how they are searched."""

from __future__ import annotations

from dataclasses import replace

from rapport.records.lists import ListedObject
from rapport.records.registry import Join

CUSTOMER = Join(alias="customer", table="customers_customer", on="customer.id = r.customer_id")
SOURCE = Join(alias="source", table="customers_source", on="source.id = r.source_id")

# Looked up first, by the index of their words; who has so many namesakes narrows the search.
_NAMED = (
    "r.customer_id = any(array(select named.id from customers_customer named"
    " where named.search @@ search_query(%s) limit 50000))"
)
# As phone numbers are found: by the beginning or by the end.
_NUMBERED = (
    "(r.source_id = any(array(select id from customers_source)) and starts_with(r.external_id, %s))"
    " or starts_with(reverse(r.external_id), reverse(%s)) or starts_with(reverse(r.external_id), reverse(upper(%s)))"
)

ORDERS = ListedObject(
    name="order",
    table="commerce_order",
    owner="customer.owner_id",
    owner_join=CUSTOMER,
    search=f"({_NUMBERED} or {_NAMED})",
    default_sort="-placed",
)
# for those who may see no customers, and so find nothing by their names
ORDERS_BY_NUMBER = replace(ORDERS, search=f"({_NUMBERED})")

PRODUCTS = ListedObject(
    name="product",
    table="commerce_product",
    # a business has thousands of products, not millions; an index over our own functions would not survive a restore
    search="not exists (select 1 from unnest(search_words(%s)) w"
    " where strpos(lower(r.code || ' ' || r.name || ' ' || r.category), w) = 0)",
    default_sort="name",
)
