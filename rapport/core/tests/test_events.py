"""Events: announced inside the transaction, delivered as jobs that commit with it or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction

from rapport.core import events
from rapport.core.acting import SYSTEM, acting
from rapport.core.events import Event, Subscription, hand_over, publish


@dataclass(frozen=True)
class ParcelSent(Event):
    name = "parcel_sent"
    parcel_ids: list[int]
    weight: int = 0


@dataclass(frozen=True)
class ParcelLost(Event):
    name = "parcel_lost"
    parcel_ids: list[int]


received: list[ParcelSent] = []


def tell_the_customer(event: ParcelSent) -> None:
    received.append(event)


@pytest.fixture(autouse=True)
def subscribed(monkeypatch: pytest.MonkeyPatch) -> Subscription:
    subscription = Subscription(ParcelSent, tell_the_customer)
    monkeypatch.setattr(events, "_subscriptions", lambda: {subscription.key: subscription})
    received.clear()
    return subscription


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("select args::text from procrastinate_jobs where task_name = 'core.deliver' order by id")
        return [json.loads(row[0]) for row in cursor.fetchall()]


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_subscriber_commits_with_the_change(subscribed: Subscription) -> None:
    with acting(SYSTEM):
        publish(ParcelSent(parcel_ids=[7, 8], weight=3))

    assert jobs() == [{"subscription": subscribed.key, "payload": {"parcel_ids": [7, 8], "weight": 3}}]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_announces_nothing() -> None:
    with acting(SYSTEM):
        publish(ParcelSent(parcel_ids=[7]))
        assert len(jobs()) == 1
        transaction.set_rollback(True)

    assert jobs() == []


@pytest.mark.django_db
def test_an_event_goes_to_its_own_subscribers_only() -> None:
    with acting(SYSTEM):
        publish(ParcelLost(parcel_ids=[7]))

    assert jobs() == []


@pytest.mark.django_db
def test_an_event_is_the_reason_in_the_audit_trail() -> None:
    with transaction.atomic(), connection.cursor() as cursor, acting(SYSTEM):
        publish(ParcelSent(parcel_ids=[1]))
        cursor.execute("select current_setting('rapport.reason')")

        assert cursor.fetchone() == ("parcel_sent",)


def test_a_subscriber_gets_the_event_rebuilt_without_fields_of_a_newer_version(subscribed: Subscription) -> None:
    hand_over(subscribed.key, {"parcel_ids": [7], "weight": 2, "carrier": "of tomorrow"})

    assert received == [ParcelSent(parcel_ids=[7], weight=2)]


def test_a_subscriber_that_is_gone_fails_loudly() -> None:
    with pytest.raises(KeyError):
        hand_over("rapport.nowhere.tell", {"parcel_ids": [7]})


@pytest.mark.django_db
def test_an_event_that_cannot_concern_a_subscriber_makes_it_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    only_heavy = Subscription(ParcelSent, tell_the_customer, concerns=lambda event: event.weight > 10)
    monkeypatch.setattr(events, "_subscriptions", lambda: {only_heavy.key: only_heavy})

    with acting(SYSTEM):
        for weight in (3, 30):
            publish(ParcelSent(parcel_ids=[7], weight=weight))

    assert [job["payload"]["weight"] for job in jobs()] == [30]
