"""What follows for customers when a field of the business's own comes into their search or leaves it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.survivorship.deriving import derive_customers

_BATCH = 2_000
_HOLDING = """
select id from customers_customer
 where custom <> '{}'::jsonb and custom ?| %s and id > %s and merged_into_id is null order by id limit %s
"""


def search_again(names: Sequence[str]) -> None:
    """Derive those again who hold one of these values, a batch in each transaction."""
    last = 0
    while True:
        with acting(SYSTEM, reason="field searched"), connection.cursor() as cursor:
            cursor.execute(_HOLDING, [list(names), last, _BATCH])
            ids = [row[0] for row in cursor.fetchall()]
            derive_customers(ids)
        if len(ids) < _BATCH:
            return
        last = ids[-1]
