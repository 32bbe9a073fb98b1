"""The sources that every business has."""

from __future__ import annotations

from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import Source


def write_defaults() -> None:
    Source.objects.get_or_create(name=STAFF_SOURCE, defaults={"label": "Staff", "priority": 0})
