"""Sharing single records: the rows that the gate reads, written and read for the rooms whose records these are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest

from rapport.accounts.models import Share, Team, User
from rapport.accounts.sharing_models import Shares
from rapport.core.acting import acting

SHARED, UNSHARED = "accounts.shared", "accounts.unshared"

_BELOW = """
with recursive below as (
    select id from accounts_team where id = %s
    union select t.id from accounts_team t join below b on t.parent_id = b.id
)
select u.id from accounts_user u join below b on u.team_id = b.id where u.is_active order by u.id
"""
_KEPT = ("may_edit", "ends_at", "shared_by_id", "shared_at")


def shares() -> Shares:
    """All of them, as a part of another query."""
    return Share.objects.all()


def shares_at(place: Mapping[str, Any]) -> Shares:
    """With whom the record of these columns is shared, the newest first."""
    found = Share.objects.on(place["record_kind"], record_id=place["record_id"], customer_id=place["customer_id"])
    return found.select_related("person", "team", "shared_by").order_by("-shared_at", "-pk")


def shares_reaching(person: User, kind: str, key: int) -> list[Share]:
    """Those of a record that open it to somebody now, by herself or by a team of hers or above."""
    of_it = Q(record_kind=kind) & (Q(record_id=key) | Q(record_id=None, customer_id=key))
    teams = set(_line_above(person.team_id))
    found = Share.objects.filter(of_it, Q(person=person) | Q(team__in=teams)).filter(
        Q(ends_at=None) | Q(ends_at__gt=Now())
    )
    return list(found.select_related("team", "shared_by").order_by("pk"))


def _line_above(team_id: int | None) -> Iterator[int]:
    while team_id is not None:
        yield team_id
        team_id = Team.objects.filter(pk=team_id).values_list("parent_id", flat=True).first()


def write_share(
    place: Mapping[str, Any],
    whom: User | Team,
    *,
    may_edit: bool,
    ends_at: datetime | None,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> tuple[Share, dict[str, Any] | None]:
    """Share a record, or share it anew with whom it is shared already; returns with that what was so before."""
    with acting(by, request, reason=SHARED):
        to: dict[str, Any] = {"person": whom} if isinstance(whom, User) else {"team": whom}
        known = shares_at(place).filter(**to).select_for_update(of=("self",)).first()
        before = {name: getattr(known, name) for name in _KEPT} if known is not None else None
        share = known or Share(**place, **to)
        share.may_edit, share.ends_at, share.shared_by, share.shared_at = may_edit, ends_at, by, now
        share.save()
        return share, before


def put_back(share: Share, before: Mapping[str, Any], *, by: User, request: HttpRequest | None = None) -> None:
    """As it was before it was shared anew."""
    with acting(by, request, reason=SHARED):
        for name in _KEPT:
            setattr(share, name, Share._meta.get_field(name.removesuffix("_id")).to_python(before[name]))  # type: ignore[union-attr]
        share.save(update_fields=[name.removesuffix("_id") for name in _KEPT])


def end_share(share: Share, *, by: User, request: HttpRequest | None = None) -> dict[str, Any] | None:
    """Take it back; returns what it said, or nothing where somebody else was faster."""
    with acting(by, request, reason=UNSHARED):
        current = Share.objects.select_for_update(of=("self",)).filter(pk=share.pk).first()
        if current is None:
            return None
        said = {field.attname: getattr(current, field.attname) for field in Share._meta.concrete_fields}
        current.delete()
        return said


def share_again(said: Mapping[str, Any], *, by: User, request: HttpRequest | None = None) -> Share:
    """Bring back one that was taken back."""
    with acting(by, request, reason=SHARED):
        share = Share(
            **{
                field.attname: field.to_python(said[field.attname]) if not field.is_relation else said[field.attname]
                for field in Share._meta.concrete_fields
            }
        )
        share.save(force_insert=True)
        return share


def people_behind(share: Share) -> list[int]:
    """The ids of those who see the record by this share, as far as their roles see such records at all."""
    if share.person_id is not None:
        return [share.person_id]
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [share.team_id])
        return [row[0] for row in cursor.fetchall()]
