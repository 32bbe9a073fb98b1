"""Delivers what waits for an endpoint: one attempt at a time, by the schedule of Standard Webhooks, until it is accepted."""

from __future__ import annotations

import enum
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from rapport.core.acting import SystemActor, acting
from rapport.webhooks import signing
from rapport.webhooks.actions import disable_endpoint
from rapport.webhooks.addresses import LookUp, Network, UrlRefused, read_url
from rapport.webhooks.cloud_events import MEDIA_TYPE, body_of
from rapport.webhooks.models import Attempt, Endpoint, EndpointState, Message, MessageState, Problem, Secret, Why
from rapport.webhooks.permissions import MANAGE
from rapport.webhooks.posting import TIMEOUT_SECONDS, Answer, post
from rapport.webhooks.warning import warn_owner

SENDER = SystemActor("webhooks")
USER_AGENT = "Rapport-Webhooks/1"
# when each attempt follows the one before it: 75.6 hours in all
SCHEDULE = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
JITTER = 0.1
_GONE = 410
_LANE = 0x77656268  # the first of two keys of the lock of an endpoint


class Outcome(enum.Enum):
    NOTHING = "nothing"
    DELIVERED = "delivered"
    FAILED = "failed"


@contextmanager
def alone_with(endpoint_id: int) -> Iterator[bool]:
    """Whether this connection is the only one that sends to the endpoint; a process that is killed lets go of it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [_LANE, endpoint_id % 2**31])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [_LANE, endpoint_id % 2**31])


def endpoints_waiting(*, now: datetime) -> list[int]:
    """The endpoints for which something is due."""
    due = Message.objects.due(now=now).filter(endpoint_id=OuterRef("pk"))
    rested = Q(rest_until=None) | Q(rest_until__lte=now)
    found = Endpoint.objects.filter(rested, Exists(due), state=EndpointState.ACTIVE)
    return list(found.order_by("pk").values_list("pk", flat=True))


def send_next(
    endpoint_id: int,
    *,
    now: datetime,
    own: Sequence[Network],
    chance: Callable[[], float],
    timeout: float = TIMEOUT_SECONDS,
    look_up: LookUp = socket.getaddrinfo,
) -> Outcome:
    """One attempt at the message that has been due longest. `chance` (0 to 1) spreads what failed together."""
    endpoint = Endpoint.objects.select_related("owner__role").filter(pk=endpoint_id).first()
    if endpoint is None or not endpoint.is_active or (endpoint.rest_until is not None and endpoint.rest_until > now):
        return Outcome.NOTHING
    if not endpoint.owner.has_right(MANAGE.name):
        disable_endpoint(endpoint, Why.OWNER, by=SENDER)
        return Outcome.NOTHING
    message = Message.objects.due(now=now).filter(endpoint=endpoint).order_by("next_try_at", "pk").first()
    if message is None:
        return Outcome.NOTHING
    try:
        target = read_url(endpoint.url, own=own)
    except UrlRefused:
        answer = Answer(problem=Problem.ADDRESS)  # it was open when the endpoint was made
    else:
        body = body_of(message)
        headers = _headers(endpoint, message, body, now=now)
        answer = post(target, body, headers, own=own, now=now, timeout=timeout, look_up=look_up)
    _keep(endpoint, message, answer, now=now, chance=chance)
    return Outcome.DELIVERED if answer.is_accepted else Outcome.FAILED


def _headers(endpoint: Endpoint, message: Message, body: bytes, *, now: datetime) -> dict[str, str]:
    counting = Secret.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), endpoint=endpoint).order_by("-pk")
    found = [signing.unseal(each.sealed) for each in counting]
    timestamp = int(now.timestamp())
    return {
        "Content-Type": MEDIA_TYPE,
        "User-Agent": USER_AGENT,
        "webhook-id": message.webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.signatures(found, webhook_id=message.webhook_id, timestamp=timestamp, body=body),
    }


def _keep(endpoint: Endpoint, message: Message, answer: Answer, *, now: datetime, chance: Callable[[], float]) -> None:
    """What came of an attempt. Where another process has made the same one meanwhile, it alone is kept."""
    tried, in_round = message.try_count + 1, message.round_count + 1
    is_over = not answer.is_accepted and in_round >= len(SCHEDULE)
    with acting(SENDER, reason="webhook sent"):
        same = Message.objects.filter(pk=message.pk, state=MessageState.WAITING, try_count=message.try_count)
        ended = answer.is_accepted or is_over or answer.status == _GONE
        is_ours = same.update(
            state=MessageState.DELIVERED if answer.is_accepted else MessageState.FAILED if ended else message.state,
            try_count=tried,
            round_count=in_round,
            next_try_at=None if ended else now + _pause(in_round, answer, chance=chance),
            ended_at=now if ended else None,
        )
        if not is_ours:
            return
        Attempt.objects.create(
            message=message, number=tried, tried_at=now, took_ms=answer.took_ms, status=answer.status,
            problem=answer.problem, answer=answer.excerpt,
        )  # fmt: skip
        if answer.wish:
            Endpoint.objects.filter(pk=endpoint.pk).update(rest_until=now + timedelta(seconds=answer.wish))
        if answer.status == _GONE:
            _switch_off(endpoint, Why.GONE, now=now)
        elif is_over:
            _switch_off(endpoint, Why.EXHAUSTED, now=now)


def _pause(tried: int, answer: Answer, *, chance: Callable[[], float]) -> timedelta:
    """How long until the next attempt; not before the receiver wants to be asked."""
    planned = SCHEDULE[tried] * (1 + JITTER * chance())
    return max(planned, timedelta(seconds=answer.wish or 0))


def _switch_off(endpoint: Endpoint, why: Why, *, now: datetime) -> None:
    if disable_endpoint(endpoint, why, by=SENDER):
        warn_owner(endpoint, why, by=SENDER, now=now)
