"""What the marts know comes back into PostgreSQL, all at once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction

from rapport.accounts.queries import business_zone
from rapport.audit.models import AuditEvent
from rapport.insight import actions, queries
from rapport.insight.models import CustomerWorth, TraitRun
from rapport.insight.tests.shop import MICROS, make_customer, make_order, make_orders

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def refresh(now: datetime = NOW) -> actions.Refreshed:
    return actions.refresh(settings=queries.report_settings(), now=now)


def test_each_customer_who_bought_has_traits(home: Path, business: Any) -> None:
    loyal, gone, visitor = make_customer("Loyal"), make_customer("Gone"), make_customer("Visitor")
    make_orders(loyal, [date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 1)], 100)
    make_order(loyal, NOW, -40, kind="return")
    make_orders(gone, [date(2024, 1, 5)], 10)

    refresh()

    worth = queries.worth_of(loyal.pk)
    assert worth is not None
    assert (worth.purchases, worth.reversals) == (3, 1)
    assert (worth.gross_micros, worth.value_micros) == (300 * MICROS, 260 * MICROS)
    assert (worth.first_purchase_on, worth.last_purchase_on) == (date(2026, 1, 5), date(2026, 3, 1))
    assert (worth.recency_band, worth.frequency_band, worth.monetary_band) == (3, 3, 3)
    assert worth.months[-3:] == [100 * MICROS, 100 * MICROS, 60 * MICROS]
    assert len(worth.months) == 12
    assert queries.worth_of(visitor.pk) is None
    assert CustomerWorth.objects.count() == 2


def test_a_segment_knows_the_one_before(home: Path, business: Any) -> None:
    old, new = make_customer("Old"), make_customer("New")
    make_orders(old, [date(2025, 6, 1), date(2025, 7, 1)])
    make_orders(new, [date(2026, 2, 20)])

    done = refresh()

    assert done.traits.since == date(2025, 12, 2)
    before = dict(CustomerWorth.objects.values_list("customer__name", "segment_before"))
    assert before == {"Old": "hibernating", "New": "not_yet"}


def test_a_run_says_its_day_its_edges_and_where_it_comes_from(home: Path, business: Any) -> None:
    for number in range(1, 6):
        make_orders(make_customer(str(number)), [date(2026, 1, number)], number)

    done = refresh()

    run = TraitRun.objects.get()
    assert (run.as_of, run.customers, run.snapshot_folder) == (date(2026, 3, 2), 5, done.snapshot.folder)
    assert run.edges["recency_5"] == "2026-01-05"
    assert run.edges["monetary_2"] == 2 * MICROS


def test_one_audit_row_tells_of_each_part_of_a_run(home: Path, business: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 1)])
    before = AuditEvent.objects.count()

    refresh()

    told = AuditEvent.objects.order_by("id").values_list("actor_id", "operation")[before:]
    assert list(told) == [("system:system", "traits computed"), ("system:system", "five worths computed")]


def test_a_second_run_replaces_the_first_and_keeps_keys_and_indexes(home: Path, business: Any) -> None:
    gone, stays = make_customer("Gone"), make_customer("Stays")
    make_orders(gone, [date(2026, 1, 1)])
    make_orders(stays, [date(2026, 1, 2)])
    refresh()
    names = _index_names()

    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("set local rapport.actor_id = 'system:test'")
        cursor.execute("delete from commerce_order where customer_id = %s", [gone.pk])
    for hour in (1, 2, 3):
        refresh(NOW + timedelta(hours=hour))

    assert [worth.customer_id for worth in CustomerWorth.objects.all()] == [stays.pk]
    assert _index_names() == names
    assert len(names) == 5


def test_with_no_orders_at_all_a_refresh_leaves_no_traits(home: Path, business: Any) -> None:
    done = refresh()

    assert (done.traits.customers, CustomerWorth.objects.count()) == (0, 0)


def test_readers_see_old_traits_or_new_ones_never_none(home: Path, business: Any) -> None:
    make_orders(make_customer(), [date(2026, 1, 1)])
    refresh()
    seen: set[int] = set()
    done = threading.Event()

    def read_all_the_time() -> None:
        while not done.is_set():
            seen.add(CustomerWorth.objects.count())
        connections.close_all()

    reader = threading.Thread(target=read_all_the_time)
    reader.start()
    for hour in (1, 2):
        refresh(NOW + timedelta(hours=hour))
    done.set()
    reader.join()

    assert seen == {1}


def test_reports_count_days_and_money_as_the_business_does(home: Path, business: Any) -> None:
    settings = queries.report_settings(time_zone="Asia/Tokyo")

    assert (settings.zone, settings.currency) == (business_zone(), "GBP")


def test_before_set_up_the_zone_asked_for_counts(db: None) -> None:
    assert queries.report_settings(time_zone="Asia/Tokyo").zone.key == "Asia/Tokyo"
    assert queries.report_settings().zone.key == "UTC"


def test_a_changed_rule_names_the_customers_of_its_cell_at_the_next_refresh(home: Path, business: Any) -> None:
    from rapport.core.acting import SYSTEM, acting
    from rapport.insight.models import SegmentRule

    make_orders(make_customer(), [date(2026, 1, 1)])
    with acting(SYSTEM):
        rule = SegmentRule.objects.get(recency_band=1, frequency_band=1)
        rule.segment = "promising"
        rule.save(update_fields=["segment"])

    refresh()

    assert CustomerWorth.objects.get().segment == "promising"


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 3, 2), 3, date(2025, 12, 2)),
        (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_before_end_within_the_month(day: date, months: int, expected: date) -> None:
    assert queries.months_before(day, months) == expected


def _index_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select indexname from pg_indexes where tablename = 'insight_rfm' order by 1")
        return [row[0] for row in cursor.fetchall()]
