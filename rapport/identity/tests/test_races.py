"""Merges from all sides at once, with real connections: no cycle, one survivor, nothing lost, nobody refused by a lock."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.actions import log_interaction
from rapport.customers.models import Customer, Interaction, Profile, Touchpoint
from rapport.customers.tests.world import touch
from rapport.identity.actions import UnableToMerge, UnableToSplit, merge_customers, split_customer
from rapport.identity.tests.people import person
from tests.world import NOW

ROUNDS = int(os.environ.get("IDENTITY_RACES", "12"))

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[BaseException]:
    """Every deed in a thread with a connection of its own, let go at the same moment; what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        try:
            start.wait()
            deed()
        except (UnableToMerge, UnableToSplit):
            pass  # said in words, and nothing was changed
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def trash(customer: Customer) -> None:
    with acting(SYSTEM):
        Customer.objects.filter(pk=customer.pk).update(trashed_at=NOW)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_merges_from_all_sides_at_once_leave_one_survivor_and_lose_nothing(ada, round_) -> None:
    a, b, c = (person(f"{name} {round_}", source=name) for name in ("a", "b", "c"))
    for customer in (a, b, c):
        touch(customer)
    deeds = [
        lambda: merge_customers(a.pk, [b.pk], by=ada, now=NOW),
        lambda: merge_customers(b.pk, [a.pk], by=ada, now=NOW),
        lambda: merge_customers(b.pk, [c.pk], by=ada, now=NOW),
        lambda: log_interaction(b, kind="note", text="Said", by=ada, now=NOW),
        lambda: split_customer(a.pk, [b.pk], by=ada, now=NOW),
    ]
    if round_ % 4 == 3:
        deeds.append(lambda: trash(a))
    random.Random(round_).shuffle(deeds)

    assert at_once(*deeds) == []

    ids = [a.pk, b.pk, c.pk]
    rows = {customer.pk: customer for customer in Customer.objects.filter(pk__in=ids)}
    profiles = list(Profile.objects.filter(customer__in=ids))
    at = {profile.pk: profile.customer_id for profile in profiles}
    assert all(row.merged_into_id is None or rows[row.merged_into_id].merged_into_id is None for row in rows.values())
    assert {rows[customer].merged_into_id for customer in at.values()} == {None}
    assert {profile.home_id or profile.customer_id for profile in profiles} == set(ids)
    touched = Touchpoint.objects.filter(profile_id__in=list(at))
    assert [t.customer_id for t in touched] == [at[t.profile_id] for t in touched]
    assert len(touched) == 4
    logged = Interaction.objects.filter(profile__in=list(at))
    assert [i.customer_id for i in logged] == [at[i.profile_id] for i in logged]
