"""Writes to endpoints and to what waits for them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest

from rapport.audit.actions import record
from rapport.core.acting import Actor, acting
from rapport.core.environment import webhook_networks
from rapport.core.remembering import forget
from rapport.records.telling import outgoing_types
from rapport.webhooks import signing
from rapport.webhooks.addresses import read_url
from rapport.webhooks.hearing import PING, WANTED
from rapport.webhooks.models import Endpoint, EndpointState, Message, MessageState, Secret
from rapport.webhooks.waking import wake

if TYPE_CHECKING:
    from rapport.accounts.models import User

OLD_SECRET_COUNTS = timedelta(days=1)
EDITABLE = ("url", "description", "types")


class UnknownTypes(ValueError):
    """Some of what an endpoint is to be told of there is not, or its maker has not the right to."""


class EndpointChanged(Exception):
    """Somebody else has changed the endpoint meanwhile; nothing was written."""

    def __init__(self, current: Endpoint) -> None:
        super().__init__("The endpoint was changed by somebody else.")
        self.current = current


class NotActive(Exception):
    """Nothing is sent to an endpoint that is paused or switched off."""


def make_endpoint(
    url: str,
    *,
    types: Sequence[str],
    by: User,
    now: datetime,
    description: str = "",
    request: HttpRequest | None = None,
) -> tuple[Endpoint, str]:
    """An endpoint of `by`'s own. Returns it with its secret, which is shown no second time. Raises UrlRefused."""
    wanted = _checked({"url": url, "types": types, "description": description}, by=by)
    with acting(by, request, reason="webhook made"):
        made = Endpoint.objects.create(**wanted, owner=by, made_at=now)
        forget(WANTED)
        return made, _give_secret(made, now=now)


def edit_endpoint(
    endpoint: Endpoint, values: Mapping[str, Any], *, version: int, by: User, request: HttpRequest | None = None
) -> Endpoint:
    """Change what is given. Raises EndpointChanged, UrlRefused and UnknownTypes."""
    wanted = _checked({name: values[name] for name in EDITABLE if name in values}, by=by)
    with acting(by, request, reason="webhook changed"):
        current = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if current.version != version:
            raise EndpointChanged(current)
        changed = [name for name, value in wanted.items() if getattr(current, name) != value]
        if changed:
            for name in changed:
                setattr(current, name, wanted[name])
            _save(current, *changed)
    return current


def rotate_secret(endpoint: Endpoint, *, by: User, now: datetime, request: HttpRequest | None = None) -> str:
    """A new secret, shown once; what is sent within a day is signed with the old one too."""
    with acting(by, request, reason="webhook secret rotated"):
        Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        Secret.objects.filter(endpoint=endpoint, ends_at__lte=now).delete()
        Secret.objects.filter(endpoint=endpoint, ends_at=None).update(ends_at=now + OLD_SECRET_COUNTS)
        record("webhook secret rotated", by=by, request=request, about=str(endpoint.public_id))
        return _give_secret(endpoint, now=now)


def pause_endpoint(endpoint: Endpoint, *, by: User, request: HttpRequest | None = None) -> bool:
    """What happens meanwhile waits; says whether anything was being sent."""
    return _move(endpoint, EndpointState.PAUSED, among=(EndpointState.ACTIVE,), by=by, request=request)


def resume_endpoint(endpoint: Endpoint, *, by: User, request: HttpRequest | None = None) -> bool:
    """Have sent what has waited; says whether nothing was being sent."""
    stopped = (EndpointState.PAUSED, EndpointState.DISABLED)
    is_moved = _move(endpoint, EndpointState.ACTIVE, among=stopped, by=by, request=request)
    if is_moved:
        transaction.on_commit(wake, robust=True)
    return is_moved


def disable_endpoint(endpoint: Endpoint, why: str, *, by: Actor) -> bool:
    """Switch it off for a reason of ours; says whether it was on."""
    return _move(endpoint, EndpointState.DISABLED, among=(EndpointState.ACTIVE,), why=why, by=by)


def delete_endpoint(endpoint: Endpoint, *, by: User, request: HttpRequest | None = None) -> bool:
    """Nobody comes to see it again, its secrets are gone. What it was told goes with time, and then its row."""
    every = (EndpointState.ACTIVE, EndpointState.PAUSED, EndpointState.DISABLED)
    with acting(by, request, reason="webhook deleted"):
        Secret.objects.filter(endpoint=endpoint).delete()
        return _move(endpoint, EndpointState.DELETED, among=every, by=by, request=request)


def ping(endpoint: Endpoint) -> Message:
    """Have a message sent that says nothing, to see whether it comes through. Raises NotActive."""
    if not endpoint.is_active:
        raise NotActive
    sent = Message.objects.create(endpoint=endpoint, event_id=uuid.uuid4(), type=PING)
    transaction.on_commit(wake, robust=True)
    return sent


def replay_message(message: Message, *, now: datetime) -> bool:
    """Have it sent again under the same webhook-id; says whether it was not waiting anyway."""
    return _replay(Q(pk=message.pk), now=now) > 0


def replay_since(endpoint: Endpoint, since: datetime, *, now: datetime) -> int:
    """Have everything sent again that happened since, delivered or not; says how much that is."""
    return _replay(Q(endpoint=endpoint, happened_at__gte=since), now=now)


def _replay(which: Q, *, now: datetime) -> int:
    ended = Message.objects.filter(which).exclude(state=MessageState.WAITING)
    count = ended.update(state=MessageState.WAITING, round_count=0, next_try_at=now, ended_at=None)
    if count:
        transaction.on_commit(wake, robust=True)
    return count


def _checked(values: dict[str, Any], *, by: User) -> dict[str, Any]:
    if "url" in values:
        read_url(values["url"], own=webhook_networks())
    if "types" in values:
        if not values["types"] or not set(values["types"]) <= set(outgoing_types(by)):
            raise UnknownTypes
        values["types"] = sorted(set(values["types"]))
    return values


def _give_secret(endpoint: Endpoint, *, now: datetime) -> str:
    secret = signing.new_secret()
    Secret.objects.create(endpoint=endpoint, sealed=signing.seal(secret), made_at=now)
    return secret


def _move(
    endpoint: Endpoint,
    state: EndpointState,
    *,
    among: Sequence[EndpointState],
    by: Actor,
    why: str = "",
    request: HttpRequest | None = None,
) -> bool:
    with acting(by, request, reason=f"webhook {state.value}"):
        current = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
        if current.state not in among:
            return False
        current.state, current.why, current.rest_until = state, why, None
        _save(current, "state", "why", "rest_until")
    return True


def _save(endpoint: Endpoint, *columns: str) -> None:
    endpoint.version += 1
    endpoint.save(update_fields=[*columns, "version"])
    forget(WANTED)
