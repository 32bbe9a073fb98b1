"""Clears away secrets that count no more, and deleted endpoints of which nothing is left."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef

from rapport.core.acting import SystemActor, acting
from rapport.webhooks.models import Endpoint, EndpointState, Message, Secret


def tidy(*, now: datetime) -> None:
    Secret.objects.filter(ends_at__lte=now).delete()
    left = Message.objects.filter(endpoint_id=OuterRef("pk"))
    with acting(SystemActor("webhooks"), reason="webhook deleted"):
        Endpoint.objects.filter(~Exists(left), state=EndpointState.DELETED).delete()
