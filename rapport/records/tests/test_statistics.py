"""After an import the planner knows what came in, and the search has its words in order."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from rapport.records.statistics import refresh_statistics
from tests.import_files import import_text, undo

_LOOKED = """
select s.relname from pg_stat_user_tables s where s.last_analyze > %s and s.relname in ('customers_customer', 'customers_profile')
 order by 1
"""
FILLED = ["customers_customer", "customers_profile"]


def now() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]


def looked_at_since(instant: Any) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_LOOKED, [instant])
        return [row[0] for row in cursor.fetchall()]


def people(count: int) -> str:
    rows = (f"{number},Person {number},p{number}@example.com" for number in range(count))
    return "\n".join(["id,name,email", *rows, ""])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home")
def test_the_tables_that_an_import_fills_are_looked_at_when_it_is_done_and_when_it_is_undone() -> None:
    started = now()
    job = import_text(people(1_500))
    done = now()

    assert looked_at_since(started) == FILLED

    undo(job)

    assert looked_at_since(done) == FILLED


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("home")
def test_a_few_rows_are_no_reason_to_look() -> None:
    refresh_statistics()
    started = now()

    import_text(people(20))

    assert looked_at_since(started) == []
