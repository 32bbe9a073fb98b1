"""Setting what things cost and are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.insight.five_worths.unit_values import Amounts
from rapport.insight.models import UnitValue
from rapport.insight.warehouse.asking import ask_for_refresh

if TYPE_CHECKING:
    from rapport.core.acting import Actor


def set_unit_values(amounts: Amounts, *, by: Actor, request: HttpRequest | None = None) -> bool:
    """Keep `amounts` by name, in millionths; nothing or zero means not set. Whether anything changed; then it is refreshed."""
    with acting(by, request, reason="insight.unit_values"):
        kept = {each.name: each for each in UnitValue.objects.select_for_update()}
        changed = {name: amount for name, amount in amounts.items() if amount != _amount(kept.get(name))}
        for name, amount in sorted(changed.items()):
            each = kept.get(name)
            if each is not None and not amount:
                each.delete()
            elif each is not None:
                each.amount = amount
                each.save(update_fields=["amount"])
            else:
                UnitValue.objects.create(name=name, amount=amount)
        if changed:
            ask_for_refresh()
    return bool(changed)


def _amount(each: UnitValue | None) -> int:
    return each.amount if each is not None else 0
