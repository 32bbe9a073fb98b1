"""Hears every event, within its transaction: who is to be told of it has a message waiting once it has happened, or never."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import transaction

from rapport.core.events import Event
from rapport.core.planned import planned
from rapport.core.remembering import remembered
from rapport.records.telling import Outgoing, Said, outgoing_of
from rapport.webhooks.models import Endpoint, EndpointState, Message
from rapport.webhooks.permissions import MANAGE
from rapport.webhooks.waking import wake

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_IDS = 400  # receivers need not take more than 20 kB
PING = "ping"
WANTED = "webhooks.wanted"
WANTED_NOW = (
    "select array(select distinct wanted.type from webhooks_endpoint e, unnest(e.types) as wanted (type)"
    " where e.state <> 'deleted')"
)


def hear(event: Event) -> None:
    """One message for each endpoint and part, also for those that are paused or switched off: nothing is lost."""
    for known in outgoing_of(type(event)):
        _hear(known, event)


def _hear(known: Outgoing, event: Event) -> None:
    if known.name not in remembered(WANTED, _ask_wanted, lasts=True):  # as nearly always
        return
    wanted = Endpoint.objects.filter(types__contains=[known.name]).exclude(state=EndpointState.DELETED)
    endpoints = list(wanted.select_related("owner__role").order_by("pk"))
    event_id = uuid.uuid4()
    said = {owner: _said(known, owner, event) for owner in {each.owner for each in endpoints}}
    messages = [
        Message(endpoint=each, event_id=event_id, part=part, type=known.name, about=known.about, ids=ids, more=more)
        for each in endpoints
        for part, (ids, more) in enumerate(_parts(said[each.owner]))
    ]
    if messages:
        Message.objects.bulk_create(messages)
        transaction.on_commit(wake, robust=True)


def _ask_wanted() -> list[str]:
    """What any endpoint wants to hear; whoever changes an endpoint has to `forget` it."""
    return list(planned(WANTED_NOW)[0][0])


def _said(known: Outgoing, owner: User, event: Event) -> Said | None:
    may = owner.has_right(MANAGE.name) and owner.has_right(known.right)
    return known.say(owner, event) if may else None


def _parts(said: Said | None) -> list[tuple[list[str], dict[str, object]]]:
    if said is None:
        return []
    ids = list(said.ids)
    return [(ids[at : at + MOST_IDS], dict(said.more)) for at in range(0, max(1, len(ids)), MOST_IDS)]
