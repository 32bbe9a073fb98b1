"""The lists of orders and products: where they lie, who sees which rows, how they are searched."""

from __future__ import annotations

from rapport.records.lists import ListedObject
from rapport.records.registry import Join

CUSTOMER = Join(alias="customer", table="customers_customer", on="customer.id = r.customer_id")

ORDERS = ListedObject(
    name="order",
    table="commerce_order",
    owner="customer.owner_id",
    owner_join=CUSTOMER,
    search="(r.source_id = any(array(select id from customers_source)) and starts_with(r.external_id, %s))",
    default_sort="-placed",
)

PRODUCTS = ListedObject(
    name="product",
    table="commerce_product",
    # a business has thousands of products, not millions; an index over our own functions would not survive a restore
    search="not exists (select 1 from unnest(search_words(%s)) w"
    " where strpos(lower(r.code || ' ' || r.name || ' ' || r.category), w) = 0)",
    default_sort="name",
)
