"""Keeping the purposes for which customers are asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest

from rapport.core.acting import acting
from rapport.customers.models import Purpose

if TYPE_CHECKING:
    from rapport.accounts.models import User

_LONGEST_NAME = 40


def find_purpose(public_id: UUID) -> Purpose:
    found = Purpose.objects.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def save_purpose(
    purpose: Purpose | None, values: Mapping[str, Any], *, by: User, now: datetime, request: HttpRequest | None = None
) -> Purpose:
    """Make or change a purpose. The ledger keeps naming it as it was first called; a retired one stays retired since then."""
    with acting(by, request, reason="purpose"):
        if purpose is None:
            return Purpose.objects.create(name=_free_name(str(values["label"])), **values)
        for field, value in values.items():
            if field != "retired_at" or value is None or purpose.retired_at is None:
                setattr(purpose, field, value)
        purpose.save(update_fields=list(values))
        return purpose


def _free_name(label: str) -> str:
    wanted = re.sub(r"[^\w]+", "_", label.casefold()).strip("_")[:_LONGEST_NAME] or "purpose"
    taken = set(Purpose.objects.filter(name__startswith=wanted).values_list("name", flat=True))
    return next(name for name in (wanted, *(f"{wanted}_{n}" for n in range(2, len(taken) + 3))) if name not in taken)
