"""When somebody of us last was in touch with customers, as far as rules of next actions ask it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

CONTACTS = ("call", "visit", "email", "meeting")
_SPOKEN = """
select t.customer_id, max(t.occurred_at) from customers_touchpoint t
 where t.customer_id = any(%(ids)s) and t.direction = 'out' and t.kind = any(%(contacts)s)
   and t.occurred_at > %(since)s and t.occurred_at <= %(now)s
 group by t.customer_id
"""


def last_spoken(ids: Sequence[int], *, since: datetime, now: datetime) -> dict[int, datetime]:
    """When somebody of us last was in touch with these customers (call, visit, e-mail, meeting), where it was after `since`."""
    with connection.cursor() as cursor:
        cursor.execute(_SPOKEN, {"ids": list(ids), "since": since, "now": now, "contacts": list(CONTACTS)})
        return dict(cursor.fetchall())
