"""Fixtures of this room's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection


@pytest.fixture
def cleared(transactional_db: None) -> Iterator[None]:
    """What is planted in tables without a model is nobody's to truncate."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("delete from insight_rfm_spare")
        cursor.execute("delete from insight_clv_spare")
        cursor.execute("delete from insight_leaving_spare")
        cursor.execute("delete from insight_five_spare")
        cursor.execute("drop table if exists staging.import_999")
