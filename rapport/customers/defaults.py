"""The sources that every business has, and the purposes it starts with."""

from __future__ import annotations

from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.models import Purpose, Source

_PURPOSES = (
    ("newsletter", "Newsletter", True, "I would like to receive the newsletter. I can stop this at any time."),
    ("offers", "Offers", True, "I would like to hear of offers that fit me. I can stop this at any time."),
    ("service", "Service messages", False, "Please tell me about my orders, appointments and questions."),
)


def write_defaults() -> None:
    Source.objects.get_or_create(name=STAFF_SOURCE, defaults={"label": "Staff", "priority": 0})
    if not Purpose.objects.exists():
        for name, label, is_marketing, wording in _PURPOSES:
            Purpose.objects.create(name=name, label=label, is_marketing=is_marketing, wording=wording)
