"""What the engine asks DuckDB for by itself, beside what Ibis does."""

from __future__ import annotations

import ibis
import pytest
from ibis.common.exceptions import TableNotFound

from rapport.insight.warehouse.engine import DescribingBackend


def test_the_columns_of_a_table_are_those_that_it_was_made_with() -> None:
    backend = DescribingBackend().connect()
    schema = ibis.schema(
        {
            "id": "!int64",
            "at": "timestamp('UTC', 6)",
            "sum": "decimal(38, 0)",
            'a "b"': "array<string>",
            "is": "boolean",
        }
    )

    backend.create_table('orders "of" 2026', schema=schema)
    backend.create_table("aside", schema=schema, temp=True)

    assert backend.table('orders "of" 2026').schema() == schema
    assert backend.table("aside").schema() == schema


def test_a_table_that_is_not_there_is_said_to_be_so() -> None:
    with pytest.raises(TableNotFound, match="orders"):
        DescribingBackend().connect().table("orders")
