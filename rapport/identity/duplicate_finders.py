"""Whom somebody may be typing in again, for the form of a new customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rapport.core.acting import Actor
from rapport.customers.duplicates import DuplicateFinder, PossibleDuplicate
from rapport.identity.actions import UnableToSplit, keep_apart
from rapport.identity.presenting import shares_label
from rapport.identity.queries import possible_duplicates


def _keep_apart(customer: Any, others: Sequence[Any], *, by: Actor, now: datetime) -> None:
    """Whoever adds somebody although others were shown says that she is none of them."""
    for other in others:
        try:
            keep_apart(customer.pk, other.pk, by=by, now=now)
        except UnableToSplit:
            continue  # gone or joined since it was shown


def _describe(duplicate: PossibleDuplicate) -> str:
    return shares_label(duplicate.shares)


FINDERS = (DuplicateFinder(possible_duplicates, _keep_apart, _describe, "duplicates"),)
