"""What this room keeps for a time only: notifications."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from rapport.core.retention import Retained
from rapport.work.models import Notification, Notifications

_BATCH = 10_000


def _old(before: datetime) -> Notifications:
    return Notification.objects.filter(shown_at__lt=before)


def _count(before: datetime) -> int:
    return _old(before).count()


def _remove(before: datetime) -> int:
    batch = list(_old(before).values_list("pk", flat=True)[:_BATCH])
    return Notification.objects.filter(pk__in=batch).delete()[0]


RETAINED = (
    Retained("notifications", _("Notifications of the staff"), _("To tell colleagues of what is said and to do"), 365,
             _count, _remove, order=47),
)  # fmt: skip
