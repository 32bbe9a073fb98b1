"""What a room's retention.py declares: things that are kept for a time and then go by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from rapport.core.rooms import contributions


@dataclass(frozen=True)
class Retained:
    """Something with an age. `days` is how long it is kept unless the business says otherwise; none means for ever.

    `count` says how much of it is older than an instant; `remove` takes away one batch of it, inside `acting`, and says how
    much, 0 when nothing is left.
    """

    name: str
    label: str | Promise
    purpose: str | Promise
    days: int | None
    count: Callable[[datetime], int]
    remove: Callable[[datetime], int]
    order: int = 50


def retained() -> Iterator[Retained]:
    return iter(sorted(contributions("retention", "RETAINED", Retained), key=lambda item: (item.order, item.name)))
