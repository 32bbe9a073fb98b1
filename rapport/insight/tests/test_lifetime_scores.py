"""What customers are foretold to do comes back into PostgreSQL, with the model that said so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from rapport.core.acting import SYSTEM, acting
from rapport.customers.consents.restrictions import restrict_processing
from rapport.customers.models import Customer
from rapport.insight.lifetime.learning import HORIZON_WEEKS
from rapport.insight.lifetime.scores import scores
from rapport.insight.models import CustomerLifetime, CustomerWorth, LearnedModel, ScoreRun
from rapport.insight.queries import segment_rules
from rapport.insight.reports import reports
from rapport.insight.scores.histories import Histories
from rapport.insight.scores.lifetime import model_of
from rapport.insight.tests.returning_shop import CLOSED, open_returning_shop
from rapport.insight.tests.shop import make_customer, make_order, make_orders
from rapport.insight.tests.test_traits import refresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]
NOW = datetime.combine(CLOSED, datetime.min.time(), UTC) + timedelta(hours=12)


def test_each_customer_has_what_the_model_says_and_it_can_be_said_again(
    home: Path, business: Any, as_user: Any, ada: Any
) -> None:
    made = open_returning_shop(120)
    held = made[0]
    restrict_processing(Customer.objects.get(pk=held.pk), ground="objected", by=SYSTEM, now=NOW)

    done = refresh(NOW)

    run, learned = ScoreRun.objects.get(), LearnedModel.objects.get()
    assert (run.customers, run.as_of, run.model) == (119, date(2025, 1, 1), learned)
    assert (learned.kind, learned.is_refused, learned.as_of) == ("clv", False, date(2025, 1, 1))
    assert not CustomerLifetime.objects.filter(customer_id=held.pk).exists()
    by_hand = CustomerLifetime.objects.get(customer_id=made[1].pk)
    worth = CustomerWorth.objects.get(customer_id=made[1].pk)
    history = Histories.of(
        [worth.purchases - 1],
        [(worth.last_purchase_on - worth.first_purchase_on).days / 7],
        [(run.as_of - worth.first_purchase_on).days / 7],
    )
    model = model_of(learned.report["model"], learned.report["parameters"])
    alive_by = model_of(*learned.report["chance_alive_by"].values())
    expected = model.further_purchases(history, HORIZON_WEEKS)[0]
    assert by_hand.expected_purchases == pytest.approx(expected)
    assert by_hand.alive_percent == pytest.approx(100 * alive_by.chance_alive(history)[0], abs=0.06)
    assert (by_hand.due_on is not None) == (by_hand.alive_percent >= 50 and worth.purchases > 1)
    assert by_hand.expected_micros is not None
    assert by_hand.expected_micros > 0
    assert (
        sum(CustomerLifetime.objects.values_list("expected_purchases", flat=True))
        < learned.report["forecast"]["purchases"]
    )

    with reports(done.snapshot, rules=segment_rules()) as answers:
        again = scores(answers, learned, as_of=run.as_of).to_pyarrow().to_pylist()
    kept = {each.pk: each for each in CustomerLifetime.objects.all()}
    assert {row["customer_id"] for row in again} == {each.pk for each in made}
    for row in again:
        if row["customer_id"] != held.pk:
            each = kept[row["customer_id"]]
            assert (each.alive_percent, each.expected_purchases, each.expected_micros, each.due_on) == (
                row["alive_percent"], row["expected_purchases"], row["expected_micros"], row["due_on"],
            )  # fmt: skip

    page = as_user(ada).get(
        "/customers/?column=name&column=alive_percent&column=expected_value&column=order_due_on"
        "&filter=alive_percent.at_least:50&filter=order_due_on.filled&sort=-expected_value"
    )
    assert page.status_code == 200
    assert "Next order due" in page.text


def test_a_model_is_kept_for_a_week_and_scores_move_with_the_days(home: Path, business: Any) -> None:
    made = open_returning_shop(120)
    refresh(NOW)
    before = {each.pk: each.alive_percent for each in CustomerLifetime.objects.all()}
    names = _index_names()

    refresh(NOW + timedelta(days=6))
    assert LearnedModel.objects.count() == 1
    after = {each.pk: each.alive_percent for each in CustomerLifetime.objects.all()}
    assert sum(after.values()) < sum(before.values())
    assert _index_names() == names
    assert len(names) == 4

    refresh(NOW + timedelta(days=7))
    assert LearnedModel.objects.count() == 2
    assert ScoreRun.objects.count() == 3

    with connection.cursor() as cursor, acting(SYSTEM):
        cursor.execute("delete from commerce_order where customer_id > %s", [made[50].pk])
    refresh(NOW + timedelta(days=8))
    newest = LearnedModel.objects.latest("id")
    assert newest.is_refused
    assert "who bought: 51." in newest.report["refused"]
    assert not CustomerLifetime.objects.exists()
    refresh(NOW + timedelta(days=9))
    assert LearnedModel.objects.count() == 3


def test_few_customers_have_no_scores_and_the_reason_is_kept(home: Path, business: Any) -> None:
    make_orders(make_customer(), [date(2024, 1, 1)])
    make_order(make_customer("Two"), datetime(2024, 3, 1, tzinfo=UTC))

    refresh(NOW)

    assert "who bought: 2." in LearnedModel.objects.get().report["refused"]
    assert ScoreRun.objects.get().customers == 0


def _index_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select indexname from pg_indexes where tablename = 'insight_clv' order by 1")
        return [row[0] for row in cursor.fetchall()]
