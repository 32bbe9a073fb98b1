"""Typed facts that rooms announce upwards: published inside the transaction, delivered to subscribers as jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.utils.functional import Promise

from rapport.core.acting import set_reason
from rapport.core.jobs import deliver_all
from rapport.core.rooms import contributions


@dataclass(frozen=True)
class Event:
    """A fact that happened. Subclasses are frozen dataclasses of JSON values: ids, not rows; fields are only ever added."""

    name: ClassVar[str]
    version: ClassVar[int] = 1


@dataclass(frozen=True)
class Subscription:
    """What a room lists in subscribers.SUBSCRIPTIONS: which event calls which function, always as a job.

    `says` tells people what then happens, on the pages of the room that announced the event. Where an event cannot concern
    the function, as far as the event itself tells (`concerns`), there is no job.
    """

    event: type[Event]
    handler: Callable[[Any], None]
    says: str | Promise = ""
    concerns: Callable[[Any], bool] | None = None

    @property
    def key(self) -> str:
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


@dataclass(frozen=True)
class Listener:
    """What a room lists in subscribers.LISTENERS: it hears every event of every room, within the transaction of the event."""

    hear: Callable[[Event], None]


def publish(event: Event) -> None:
    """Announce `event` from inside its transaction: the job rows of its subscribers commit with it or not at all."""
    set_reason(event.name)
    payload = vars(event)
    concerned = (each for each in subscriptions_to(type(event)) if each.concerns is None or each.concerns(event))
    deliver_all([{"subscription": each.key, "payload": payload} for each in concerned])
    for listener in _listeners():
        listener.hear(event)


def subscriptions_to(event: type[Event]) -> Iterator[Subscription]:
    return (subscription for subscription in _subscriptions().values() if subscription.event is event)


def consequences(event: type[Event]) -> list[str]:
    """What the rooms above say that they do when `event` happens."""
    return [str(subscription.says) for subscription in subscriptions_to(event) if subscription.says]


def hand_over(subscription: str, payload: dict[str, Any]) -> None:
    """Run one subscriber with the event rebuilt from a job's payload; fields it does not know yet are left out."""
    wanted = _subscriptions()[subscription]
    known = wanted.event.__dataclass_fields__
    wanted.handler(wanted.event(**{name: value for name, value in payload.items() if name in known}))


@cache
def _listeners() -> tuple[Listener, ...]:
    return tuple(contributions("subscribers", "LISTENERS", Listener))


@cache
def _subscriptions() -> dict[str, Subscription]:
    return {item.key: item for item in contributions("subscribers", "SUBSCRIPTIONS", Subscription)}
