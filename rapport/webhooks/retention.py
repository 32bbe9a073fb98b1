"""What this room keeps for a time only: what endpoints were told, with every attempt."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained
from rapport.webhooks.models import Message

_BATCH = 5_000


def _count(before: datetime) -> int:
    return Message.objects.filter(happened_at__lt=before).count()


def _remove(before: datetime) -> int:
    """Also what still waits: an endpoint that was off for so long has to begin anew."""
    batch = list(
        Message.objects.filter(happened_at__lt=before).order_by("happened_at").values_list("pk", flat=True)[:_BATCH]
    )
    Message.objects.filter(pk__in=batch).delete()
    return len(batch)


RETAINED = (
    Retained("webhooks", _("What other systems were told by webhooks"), _("To send it again, and to see what went wrong"),
             30, _count, _remove, order=48),
)  # fmt: skip
