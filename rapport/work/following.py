"""Who is told of what is said about a record: its owner and whoever wrote about it, by themselves; others who ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from rapport.core.acting import acting
from rapport.records.record_kinds import FoundRecord
from rapport.work.actions import place_of
from rapport.work.inbox_undo import note_followed
from rapport.work.models import Follower

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command


def follow(
    record: FoundRecord, *, by: User, now: datetime, is_on: bool = True, request: HttpRequest | None = None
) -> Command:
    """Follow a record from now on, or no more, whatever one is to it."""
    with acting(by, request, reason="work.followed" if is_on else "work.unfollowed"):
        place = place_of(record)
        own = _rows_at(place).filter(person=by)
        said: Follower | None = own.order_by("-changed_at", "-pk").first()
        own.update(is_on=is_on, changed_at=now)
        after = said or Follower.objects.create(**place, person=by, is_on=is_on, changed_at=now)
        return note_followed(after, None if said is None else said.is_on, is_on=is_on, by=by, now=now)


def follow_by_itself(place: Mapping[str, Any], *, by: User, now: datetime) -> None:
    """Who writes about a record follows it, unless she has said that she does not want to; inside the transaction."""
    if not _rows_at(place).filter(person=by).exists():
        Follower.objects.create(**place, person=by, is_on=True, changed_at=now)


def followers_at(place: Mapping[str, Any], record: FoundRecord) -> set[int]:
    """The ids of those who follow what the columns say; `record` says who does by what they are to it."""
    # two customers who became one may have two rows of somebody: what she said last holds
    said = dict(_rows_at(place).order_by("changed_at", "pk").values_list("person_id", "is_on"))
    return {person for person in {*record.watchers, *said} if said.get(person, True)}


def is_following(user: User, record: FoundRecord) -> bool:
    said = (
        Follower.objects.on(record).filter(person=user).order_by("-changed_at", "-pk").values_list("is_on", flat=True)
    )
    last = said.first()
    return user.pk in record.watchers if last is None else bool(last)


def _rows_at(place: Mapping[str, Any]) -> Any:
    column = "customer_id" if place["record_id"] is None else "record_id"
    return Follower.objects.filter(record_kind=place["record_kind"], **{column: place[column]})
