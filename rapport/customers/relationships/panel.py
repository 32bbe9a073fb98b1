"""The block of the people and organizations around a customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from rapport.accounts.access import staff_user
from rapport.accounts.queries import business_zone
from rapport.core.clock import business_day, utc_now
from rapport.customers.access import may_change
from rapport.customers.models import Customer
from rapport.customers.relationships.around import ties_of

MOST_SHOWN = 8


def relationships_panel(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    user = staff_user(request)
    customer = Customer.objects.only("pk", "public_id").get(pk=customer_id)
    today = business_day(utc_now(), zone=business_zone())
    ties = ties_of(user, customer, today=today, at_most=MOST_SHOWN)
    return {"customer": customer, "ties": ties, "may_edit": may_change(user, customer)}
