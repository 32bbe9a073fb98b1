"""Every table that hangs on a customer: a merge brings its rows over, a split gives each back exactly, an erasure takes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from rapport.core.acting import SYSTEM, acting
from rapport.core.owned import OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.actions import edit_customer
from rapport.customers.models import Customer, Profile
from rapport.customers.whole_person import whole_person
from rapport.identity.actions import merge_customers, split_customer, undo_merge
from rapport.identity.models import Link, NeverPair, SaidBefore
from rapport.identity.tests.people import person
from rapport.privacy.actions import erase
from rapport.privacy.models import Erasure
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("db", "home")

_NEEDED = """
select a.attname, format_type(a.atttypid, null),
       (select c.confrelid::regclass::text from pg_constraint c
         where c.conrelid = a.attrelid and c.contype = 'f' and c.conkey = array[a.attnum])
  from pg_attribute a where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
   and a.attnotnull and not (a.atthasdef or a.attidentity <> '')
"""
_PLAIN = {
    "text": "x", "character varying": "x", "bigint": 1, "integer": 1, "smallint": 1, "boolean": False, "numeric": 1,
    "timestamp with time zone": "2026-01-01T00:00:00Z", "date": "2026-01-01", "jsonb": "{}",
}  # fmt: skip


def owned_tables() -> list[OwnedTable]:
    """Those whose rows are kept, not computed anew."""
    return [
        t for t in contributions("owned", "OWNED", OwnedTable) if not t.is_derived and t.table != "customers_profile"
    ]


def a_segment(cursor: Any) -> int:
    """A list that is filled by hand, so that a row of it can hang on somebody."""
    cursor.execute("select id from segments_segment")
    found = cursor.fetchone()
    if found is None:
        cursor.execute(
            "insert into segments_segment (public_id, name, is_static) values (gen_random_uuid(), 'x', true) returning id"
        )
        found = cursor.fetchone()
    return int(found[0])


def plant(table: OwnedTable, customer: Customer, user: Any) -> None:
    profile = Profile.objects.filter(customer=customer).order_by("pk")[0]
    hers: dict[str, Any] = {"from_profile_id": profile.pk, "to_profile_id": profile.pk}
    hers |= {"from_customer_id": customer.pk, "to_customer_id": customer.pk}
    hers |= {table.profile_column: profile.pk, table.customer_column: customer.pk}
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_NEEDED, [table.table])
        values = {table.profile_column: profile.pk, table.customer_column: customer.pk}
        needed = cursor.fetchall()
        for name, kind, refers_to in needed:
            plain = f"{profile.pk % 1000}" if _PLAIN.get(kind) == "x" else _PLAIN.get(kind)
            there = {"accounts_user": lambda: user.pk, "segments_segment": lambda: a_segment(cursor)}
            values[name] = hers[name] if name in hers else there.get(refers_to, lambda plain=plain: plain)()
        if "public_id" in values:
            values["public_id"] = hashlib.md5(f"{table}{customer.pk}".encode(), usedforsecurity=False).hexdigest()
        cursor.execute(
            sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
                sql.Identifier(table.table), sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join(sql.Placeholder() for _each in values),
            ),
            list(values.values()),
        )  # fmt: skip


def hashes(table: str, column: str, customer: Customer, *, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Each row of the customer, by id, as the hash of all its columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("select to_jsonb(t)::text from {} t where {} = %s").format(
                sql.Identifier(table), sql.Identifier(column)
            ),
            [customer.pk],
        )
        found = [json.loads(row[0]) for row in cursor.fetchall()]
    kept = [{name: value for name, value in row.items() if name not in without} for row in found]
    return {str(row["id"]): hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest() for row in kept}


def whole(customer: Customer) -> dict[str, dict[str, str]]:
    found = {f"{t.table}.{t.customer_column}": hashes(t.table, t.customer_column, customer) for t in owned_tables()}
    found["customers_profile"] = hashes("customers_profile", "customer_id", customer)
    found["customers_customer"] = hashes("customers_customer", "id", customer, without=("version", "updated_at"))
    return found


def test_a_split_restores_every_row_of_every_owned_table_on_both_sides(ada) -> None:
    ana = person("Ana Souza", email="ana@souza.br", card="C1", owner=ada)
    bea = person("Bea Lima", source="till", email="bea@lima.pt", phone="+442079460958", card="C2")
    for table in owned_tables():
        for customer in (ana, bea):
            plant(table, customer, ada)
    before = [whole(customer) for customer in (ana, bea)]
    assert all(rows for side in before for rows in side.values()), "a table has no row to be restored"
    retired = hashes("customers_customer", "id", bea)

    deeds: list[Callable[[], Any]] = [
        lambda: split_customer(ana.pk, [bea.pk], by=ada, now=NOW),
        lambda: undo_merge(Link.objects.order_by("-pk")[0], by=ada, now=NOW),
    ]
    for take_apart in deeds:
        merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
        together = whole(ana)
        assert not any(rows for table, rows in whole(bea).items() if table != "customers_customer")
        for table in owned_tables():
            name = f"{table.table}.{table.customer_column}"
            assert set(together[name]) == set(before[0][name]) | set(before[1][name]), name
        take_apart()

        assert [whole(customer) for customer in (ana, bea)] == before
        assert hashes("customers_customer", "id", bea) == retired


def erased(customer: Customer) -> None:
    with acting(SYSTEM):
        asked = Erasure.objects.create(customer_id=customer.pk, actor_label="x", asked_at=NOW)
    erase(asked, by=SYSTEM, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def test_why_two_were_joined_or_parted_goes_with_either_of_them(ada) -> None:
    ana, bea, cia = person("Ana"), person("Bea", source="till"), person("Cia", source="news")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW, reason="Ana married in secret")
    split_customer(ana.pk, [bea.pk], by=ada, now=NOW, reason="Ana is not Bea")
    merge_customers(ana.pk, [cia.pk], by=ada, now=NOW, reason="Moved to Leeds")

    erased(bea)

    assert [link.reason for link in Link.objects.all()] == ["Moved to Leeds"]
    assert not NeverPair.objects.exists()
    erased(ana)
    assert not Link.objects.exists()


def test_a_merge_that_took_back_a_split_of_others_does_not_stand_in_the_way(ada) -> None:
    ana, bea, cia = person("Ana"), person("Bea", source="till"), person("Cia", source="news")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    merge_customers(ana.pk, [cia.pk], by=ada, now=NOW)
    split_customer(ana.pk, [cia.pk], by=ada, now=NOW, reason="Not the same")
    merge_customers(ana.pk, [cia.pk], by=ada, now=NOW, reason="The same after all")
    assert NeverPair.objects.exclude(undone_link=None).count() == 2
    split_customer(ana.pk, [ana.pk], by=ada, now=NOW, reason="Ana is herself")

    erased(ana)

    assert "The same after all" not in set(Link.objects.values_list("reason", flat=True))
    assert not NeverPair.objects.exclude(undone_link=None).exists()


def test_a_merge_is_erased_though_the_profiles_it_named_are_gone(ada) -> None:
    ana, bea = person("Ana"), person("Bea", source="till")
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW, reason="Told by Ana")
    with acting(SYSTEM):
        Link.objects.update(one_id=10**9, other_id=10**9 + 1)

    erased(ana)

    assert not Link.objects.exists()


def test_what_staff_said_before_a_merge_goes_too(ada) -> None:
    ana, bea = person("Ana"), person("Bea", source="till")
    edit_customer(ana, {"city": "Leeds"}, version=ana.version, by=ada, now=NOW)
    merge_customers(ana.pk, [bea.pk], by=ada, now=NOW)
    assert SaidBefore.objects.exists()
    assert len(whole_person(ana.pk).profiles) == 3

    erased(ana)

    assert not SaidBefore.objects.exists()
