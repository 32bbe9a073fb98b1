"""Doing a transaction again that the database called off because another one stood in its way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")

TRIES = 4
_PASSING = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not available
_LONGEST_WAIT_SECONDS = 0.2


def retrying(transaction: Callable[[], T]) -> T:
    """Run `transaction`, again where it met a deadlock or a lock; inside a transaction there is no second try."""
    for attempt in range(1, TRIES + 1):
        try:
            return transaction()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", "")
            if connection.in_atomic_block or state not in _PASSING or attempt == TRIES:
                raise
            time.sleep(random.uniform(0, _LONGEST_WAIT_SECONDS) * attempt)  # noqa: S311 - no secret, only out of step
    raise AssertionError("unreachable")
