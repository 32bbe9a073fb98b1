"""Rows that one statement changes leave the same trail as rows that are changed one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from rapport.audit import actions as audit
from rapport.audit.models import AuditEvent, AuditValue
from rapport.audit.verification import verify
from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions_many import assign_owners
from rapport.customers.models import Customer
from rapport.customers.tests.world import make_customer
from tests.world import NOW

MANY = 1_000
_CHANGE = """
update customers_customer
   set name = coalesce(name, '') || ' of “x”', city = null, kind = 'organization', trashed_at = '2026-01-02 3:04:05.6Z',
       custom = custom || '{"c_size": "1.50"}', tags = '["a"]', version = version + 1 where id = any(%s)
"""


def change(ids: list[int], *, by: Any, count: int) -> list[tuple[Any, ...]]:
    """What the trail then says of each row."""
    with transaction.atomic():
        first = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
        with acting(by, reason="test"), audit.rows_together(count), connection.cursor() as cursor:
            cursor.execute(_CHANGE, [ids])
            cursor.execute(_CHANGE, [ids])  # again: only some of it is a change
        events = list(AuditEvent.objects.filter(pk__gt=first).order_by("at", "row_id", "pk"))
        values = AuditValue.objects.in_bulk([event.pk for event in events])
        transaction.set_rollback(True)
    return [
        (event.actor_id, event.actor_label, event.reason, event.table_name, event.row_id, event.operation, event.fields,
         values[event.pk].values)
        for event in events
    ]  # fmt: skip


def test_the_trail_of_many_rows_is_that_of_each_row_by_itself(home: Path, ada: Any, alice: Any) -> None:
    ids = [make_customer("Ana", owner=alice, city="Porto").pk, make_customer("Rui").pk]

    together = change(ids, by=ada, count=MANY)

    assert together == change(ids, by=ada, count=2)
    assert len(together) == 4
    assert set(together[0][6]) == {"name", "city", "kind", "trashed_at", "custom", "tags"}
    with acting(ada), audit.rows_together(MANY):
        assign_owners(dict.fromkeys(ids, ada.pk), by=ada, now=NOW)
    assert AuditEvent.objects.filter(fields=["owner_id"], row_id__in=map(str, ids)).count() == 2
    assert verify(heads=audit.heads_file()).is_whole


def test_nobody_changes_many_rows_either(db: Any) -> None:
    pk = make_customer("Ana").pk

    with pytest.raises(DatabaseError, match="nobody is acting"), transaction.atomic(), audit.rows_together(MANY):
        Customer.objects.filter(pk=pk).update(city="Faro")
    with acting(SYSTEM), audit.rows_together(MANY):
        Customer.objects.filter(pk=pk).update(city=None)
