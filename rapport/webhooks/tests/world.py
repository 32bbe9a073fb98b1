"""Endpoints for the tests of this room, and what they would be told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rapport.core.acting import SYSTEM, acting
from rapport.core.clock import utc_now
from rapport.records.telling import outgoing_types
from rapport.webhooks.models import Endpoint, Message, Secret
from rapport.webhooks.permissions import MANAGE
from rapport.webhooks.signing import new_secret, seal


def let_manage(user: Any) -> None:
    """The person's role may have other systems told from now on."""
    with acting(SYSTEM):
        user.role.rights = sorted({*user.role.rights, MANAGE.name})
        user.role.save(update_fields=["rights"])


def make_endpoint(
    owner: Any, *types: str, url: str = "https://hooks.example.com/in", now: datetime | None = None, **values: Any
) -> tuple[Endpoint, str]:
    """An endpoint of `owner`'s, told of everything unless `types` are named, and its secret."""
    let_manage(owner)
    made_at, secret = now or utc_now(), new_secret()
    with acting(SYSTEM):
        made = Endpoint.objects.create(
            owner=owner, url=url, types=sorted(types or outgoing_types()), made_at=made_at, **values
        )
        Secret.objects.create(endpoint=made, sealed=seal(secret), made_at=made_at)
    return made, secret


def said(endpoint: Endpoint) -> list[tuple[str, list[str], dict[str, Any]]]:
    """What an endpoint is told, oldest first: name, ids, and what else; what is said is taken away."""
    found = Message.objects.filter(endpoint=endpoint).order_by("pk")
    told = [(each.type, each.ids, each.more) for each in found]
    found.delete()
    return told
