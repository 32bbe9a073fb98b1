"""Whoever is restricted is counted in what was sold, and has no scores of her own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from rapport.core.acting import SYSTEM
from rapport.customers.consents.restrictions import lift_restriction, restrict_processing
from rapport.customers.models import Customer
from rapport.insight import queries
from rapport.insight.models import CustomerWorth
from rapport.insight.tests.shop import make_customer, make_orders
from rapport.insight.tests.test_traits import NOW, refresh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("transactional_db")]


def test_no_scores_of_somebody_restricted_are_computed_and_they_come_back(home: Path, business: Any) -> None:
    held, free = make_customer("Held"), make_customer("Free")
    for customer in (held, free):
        make_orders(customer, [date(2026, 1, 5), date(2026, 2, 5)], 100)
    restrict_processing(Customer.objects.get(pk=held.pk), ground="objected", by=SYSTEM, now=NOW)

    refresh()

    assert [worth.customer_id for worth in CustomerWorth.objects.all()] == [free.pk]

    lift_restriction(Customer.objects.get(pk=held.pk), by=SYSTEM, now=NOW)
    refresh()
    assert queries.worth_of(held.pk) is not None
