"""Statements that are planned once: values, answers and refusals are those of any other statement."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from rapport.core.planned import as_json, planned

_ALL_KINDS = "select $1::bigint, $2::text, $3::timestamptz, $4::date, $5::uuid, $6::jsonb->>'a', $7::bigint[], $8::bool, $9::text[]"
_VALUES = [
    2**40, "Zoë’s \\ '\"", datetime(2026, 3, 2, 12, tzinfo=UTC), date(1970, 1, 1), UUID(int=7), as_json({"a": "b"}),
    [1, 2**40], True, ["x,y", "{"],
]  # fmt: skip


@pytest.mark.django_db
def test_values_of_every_kind_come_back_as_they_were_sent_whether_watched_or_not():
    found = [planned(_ALL_KINDS, _VALUES), planned(_ALL_KINDS, [None] * 9), planned(_ALL_KINDS, _VALUES)]
    with CaptureQueriesContext(connection) as watched:
        again = [planned(_ALL_KINDS, _VALUES), planned(_ALL_KINDS, [None] * 9), planned(_ALL_KINDS, _VALUES)]

    assert found == again
    assert found[0][0][:5] == tuple(_VALUES[:5])
    assert found[0][0][5:] == ("b", *_VALUES[6:])
    assert found[1] == [(None,) * 9]
    assert len(watched) == 3


@pytest.mark.django_db
def test_what_answers_with_no_rows_answers_nothing():
    assert planned("select 1 where $1::int > 5", [3]) == []
    assert planned("create temporary table planned_here (number int unique)") == []
    assert planned("insert into planned_here values ($1)", [1]) == []
    assert planned("insert into planned_here values ($1) returning number", [2]) == [(2,)]


@pytest.mark.django_db
def test_a_refused_statement_is_told_as_django_tells_it_and_the_next_one_is_answered():
    planned("create temporary table planned_here (number int unique)")
    for _time in range(2):
        with pytest.raises(IntegrityError) as refused:
            _twice_in_one_transaction("insert into planned_here values ($1)")
        assert isinstance(refused.value.__cause__, psycopg.errors.UniqueViolation)
        with pytest.raises(DatabaseError):
            _twice_in_one_transaction("select no_such_column, $1")

        assert planned("select count(*) from planned_here") == [(0,)]


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_gave_up_is_gone_and_its_statements_are_planned_again():
    for _time in range(2):
        with transaction.atomic():
            assert planned("select set_config('rapport.reason', $1, true)", ["inside"]) == [("inside",)]
            assert planned("select pg_current_xact_id_if_assigned() is null and now() < clock_timestamp()") == [(True,)]
            transaction.set_rollback(True)
        assert planned("select coalesce(current_setting('rapport.reason', true), '')") == [("",)]


def _twice_in_one_transaction(statement: str) -> None:
    with transaction.atomic():
        planned(statement, [1])
        planned(statement, [1])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_told_as_lost_and_the_next_one_works():
    planned("select $1::int", [1])
    with pytest.raises(OperationalError):
        planned("select pg_terminate_backend(pg_backend_pid())")
    connection.close()

    assert planned("select $1::int", [1]) == [(1,)]


@pytest.mark.django_db
def test_a_statement_takes_values_of_one_kind_after_the_other():
    echo = "select $1::text, $2::jsonb ->> 'a'"
    sent = [("a", as_json({"a": 1})), (None, None), ("b", as_json({})), ("", as_json({"a": "x"}))]
    assert [planned(echo, list(values)) for values in sent] == [
        [("a", "1")], [(None, None)], [("b", None)], [("", "x")]
    ]  # fmt: skip
    whole = "select $1::bigint + 1"
    assert [planned(whole, [number])[0][0] for number in (1, 2**40, 2**20, -5)] == [2, 2**40 + 1, 2**20 + 1, -4]
    assert [planned(f"select {number}")[0][0] for number in range(150)] == list(range(150))
    assert planned(whole, [7]) == [(8,)]


@pytest.mark.django_db
def test_an_instant_is_read_as_the_driver_reads_it():
    written = ["2026-03-02 12:00:00+00", "1970-01-01 00:00:00.000001Z", "0001-01-01 00:00+00", "2026-07-01 10:00+05:30"]
    parsed = [datetime.fromisoformat(text).astimezone(UTC) for text in written]
    for number, text in enumerate(written):
        assert planned("select $1::text::timestamptz", [text])[0][0] == parsed[number]
        with connection.cursor() as cursor:
            cursor.execute("select %s::timestamptz, array[%s::timestamptz]", [text, text])
            assert cursor.fetchone() == (parsed[number], [parsed[number]])
    assert planned("select $1::timestamptz", [None]) == [(None,)]
    for beyond in ("0044-03-15 12:00:00+00 BC", "infinity", "20000-01-01 00:00+00"):
        with pytest.raises(DatabaseError), transaction.atomic():
            planned("select $1::text::timestamptz", [beyond])
