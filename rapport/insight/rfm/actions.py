"""Setting how far beyond the edge of a band somebody has to be to change into another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.insight.models import GroupMargin
from rapport.insight.warehouse.asking import ask_for_refresh

if TYPE_CHECKING:
    from rapport.core.acting import Actor


def set_group_margins(margins: Mapping[str, int], *, by: Actor, request: HttpRequest | None = None) -> bool:
    """Keep `margins` by scale, in thousandths of a band. Whether anything changed; then everything is refreshed."""
    with acting(by, request, reason="insight.group_margins"):
        kept = {each.scale: each for each in GroupMargin.objects.select_for_update()}
        changed = False
        for scale, thousandths in sorted(margins.items()):
            each = kept.get(scale)
            if each is None:
                GroupMargin.objects.create(scale=scale, thousandths=thousandths)
            elif each.thousandths != thousandths:
                each.thousandths = thousandths
                each.save(update_fields=["thousandths"])
            else:
                continue
            changed = True
        if changed:
            ask_for_refresh()
    return changed
