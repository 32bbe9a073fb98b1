"""Reads of endpoints and of what they were told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from rapport.accounts.access import find_or_404
from rapport.webhooks.models import Attempt, Endpoint, Message, MessageState

if TYPE_CHECKING:
    from rapport.accounts.models import User

PAGE = 50
_TYPE = re.compile(r"[a-z.]{1,80}\Z")


class UnknownNarrowing(ValueError):
    """The log was asked for something that it does not know."""


@dataclass(frozen=True)
class LogPage:
    """What an endpoint was told, newest first; each message with `last_status`, `last_ms` and `last_problem`."""

    messages: Sequence[Message]
    has_more: bool = False


def endpoints_of(user: User) -> QuerySet[Endpoint]:
    """Those that `user` sees, with when each was last tried and what came of it."""
    tried = Attempt.objects.filter(message__endpoint=OuterRef("pk")).order_by("-pk")[:1]
    seen = Endpoint.objects.visible_to(user).select_related("owner").order_by("-pk")
    return seen.annotate(last_at=Subquery(tried.values("tried_at")), last_problem=Subquery(tried.values("problem")))


def find_endpoint(user: User, public_id: UUID) -> Endpoint:
    found: Endpoint = find_or_404(Endpoint.objects.select_related("owner"), user, public_id=public_id)
    return found


def find_message(endpoint: Endpoint, public_id: UUID) -> Message | None:
    """Of an endpoint that somebody was let through to."""
    return Message.objects.filter(endpoint=endpoint, public_id=public_id).first()


def attempts_of(message: Message) -> QuerySet[Attempt]:
    return Attempt.objects.filter(message=message).order_by("-number")


def read_log(endpoint: Endpoint, *, state: str = "", type: str = "", before: int = 0, size: int = PAGE) -> LogPage:
    """One page, from the message with the key `before` on. Raises UnknownNarrowing."""
    found = Message.objects.filter(endpoint=endpoint)
    if state:
        if state not in MessageState.values:
            raise UnknownNarrowing
        found = found.filter(state=state)
    if type:
        if not _TYPE.match(type):
            raise UnknownNarrowing
        found = found.filter(type=type)
    if before:
        found = found.filter(pk__lt=before)
    tried = Attempt.objects.filter(message=OuterRef("pk")).order_by("-number")[:1]
    found = found.annotate(
        last_status=Subquery(tried.values("status")),
        last_ms=Subquery(tried.values("took_ms")),
        last_problem=Subquery(tried.values("problem")),
    )
    rows = list(found.order_by("-pk")[: size + 1])
    return LogPage(rows[:size], has_more=len(rows) > size)
