"""What other systems may be told of events: every room lists it in outgoing.OUTGOING, in ids and names, never in values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rapport.core.events import Event
from rapport.core.rooms import contributions
from rapport.records.layouts.sight import hidden_names
from rapport.records.record_kinds import kinds_seen_by, record_kinds

if TYPE_CHECKING:
    from rapport.accounts.models import User


@dataclass(frozen=True)
class Said:
    """What one person may be told of an event: the public ids of what it is about, and what else there is to say."""

    ids: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outgoing:
    """An event that other systems can be told of, and as what: several may have one `name`; `about` is a kind of record.
    Whoever has it told needs `right`.

    `say` gets the person for whom the other system asks, and the event, within the transaction of the event. It returns
    nothing where she sees nothing of it, and names no field that is hidden from her role.
    """

    name: str
    event: type[Event]
    label: str | Promise
    about: str
    say: Callable[[User, Any], Said | None]
    right: str


def outgoing_of(event: type[Event]) -> tuple[Outgoing, ...]:
    """As what others are told of an event; mostly one."""
    return _by_event().get(event, ())


def outgoing_types(user: User | None = None) -> dict[str, str | Promise]:
    """The label of each name, in the order of the names: of all, or of those that `user` may have told."""
    labels: dict[str, str | Promise] = {}
    for each in contributions("outgoing", "OUTGOING", Outgoing):
        if user is None or user.has_right(each.right):
            labels.setdefault(each.name, each.label)
    return dict(sorted(labels.items()))


def said_of(user: User, kind: str, ids: Iterable[int], /, **more: Any) -> Said | None:
    """The records of a kind as far as `user` sees them; nothing where she sees none."""
    if kind not in kinds_seen_by(user):
        return None
    seen = record_kinds()[kind].visible_ids(user).filter(pk__in=list(ids)).order_by("pk")
    found = tuple(str(public_id) for public_id in seen.values_list("public_id", flat=True))
    return Said(found, more) if found else None


def said_of_change(user: User, kind: str, ids: Iterable[int], names: Sequence[str]) -> Said | None:
    """What was changed in records, without what is hidden from the role; nothing where only such was changed."""
    changed = sorted(set(names) - hidden_names(user, kind))
    return said_of(user, kind, ids, changed=changed) if changed else None


@cache
def _by_event() -> dict[type[Event], tuple[Outgoing, ...]]:
    found: dict[type[Event], tuple[Outgoing, ...]] = {}
    for each in contributions("outgoing", "OUTGOING", Outgoing):
        found[each.event] = (*found.get(each.event, ()), each)
    return found
