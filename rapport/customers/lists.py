"""The list of customers: where it lies, who sees which rows, how it is searched."""

from __future__ import annotations

from rapport.records.lists import ListedObject

CUSTOMERS = ListedObject(
    name="customer",
    table="customers_customer",
    owner="r.owner_id",
    owner_walk="name",
    base="r.merged_into_id is null and r.trashed_at is null",
    search="r.search @@ search_query(%s)",
    default_sort="name",
)
