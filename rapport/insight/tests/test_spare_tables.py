"""Tables that are written anew as a whole: what is swapped in has the indexes of what went, and nothing else can be swapped."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from rapport.config.third_party_tables import SPARE_TABLES
from rapport.insight.models import CustomerFiveWorths, CustomerLifetime, CustomerRisk, CustomerWorth
from rapport.insight.spare_tables import replace_rows

LIVE = [model._meta.db_table for model in (CustomerWorth, CustomerLifetime, CustomerRisk, CustomerFiveWorths)]
_INDEXES = """
select c.relname, replace(pg_get_indexdef(i.indexrelid), '_spare', ''), i.indisprimary
  from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = %s::regclass order by 1
"""
_ROW = {"customer_id": 7, "leaving_percent": 40.0, "reasons": "[]"}


def indexes(table: str) -> list[tuple[str, str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [table])
        return [(name.replace("_spare", ""), made_by, is_primary) for name, made_by, is_primary in cursor.fetchall()]


def call(function: str, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("select {}(%s)").format(sql.Identifier(function)), [table])


def test_every_spare_table_belongs_to_a_live_one() -> None:
    assert sorted(f"{table}_spare" for table in LIVE) == sorted(SPARE_TABLES)


@pytest.mark.parametrize("table", LIVE)
def test_what_is_swapped_in_is_indexed_like_what_went_and_so_is_what_comes_next(db: Any, table: str) -> None:
    before = indexes(table)
    assert len(before) >= 2
    for _turn in range(3):
        call("insight_empty_spare", table)
        assert indexes(f"{table}_spare") == []
        call("insight_index_spare", table)
        call("insight_swap_spare", table)

        assert indexes(table) == before
        assert indexes(f"{table}_spare") == before


def test_rows_take_the_place_of_the_old_ones(db: Any) -> None:
    for percent in (40.0, 60.0):
        part = pa.table({name: [value] for name, value in (_ROW | {"leaving_percent": percent}).items()})
        assert replace_rows("insight_leaving", tuple(_ROW), [part], called="risks") == 1
        assert list(CustomerRisk.objects.values_list("customer_id", "leaving_percent")) == [(7, percent)]
    assert replace_rows("insight_leaving", tuple(_ROW), [], called="risks") == 0
    assert not CustomerRisk.objects.exists()


@pytest.mark.parametrize(
    "table", ["customers_customer", "insight_rfm_spare", "insight_none", "pg_class", "", 'x"; drop']
)
@pytest.mark.parametrize("function", ["insight_empty_spare", "insight_index_spare", "insight_swap_spare"])
def test_nothing_else_can_be_emptied_or_swapped(db: Any, function: str, table: str) -> None:
    with pytest.raises(DatabaseError, match="has no spare table"), transaction.atomic():
        call(function, table)


def test_temporary_tables_are_none_of_these(db: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temp table insight_mine (x int); create temp table insight_mine_spare (x int)")
    with pytest.raises(DatabaseError, match="has no spare table"), transaction.atomic():
        call("insight_swap_spare", "insight_mine")
