"""What this room brings into the warehouse: which profile belongs to which customer."""

from __future__ import annotations

from rapport.core.extracts import ColumnType, Extract

PROFILE_CUSTOMERS = Extract(
    name="profile_customers",
    select="""
        select p.id, p.customer_id from customers_profile p join customers_customer c on c.id = p.customer_id
         where c.merged_into_id is null and c.trashed_at is null
    """,
    columns=(("profile_id", ColumnType.INTEGER), ("customer_id", ColumnType.INTEGER)),
    reads=("customers_profile", "customers_customer"),
)

EXTRACTS = (PROFILE_CUSTOMERS,)
