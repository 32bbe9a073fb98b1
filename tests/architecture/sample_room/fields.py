"""One field of customers: how long the name is."""

from __future__ import annotations

from rapport.records.registry import Field, FieldKind

FIELDS = (
    Field(
        object="customer",
        name="name_length",
        label="Length of name",
        kind=FieldKind.NUMBER,
        sql="length(r.name)",
        operators=("is", "over", "under"),
        order=99,
    ),
)
