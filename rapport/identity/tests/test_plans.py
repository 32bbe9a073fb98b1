"""However many customers there are: who is meant, what is in doubt and what a split asks about are found by indexes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.core.planned import planned
from rapport.identity import queries
from rapport.identity.choosing import by_hand, condition_of
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db")

_MANY = """
insert into customers_customer (name, sort_key) select 'P ' || n, 'p ' || n from generate_series(1, 2000) n;
insert into customers_profile (customer_id, source_id, external_id, name, seen_at)
select id, (select min(id) from customers_source), id::text, name, now() from customers_customer;
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select 1, 'p' || id || '@example.com', id, customer_id from customers_profile;
"""
EVERYTHING = {"everything": True, "owners": [], "shared": []}


@pytest.fixture(autouse=True)
def as_if_there_were_many(db: None) -> None:
    """The planner then takes the index that fits, as it does by itself in a large table."""
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_MANY)
        cursor.execute("select demo_analyze()")  # the application may not analyze: the server would only warn of it
        for way in ("seqscan", "sort", "hashjoin", "mergejoin"):
            cursor.execute(f"set local enable_{way} = off")


def plan(statement: Any, values: Any = None) -> str:
    with connection.cursor() as cursor:
        text = statement if isinstance(statement, str) else statement.as_string(connection.connection)
        cursor.execute("explain " + text, values)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_who_may_be_meant_is_found_by_the_value_and_by_the_name() -> None:
    asked = [[1], ["p7@example.com"], "P 7", 200, *EVERYTHING.values()]

    found = "\n".join(row[0] for row in planned(f"explain {queries._CANDIDATES}", asked))

    assert "customers_identifier_value" in found
    assert "sort_key = " in found
    assert "customers_by_name" in found
    assert "Seq Scan on customers_" not in found


def test_the_list_of_pairs_in_doubt_is_read_in_its_order_and_no_further_than_it_is_shown() -> None:
    seen = plan(queries._DOUBTS, EVERYTHING | {"at_most": 20})

    assert "Index Scan using identity_doubt_pkey" in seen
    assert not [word for word in ("Seq Scan", "Sort", "Aggregate", "Hash") if word in seen], seen


def test_why_somebody_is_one_customer_is_found_by_her_profiles() -> None:
    assert "Seq Scan" not in plan(queries._WHY, [[1, 2]])


def test_what_is_to_be_decided_after_an_import_is_found_by_the_import() -> None:
    seen = plan(queries._OF_IMPORT, {"import": 7})

    for table in ("customers_identifier", "customers_profile", "records_importundo"):
        assert f"Seq Scan on {table}" not in seen, seen


@pytest.mark.parametrize("name", [name for name, _owned, _by_hand in by_hand()])
def test_what_a_split_asks_about_is_found_by_the_customer(name) -> None:
    owned, declared = next((owned, declared) for each, owned, declared in by_hand() if each == name)

    condition = condition_of(owned, declared, 7, since=NOW).as_string(connection.connection)
    seen = plan(f"select t.id from {owned.table} t where {condition}")

    assert f"Seq Scan on {owned.table}" not in seen, seen
    assert f"{owned.customer_column} = " in seen
