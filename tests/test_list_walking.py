"""However few or many records pass, and in whatever order: page by page they are the same as all at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from psycopg import sql

from rapport.core.acting import SYSTEM, acting
from rapport.customers.lists import CUSTOMERS
from rapport.records.custom_fields.actions import add_field
from rapport.records.lists import sql as list_sql
from rapport.records.lists import walking as list_walking
from rapport.records.lists.querying import fetch_page, read_request, whole_query
from rapport.records.lists.sql import ListQuery, run

_MANY = """
insert into customers_customer (name, sort_key, city, owner_id, custom)
select 'P ' || n, lpad((n * 37 %% 1501)::text, 6, '0'), case when n %% 3 = 0 then 'Leeds' when n %% 401 = 0 then 'Bath' end,
       (array[%s, %s, null])[1 + n %% 3],
       case when n %% 2 = 0 then jsonb_build_object('c_size', (n %% 97)::text, 'c_grade', 'g' || n %% 5) else '{}' end
  from generate_series(1, 1500) n
"""
_WORTH = """
insert into insight_rfm (customer_id, segment, segment_before, recency_band, frequency_band, monetary_band, purchases,
                         reversals, gross_micros, value_micros, first_purchase_on, last_purchase_on, months)
select id, case when n % 7 = 0 then 'at_risk' else 'loyal' end,
       'loyal', 1, 1, 1, 1, 0, 0, 1000000 * (n % 89), '2024-01-01', '2024-01-01', '{}'
  from customers_customer join generate_series(1, 1500) n on name = 'P ' || n  -- not by its id: that is not ours to say
 where n % 3 < 2
"""


@pytest.fixture
def many(ada: Any, alice: Any, charlie: Any) -> None:
    add_field("customer", label="Size", kind="number", by=ada)
    add_field("customer", label="Grade", kind="text", by=ada)
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_MANY, [alice.pk, charlie.pk])
        cursor.execute(_WORTH)
        cursor.execute("analyze customers_customer, insight_rfm")


QUERIES = [
    "",
    "filter=city.is:Leeds",
    "filter=city.is:Bath",
    "filter=city.is:Nowhere",
    "filter=c_grade.is:g3",
    "filter=c_grade.contains:4&filter=city.filled",
    "filter=owner.empty",
    "filter=any(city.is:Bath;c_size.over:90)",
    "filter=segment.is:at_risk",
    "filter=segment.is:at_risk&filter=city.is:Leeds",
    "filter=segment.is:at_risk,loyal",
    "filter=any(segment.is:at_risk;city.is:Bath)",
    "filter=segment.is:champions",
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("sort", ["name", "value", "-value"])
def test_pages_of_any_filter_and_order_are_all_that_there_is(
    query: str, sort: str, many: None, ada: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for few in (list_walking._FEW, 60):  # found at once, or walked to in many steps
        monkeypatch.setattr(list_walking, "_FEW", few)
        monkeypatch.setattr(list_walking, "_FIRST_ROWS", few)
        for user in (ada, alice):
            asked = read_request(QueryDict(f"{query}&sort={sort}"), CUSTOMERS, user=user)
            everything = [row[0] for row in run(*whole_query(asked, []))]

            seen, after = [], ""
            while True:
                page = fetch_page(
                    read_request(QueryDict(f"{query}&sort={sort}&after={after}"), CUSTOMERS, user=user),
                    columns=[],
                    size=110 if few == 60 else 400,
                )
                seen += [row.public_id for row in page.rows]
                if page.next_cursor is None:
                    break
                after = page.next_cursor

            assert seen == everything


def test_the_order_is_walked_where_many_pass_and_left_where_nobody_does(many: None, ada: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(list_walking, "_FEW", 20)
    monkeypatch.setattr(list_sql, "_ROW_COSTS", 0.005)  # as if there were more rows to be found
    with connection.execute_wrapper(_counting(said := [])):
        page = fetch_page(read_request(QueryDict("filter=c_grade.contains:g"), CUSTOMERS, user=ada), columns=[])
    with connection.execute_wrapper(_counting(said_of_none := [])):
        none = fetch_page(read_request(QueryDict("filter=c_grade.contains:zzz"), CUSTOMERS, user=ada), columns=[])

    assert (len(page.rows), len(none.rows)) == (50, 0)
    assert ("walked" in _ways(said), "found" in _ways(said)) == (True, False)
    assert _ways(said_of_none) == ["walked", "found"]


def _ways(said: list[str]) -> list[str]:
    ways = {"passes or number": "walked", "order by case": "found"}
    texts = [each for each in said if not each.startswith("explain")]
    return [way for text in texts for sign, way in ways.items() if sign in text]


@pytest.mark.parametrize("sort", ["created", "-value", "name"])
def test_a_walk_ends_with_the_last_row_that_is_wanted(sort: str, many: None, ada: Any, alice: Any) -> None:
    for user in (ada, alice):
        query = ListQuery(read_request(QueryDict(f"sort={sort}&filter=c_size.over:1"), CUSTOMERS, user=user))
        text, arguments = query.window(filled=True, after=None, rows=1_000, wanted=10)
        plan = "\n".join(row[0] for row in run(sql.SQL("explain {}").format(text), arguments))

        assert " Sort " not in plan.partition("WindowAgg")[0]


@pytest.mark.parametrize("sort", ["value", "-value"])
def test_an_order_within_a_choice_is_walked_among_those_alone(sort: str, many: None, ada: Any, alice: Any) -> None:
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute("insert into insight_rfm_spare select * from insight_rfm")
        cursor.execute("select insight_index_spare('insight_rfm'), insight_swap_spare('insight_rfm'), demo_analyze()")
        cursor.execute("set local enable_seqscan = off")  # so few rows would be read one after another, and sorted
        cursor.execute("set local enable_bitmapscan = off")
        cursor.execute("set local enable_sort = off")
    for user in (ada, alice):
        query = ListQuery(read_request(QueryDict(f"sort={sort}&filter=segment.is:at_risk"), CUSTOMERS, user=user))
        text, arguments = query.window(filled=True, after=None, rows=60, wanted=10)
        plan = "\n".join(row[0] for row in run(sql.SQL("explain {}").format(text), arguments))

        assert "insight_rfm_segment" in plan
        assert " Sort " not in plan.partition("WindowAgg")[0]
        seen = run(*query.window(filled=True, after=None, rows=60, wanted=10))
        assert len(seen) == 10


def test_what_is_found_first_is_shared_out_among_processes_and_a_short_walk_is_not(many: None, ada: Any) -> None:
    query = ListQuery(read_request(QueryDict("sort=-value&filter=city.is_not:Bath"), CUSTOMERS, user=ada))
    with connection.cursor() as cursor:
        cursor.execute("set local debug_parallel_query = on")  # whatever may be shared out, is

    def is_shared_out(text: sql.Composable, arguments: list[Any]) -> bool:
        return "Gather" in "\n".join(row[0] for row in run(sql.SQL("explain {}").format(text), arguments))

    text, arguments = query.found_first(after=None, limit=51)
    assert is_shared_out(text, arguments)
    assert not is_shared_out(
        sql.SQL("select * from ({}) found where true{}").format(text, sql.SQL(list_sql._ALONE)), arguments
    )
    short, long = (query.window(filled=True, after=None, rows=rows, wanted=51)[0] for rows in (400, 40_000))
    assert [list_sql._ALONE in each.as_string(connection.connection) for each in (short, long)] == [True, False]


def test_a_walk_goes_by_what_was_seen_and_looks_again_where_nothing_was() -> None:
    def further(at_most: int, **seen: int) -> int:
        return list_walking._rows_to_walk(at_most, missing=50, **seen)

    assert further(300, found=0, walked=0) == 0  # found at once
    assert further(100_000, found=0, walked=0) == 1_000
    assert further(100_000, found=25, walked=1_000) == 50 * 40 * 1.3 + 50
    assert further(100_000, found=1, walked=1_000) == 8_000  # as few may say little
    assert further(20_000, found=1, walked=1_000) == 0
    assert further(90_000, found=0, walked=1_000) == 8_000
    assert further(90_000, found=0, walked=9_000) == 0


def _counting(said: list[str]) -> Any:
    def note(execute: Any, text: str, *rest: Any) -> Any:
        said.append(text)
        return execute(text, *rest)

    return note
