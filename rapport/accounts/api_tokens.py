"""Tokens for programs: made once, known by their hash, worth no more than their owner is now, ended with one click."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.http import Http404, HttpRequest
from psycopg import sql

from rapport.accounts.links import hash_of, new_token
from rapport.accounts.models import ApiAnswer, ApiToken, ApiTokenHour, Role, User
from rapport.accounts.permissions import ADMINISTER, CONNECT
from rapport.accounts.rights import Right
from rapport.audit.actions import record
from rapport.core.acting import acting
from rapport.core.rooms import contributions

PREFIX = "rapport_"
LONGEST_LIFE_DAYS = 90
HOUR = timedelta(hours=1)
HOUR_SECONDS = 3600
ANSWERS_KEPT = timedelta(hours=24)
_FOUND = (ApiToken, User, Role)
_HOURS_KEPT = timedelta(days=LONGEST_LIFE_DAYS + 10)
_TOKEN = re.compile(PREFIX + r"[\w-]{43}\Z", re.ASCII)

# a count that is lost when the server falls does no harm, and no reader has to wait for a disk
_TAKE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, last_at)
select %(token)s, %(hour)s, %(count)s, %(now)s
  from (select set_config('synchronous_commit', 'off', true)) without_waiting
 where %(count)s <= %(most)s
on conflict (token_id, hour) do update set rows = h.rows + excluded.rows, last_at = excluded.last_at
where h.rows + excluded.rows <= %(most)s returning h.rows
"""
_NOTE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, last_at)
select %(token)s, %(hour)s, %(count)s, %(now)s
  from (select set_config('synchronous_commit', 'off', true)) without_waiting
on conflict (token_id, hour) do update set rows = h.rows + excluded.rows, last_at = excluded.last_at returning h.rows
"""
_REFUSE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, refused, last_at)
values (%(token)s, %(hour)s, 1, 1, %(now)s)
on conflict (token_id, hour) do update
   set rows = least(h.rows + 1, greatest(h.rows, %(most)s)), refused = h.refused + 1, last_at = excluded.last_at
returning h.refused, h.rows
"""


@dataclass
class Lent:
    """A token in use: its row, its text as it was sent, its owner with the lent rights alone, and the rows it used."""

    token: ApiToken
    text: str
    owner: User
    rows_used: int = 0

    @property
    def rows_left(self) -> int:
        return self.token.rows_an_hour - self.rows_used


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


def sent_token(header: str) -> str:
    """The text of the token that a header brings; nothing, where it brings something else."""
    scheme, _space, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def find_lent(text: str, *, now: datetime) -> Lent | None:
    """The token with this text and the person it acts for, as long as both are good for anything."""
    if not _TOKEN.match(text):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_finding(), {"hash": hash_of(text), "hour": _hour_of(now)})
        row = cursor.fetchone()
    if row is None:
        return None
    values = iter(row)
    token, owner, role = (_made_of(model, values) for model in _FOUND)
    token.owner, owner.role = owner, role
    if not token.is_open(now=now) or not owner.has_right(CONNECT.name):
        return None
    owner.lent, owner.through = frozenset(token.rights), token.name
    return Lent(token, text, owner, next(values) or 0)


@cache
def _finding() -> str:
    """Every request asks this, so it is written once: token, owner and role, and the rows of the hour."""
    columns = [
        sql.SQL("{}.{}").format(sql.Identifier(alias), sql.Identifier(str(field.column)))
        for alias, model in zip("tor", _FOUND, strict=True)
        for field in model._meta.concrete_fields
    ]
    statement = sql.SQL(
        "select {}, h.rows from accounts_apitoken t join accounts_user o on o.id = t.owner_id"
        " join accounts_role r on r.id = o.role_id"
        " left join accounts_apitokenhour h on h.token_id = t.id and h.hour = %(hour)s where t.token_hash = %(hash)s"
    )
    return statement.format(sql.SQL(", ").join(columns)).as_string(None)


def _made_of(model: Any, values: Iterator[Any]) -> Any:
    fields = model._meta.concrete_fields
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in fields], list(islice(values, len(fields))))


def take_rows(lent: Lent, count: int, *, now: datetime, request: HttpRequest | None = None) -> None:
    """Note that `count` rows are about to be handed out, and that the token was used; raises TooManyRows."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, _counted(lent, count, now=now))
        taken = cursor.fetchone()
        if taken is not None:
            lent.rows_used = taken[0]
            return
        cursor.execute(_REFUSE, _counted(lent, 1, now=now))
        refused, lent.rows_used = cursor.fetchone()
    if refused == 1:  # a program that empties the house is told to whoever reads the trail, once an hour
        record("api rows used up", by=lent.owner, request=request, about=str(lent.token.pk))
    raise TooManyRows(seconds_left(now))


def note_rows(lent: Lent, count: int, *, now: datetime) -> None:
    """Count what a request that writes has answered with, whatever is left."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, _counted(lent, count, now=now))
        (lent.rows_used,) = cursor.fetchone()


def _counted(lent: Lent, count: int, *, now: datetime) -> dict[str, Any]:
    most = lent.token.rows_an_hour
    return {"token": lent.token.pk, "hour": _hour_of(now), "count": count, "now": now, "most": most}


def _hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def seconds_left(now: datetime) -> int:
    """Until the next hour, in which as many rows can be fetched again."""
    return max(1, int((_hour_of(now) + HOUR - now).total_seconds()))


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
