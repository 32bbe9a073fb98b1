"""The hashes of rows that are known: each is found again, whatever their number."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connection
from psycopg import sql

from rapport.records.imports.unchanged import KnownHashes, known_hashes

pytestmark = pytest.mark.django_db
_OF_NUMBERS = "select md5(n::text)::uuid from generate_series(1, {}) n"


def digest(number: int) -> bytes:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).digest()


@pytest.mark.parametrize("count", [1, 8_191, 8_192, 20_000])
def test_every_known_hash_is_found_and_no_other(count: int) -> None:
    with connection.cursor() as cursor:
        file = known_hashes(cursor, sql.SQL(_OF_NUMBERS).format(sql.Literal(count)), rows=count)

    assert file is not None
    with file:
        known = KnownHashes(file.fileno())
        assert all(digest(number) in known for number in range(1, count + 1))
        assert not any(digest(number) in known for number in range(count + 1, count + 1_000))


def test_nothing_is_looked_up_where_nothing_is_known_or_far_more_than_the_file_has() -> None:
    with connection.cursor() as cursor:
        assert known_hashes(cursor, sql.SQL(_OF_NUMBERS).format(sql.Literal(0)), rows=10) is None
        assert known_hashes(cursor, sql.SQL(_OF_NUMBERS).format(sql.Literal(100)), rows=10) is None
