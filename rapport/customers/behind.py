"""The customer that a row of another list is of: for lists of this room and of rooms above."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from rapport.customers.permissions import VIEW
from rapport.records.registry import Field, FieldKind, Join


def customer_behind(alias: str) -> Join:
    """Of a row with a `customer_id`, while she is not in the trash."""
    return Join(
        alias=alias, table="customers_customer", on=f"{alias}.id = r.customer_id and {alias}.trashed_at is null"
    )


def name_behind(join: Join, *, of: str, order: int) -> Field:
    """What she is called, by no field that is hidden from who reads it."""
    parts = [("", f"{join.alias}.name")]
    parts += [(name, f"{join.alias}.{name}") for name in ("organization", "email", "phone")]
    return Field(
        object=of,
        name="customer",
        label=_("Customer"),
        kind=FieldKind.TEXT,
        sql=f"coalesce({', '.join(column for _name, column in parts)})",
        parts=tuple(parts),
        parts_of="customer",
        right=VIEW.name,
        join=join,
        operators=("empty", "filled"),
        default_column=True,
        order=order,
    )
