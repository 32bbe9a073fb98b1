"""One table of the warehouse: the lengths of names."""

from __future__ import annotations

from rapport.core.extracts import ColumnType, Extract

EXTRACTS = (
    Extract(
        name="sample_name_lengths",
        select="select id, length(name)::bigint from customers_customer order by id",
        columns=(("customer_id", ColumnType.INTEGER), ("name_length", ColumnType.INTEGER)),
    ),
)
