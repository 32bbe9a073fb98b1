"""Writes what a receiver of the demo company was told. Its host is one that nobody has, so nothing is sent: it rests."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from rapport.webhooks.actions import make_endpoint, pause_endpoint
from rapport.webhooks.models import Attempt, Endpoint, Message, MessageState, Problem

if TYPE_CHECKING:
    from rapport.accounts.models import User


class Try(NamedTuple):
    """One attempt; `status` is what came back, if anything did."""

    after: timedelta
    took_ms: int
    status: int | None = None
    problem: str = ""
    answer: str = ""


class Told(NamedTuple):
    """A message: what happened when, to which records, and what came of telling it."""

    type: str
    about: str
    ids: Sequence[str]
    more: dict[str, object]
    happened_at: datetime
    state: str
    tries: Sequence[Try]


ACCEPTED = (Try(timedelta(seconds=1), 84, 204),)
LATE = (
    Try(timedelta(seconds=1), 212, 503, Problem.STATUS, "Down for maintenance"),
    Try(timedelta(seconds=6), 15_004, None, Problem.TIMEOUT),
    Try(timedelta(minutes=5, seconds=9), 143, 200, "", '{"ok": true}'),
)
REFUSED = (
    Try(timedelta(seconds=1), 96, 500, Problem.STATUS, "column “segment” does not exist"),
    Try(timedelta(seconds=6), 91, 500, Problem.STATUS, "column “segment” does not exist"),
)


def write_resting_endpoint(
    url: str, *, types: Sequence[str], description: str, told: Iterable[Told], by: User, now: datetime
) -> Endpoint:
    """An endpoint that is paused, with what it was told before that."""
    made, _secret = make_endpoint(url, types=types, by=by, now=now, description=description)
    pause_endpoint(made, by=by)
    for each in told:
        is_over = each.state != MessageState.WAITING
        last = each.tries[-1].after if each.tries else timedelta()
        message = Message.objects.create(
            endpoint=made, event_id=uuid.uuid4(), type=each.type, about=each.about, ids=list(each.ids), more=each.more,
            happened_at=each.happened_at, state=each.state, try_count=len(each.tries), round_count=len(each.tries),
            next_try_at=None if is_over else now, ended_at=each.happened_at + last if is_over else None,
        )  # fmt: skip
        Attempt.objects.bulk_create(
            Attempt(
                message=message, number=number, tried_at=each.happened_at + tried.after, took_ms=tried.took_ms,
                status=tried.status, problem=tried.problem, answer=tried.answer,
            )
            for number, tried in enumerate(each.tries, 1)
        )  # fmt: skip
    return made
