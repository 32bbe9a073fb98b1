"""Every profile has a customer, whoever does what at the same time: what a foreign key would hold, held by triggers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from rapport.core.acting import SYSTEM, acting
from rapport.customers.models import Customer, Profile
from rapport.customers.tests.world import make_customer

NOBODY = 2**40
_INSERT = """
insert into customers_profile (customer_id, source_id, external_id, seen_at)
select id, (select min(id) from customers_source), 'made-' || id, now() from unnest(%s::bigint[]) as given (id)
"""
_MAKE = "insert into customers_customer (kind) select 'person' from generate_series(1, %s) returning id"


def ask(query: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def refused() -> Any:
    return pytest.raises(IntegrityError, match="profile")


def check_now() -> None:
    ask("set constraints all immediate")
    ask("set constraints all deferred")


def test_profiles_come_only_to_customers_who_are_there(db: None) -> None:
    ana = make_customer("Ana")
    with acting(SYSTEM):
        mine = ask(_MAKE, 3)
        with transaction.atomic():  # within a savepoint they count as somebody else's, and are held
            mine += ask(_MAKE, 1)
        ask(_INSERT, [ana.pk, *mine])
        ask(
            "insert into customers_profile (customer_id, source_id, external_id, seen_at) select 1, 1, 'x', now() where false"
        )
        for wrong in ([NOBODY], [ana.pk, NOBODY, NOBODY + 1], [*mine, NOBODY]):
            ask("delete from customers_profile where external_id like 'made-%%'")
            with refused(), transaction.atomic():
                ask(_INSERT, wrong)
        assert not Profile.objects.filter(external_id__startswith="made-").exists()
        both = "with c as (insert into customers_customer (kind) values ('person') returning id) " + _INSERT.replace(
            "unnest(%s::bigint[]) as given (id)", "c"
        )
        ask(both)
        check_now()


def test_profiles_move_and_customers_go_when_all_is_right_in_the_end(db: None) -> None:
    ana, ben = make_customer("Ana"), make_customer("Ben")
    to = "update customers_profile set customer_id = %s where customer_id = %s"
    with acting(SYSTEM):
        with refused(), transaction.atomic():
            ask(to, NOBODY, ana.pk)
            check_now()
        with refused(), transaction.atomic():
            Customer.objects.filter(pk=ana.pk)._raw_delete(using="default")  # type: ignore[attr-defined]
            check_now()
        with refused(), transaction.atomic():
            ask("update customers_customer set id = %s where id = %s", NOBODY, ana.pk)
            check_now()
        with transaction.atomic():  # in whatever order
            ask(to, NOBODY, ana.pk)
            ask(to, ben.pk, NOBODY)
            ask("delete from customers_customer where id = %s", ana.pk)
            check_now()
        with transaction.atomic():
            ask("delete from customers_customer where id = %s", ben.pk)
            ask("delete from customers_profile where customer_id = %s", ben.pk)
            check_now()
    assert not Customer.objects.filter(pk__in=[ana.pk, ben.pk]).exists()


def say(other: Any, query: str, *values: Any) -> None:
    with other.cursor() as cursor:
        cursor.execute(query, values)


@contextmanager
def somebody_else() -> Iterator[Any]:
    """A session of its own with a transaction under way, which is given back at the end."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        say(other, "select set_config('rapport.actor_id', 'system', false), set_config('lock_timeout', '10s', false)")
        yield other
        other.rollback()
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_nobody_goes_while_a_profile_comes_and_none_comes_to_who_is_going() -> None:
    ana, ben, carla, dora = (make_customer(name) for name in ("Ana", "Ben", "Carla", "Dora"))
    delete = "delete from customers_customer where id = %s"
    with acting(SYSTEM):
        Profile.objects.filter(customer__in=[ana, ben, carla]).delete()

    with somebody_else() as other:  # a profile comes first: who would delete her waits, and is refused
        say(other, _INSERT, [ana.pk])
        with acting(SYSTEM):
            ask("set local lock_timeout = '50ms'")
            with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
                ask(delete, ana.pk)
        other.commit()
    with refused(), acting(SYSTEM):
        ask(delete, ana.pk)

    with somebody_else() as other:  # she is being deleted: the profile waits, and is refused
        say(other, delete, ben.pk)
        raised: list[BaseException] = []
        came = threading.Thread(target=lambda: raised.extend(_bring(ben.pk)))
        came.start()
        came.join(0.2)
        assert came.is_alive()
        other.commit()
        came.join(30)
    assert [type(error) for error in raised] == [IntegrityError]

    with somebody_else() as other:  # a profile moves to who is gone when that ends
        say(other, "update customers_profile set customer_id = %s where customer_id = %s", carla.pk, dora.pk)
        with acting(SYSTEM):
            ask(delete, carla.pk)
        with refused():
            other.commit()

    with somebody_else() as other:
        other.rollback()
        say(other, "set transaction isolation level repeatable read")
        say(other, "select set_config('rapport.actor_id', 'system', true)")
        say(other, delete, dora.pk)
        with pytest.raises(DatabaseError, match="see what others have committed"):
            other.commit()


def _bring(customer: int) -> list[BaseException]:
    try:
        with acting(SYSTEM):
            ask(_INSERT, [customer])
    except DatabaseError as error:
        return [error]
    finally:
        connection.close()
    return []
