"""Reads of this room."""

from __future__ import annotations

from rapport.privacy.models import Erasure, PersonExport, Suppression


def has_suppressions() -> bool:
    return Suppression.objects.exists()


def newest_export(customer_id: int, *, asked_by: int) -> PersonExport | None:
    return PersonExport.objects.filter(customer_id=customer_id, asked_by=asked_by).order_by("-pk").first()


def newest_erasures(*, at_most: int = 50) -> list[Erasure]:
    return list(Erasure.objects.order_by("-pk")[:at_most])


def erasure_under_way(customer_id: int) -> Erasure | None:
    found = Erasure.objects.filter(customer_id=customer_id, done_at=None).order_by("-pk").first()
    return found if found is not None and found.is_under_way else None
