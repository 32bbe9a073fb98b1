"""Tokens for programs: made once, known by their hash, worth no more than their owner is now, ended with one click."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import Http404, HttpRequest

from rapport.accounts.links import hash_of, new_token
from rapport.accounts.models import ApiAnswer, ApiToken, ApiTokenHour, User
from rapport.accounts.permissions import ADMINISTER, CONNECT
from rapport.accounts.rights import Right
from rapport.audit.actions import record
from rapport.core.acting import acting
from rapport.core.rooms import contributions

PREFIX = "rapport_"
LONGEST_LIFE_DAYS = 90
HOUR = timedelta(hours=1)
ANSWERS_KEPT = timedelta(hours=24)
_HOURS_KEPT = timedelta(days=LONGEST_LIFE_DAYS + 10)
_TOKEN = re.compile(PREFIX + r"[\w-]{43}\Z", re.ASCII)

_TAKE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, last_at) values (%s, %s, %s, %s)
on conflict (token_id, hour) do update set rows = h.rows + excluded.rows, last_at = excluded.last_at
where h.rows + excluded.rows <= %s returning h.rows
"""
_REFUSE = """
insert into accounts_apitokenhour as h (token_id, hour, refused, last_at) values (%s, %s, 1, %s)
on conflict (token_id, hour) do update set refused = h.refused + 1, last_at = excluded.last_at returning h.refused
"""


@dataclass(frozen=True)
class Lent:
    """A token in use: its row, its text as it was sent, and its owner with the lent rights alone."""

    token: ApiToken
    text: str
    owner: User


class TooManyRows(Exception):
    """The token has fetched as many rows in this hour as it may; in `seconds` it may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} seconds")
        self.seconds = seconds


class RightsNotOwned(ValueError):
    """Nobody lends what she has not got, or what no program needs."""


def rights_to_lend(user: User) -> list[Right]:
    """The rights that operations of the API ask for, as far as `user` has them."""
    asked = {right.name: right for right in contributions("api", "RIGHTS", Right)}
    return [right for right in asked.values() if user.has_right(right.name)]


def make_token(
    name: str, *, rights: Sequence[str], days: int, by: User, now: datetime, request: HttpRequest | None = None
) -> tuple[ApiToken, str]:
    """A token of `by`'s own. Returns it with its text, which is kept nowhere."""
    if not set(rights) <= {right.name for right in rights_to_lend(by)} or not 0 < days <= LONGEST_LIFE_DAYS:
        raise RightsNotOwned
    text = PREFIX + new_token()
    with acting(by, request, reason="api token made"):
        made = ApiToken.objects.create(
            name=name, owner=by, token_hash=hash_of(text), rights=sorted(set(rights)), made_at=now,
            expires_at=now + timedelta(days=days),
        )  # fmt: skip
    return made, text


def end_token(token: ApiToken, *, by: User, now: datetime, request: HttpRequest | None = None) -> bool:
    """The next request with it is refused; says whether it still worked."""
    with acting(by, request, reason="api token ended"):
        return bool(ApiToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=now))


def end_tokens_of(user: User) -> None:
    """Whoever is shut out or gets a new password takes her programs along; inside `acting`."""
    ApiToken.objects.filter(owner=user, ended_at=None).update(ended_at=Now())


def find_lent(text: str, *, now: datetime) -> Lent | None:
    """The token with this text and the person it acts for, as long as both are good for anything."""
    if not _TOKEN.match(text):
        return None
    token = ApiToken.objects.select_related("owner__role").filter(token_hash=hash_of(text)).first()
    if token is None or not token.is_open(now=now) or not token.owner.has_right(CONNECT.name):
        return None
    token.owner.lent, token.owner.through = frozenset(token.rights), token.name
    return Lent(token, text, token.owner)


def take_rows(lent: Lent, count: int, *, now: datetime, request: HttpRequest | None = None) -> None:
    """Note that `count` rows are about to be fetched, and that the token was used; raises TooManyRows."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [lent.token.pk, hour, count, now, lent.token.rows_an_hour])
        if cursor.fetchone() is not None:
            return
        cursor.execute(_REFUSE, [lent.token.pk, hour, now])
        is_first = cursor.fetchone()[0] == 1
    if is_first:  # a program that empties the house is told to whoever reads the trail, once an hour
        record("api rows used up", by=lent.owner, request=request, about=str(lent.token.pk))
    raise TooManyRows(max(1, int((hour + HOUR - now).total_seconds())))


def give_back_rows(lent: Lent, count: int, *, now: datetime) -> None:
    """Rows that were taken and did not exist."""
    if count > 0:
        hour = now.replace(minute=0, second=0, microsecond=0)
        ApiTokenHour.objects.filter(token=lent.token, hour=hour, rows__gte=count).update(rows=F("rows") - count)


def rows_left(lent: Lent, *, now: datetime) -> int:
    hour = now.replace(minute=0, second=0, microsecond=0)
    used = ApiTokenHour.objects.filter(token=lent.token, hour=hour).values_list("rows", flat=True).first()
    return max(0, lent.token.rows_an_hour - (used or 0))


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Her own tokens with `used_at`, newest first."""
    return _with_use(ApiToken.objects.filter(owner=user))


def all_tokens() -> QuerySet[ApiToken]:
    """Everybody's tokens with `used_at`: those that work before those that do not."""
    return _with_use(ApiToken.objects.select_related("owner"))


def token_or_404(user: User, public_id: UUID) -> ApiToken:
    """One's own token; to who administers, anybody's."""
    mine = Q() if user.has_right(ADMINISTER.name) else Q(owner=user)
    found = ApiToken.objects.filter(mine, public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def _with_use(tokens: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
    used = ApiTokenHour.objects.filter(token=OuterRef("pk")).order_by().values("token").annotate(at=Max("last_at"))
    return tokens.annotate(used_at=Subquery(used.values("at"))).order_by(F("ended_at").desc(nulls_first=True), "-pk")


def remove_old(*, now: datetime) -> None:
    """Answers that are not to be asked for again, and hours nobody looks at any more."""
    ApiAnswer.objects.filter(asked_at__lt=now - ANSWERS_KEPT).delete()
    ApiTokenHour.objects.filter(hour__lt=now - _HOURS_KEPT).delete()
