"""Tokens for programs: made once, known by their hash, worth no more than their owner is now, ended with one click."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection
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
from rapport.core.asked_first import AskedFirst
from rapport.core.planned import ModelRow, planned
from rapport.core.rooms import contributions

PREFIX = "rapport_"
LONGEST_LIFE_DAYS = 90
HOUR = timedelta(hours=1)
HOUR_SECONDS = 3600
ANSWERS_KEPT = timedelta(hours=24)
_TOKEN_ROW, _OWNER_ROW, _ROLE_ROW = ModelRow(ApiToken, "t"), ModelRow(User, "o"), ModelRow(Role, "r")
_TAKER = ("whose", "hour", "now", "most")
_HOURS_KEPT = timedelta(days=LONGEST_LIFE_DAYS + 10)
_TOKEN = re.compile(PREFIX + r"[\w-]{43}\Z", re.ASCII)

# a count that is lost when the server falls does no harm, and no reader has to wait for a disk
_TAKE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, last_at)
select {whose}::bigint, {hour}::timestamptz, handed_out, {now}::timestamptz
  from (select set_config('synchronous_commit', 'off', true)) without_waiting, (select {count} as handed_out) counted
 where handed_out between 1 and {most}::bigint
on conflict (token_id, hour) do update set rows = h.rows + excluded.rows, last_at = excluded.last_at
where h.rows + excluded.rows <= {most}::bigint returning h.rows
"""
_TAKE_SO_MANY = _TAKE.format(whose="$1", hour="$2", now="$3", most="$4", count="$5::bigint")
_TAKE_FOUND = """
with found as materialized ({statement}), taken as ({take}) select (select rows from taken), found.* from found
"""
_NOTE = """
insert into accounts_apitokenhour as h (token_id, hour, rows, last_at)
select $1::bigint, $2::timestamptz, $4::bigint, $3::timestamptz
  from (select set_config('synchronous_commit', 'off', true)) without_waiting
on conflict (token_id, hour) do update set rows = h.rows + excluded.rows, last_at = excluded.last_at returning h.rows
"""
_FIND_AND_COUNT = """
with found as materialized ({find}), counted as (
    insert into accounts_apitokenhour as h (token_id, hour, rows, last_at)
    select t.id, $2::timestamptz, 1, $3::timestamptz
      from (select set_config('synchronous_commit', 'off', true)) without_waiting, accounts_apitoken t
     where t.token_hash = $1 and t.ended_at is null and t.expires_at > $3 and t.rows_an_hour > 0
    on conflict (token_id, hour) do update set rows = h.rows + 1, last_at = excluded.last_at
     where h.rows < (select t.rows_an_hour from accounts_apitoken t where t.id = h.token_id)
    returning h.rows
)
select (select rows from counted), found.* from found
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
    """A token in use: its row, its text as it was sent, its owner with the lent rights alone, and the rows it used.

    What was `asked` together with it is there by its key. An operation that `has_counted` its rows did so as it read them;
    `counted` rows were counted as the token was looked up.
    """

    token: ApiToken
    text: str
    owner: User
    rows_used: int = 0
    has_counted: bool = False
    counted: int = 0
    asked: dict[str, Any] = field(default_factory=dict)

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


def find_lent(text: str, *, now: datetime, counts: bool = False) -> Lent | None:
    """The token with this text and the person it acts for, as long as both are good for anything.

    Of a request that writes a row `counts` already: it is counted in the same breath, as far as any is left.
    """
    if not _TOKEN.match(text):
        return None
    asked = [hash_of(text), _hour_of(now)]
    found = planned(_finding_and_counting(), [*asked, now]) if counts else planned(_finding(), asked)
    if not found:
        return None
    values = iter(found[0])
    counted = next(values) if counts else None
    token = _TOKEN_ROW.read(islice(values, _TOKEN_ROW.width))
    owner = _OWNER_ROW.read(islice(values, _OWNER_ROW.width))
    role = _ROLE_ROW.read(islice(values, _ROLE_ROW.width))
    token.owner, owner.role = owner, role
    if not token.is_open(now=now) or not owner.has_right(CONNECT.name):
        return None
    owner.lent, owner.through = frozenset(token.rights), token.name
    rows_before = next(values) or 0
    beside = dict(zip((each.key for each in _asked_first(counts)), values, strict=True))
    return Lent(token, text, owner, counted or rows_before, counted=int(counted is not None), asked=beside)


@cache
def _asked_first(writes: bool) -> tuple[AskedFirst, ...]:
    return tuple(
        each for each in contributions("asked_first", "ASKED_FIRST", AskedFirst) if writes or not each.of_writes
    )


@cache
def _finding(writes: bool = False) -> str:
    """Every request asks this, so it is written once: token, owner and role, the rows of the hour, what else is asked."""
    columns = [row.columns for row in (_TOKEN_ROW, _OWNER_ROW, _ROLE_ROW)]
    statement = sql.SQL(
        "select {}, h.rows{} from accounts_apitoken t join accounts_user o on o.id = t.owner_id"
        " join accounts_role r on r.id = o.role_id"
        " left join accounts_apitokenhour h on h.token_id = t.id and h.hour = $2 where t.token_hash = $1"
    )
    beside = sql.SQL("").join(sql.SQL(f", ({each.sql})") for each in _asked_first(writes))
    return statement.format(sql.SQL(", ").join(columns), beside).as_string(None)


@cache
def _finding_and_counting() -> str:
    return _FIND_AND_COUNT.format(find=_finding(writes=True))


def take_rows(lent: Lent, count: int, *, now: datetime, request: HttpRequest | None = None) -> None:
    """Note that `count` rows are about to be handed out, and that the token was used; raises TooManyRows."""
    taken = planned(_TAKE_SO_MANY, [*_taker(lent, now=now), count])
    if not taken:
        _refuse(lent, now=now, request=request)
    lent.rows_used = taken[0][0]


def take_found(
    lent: Lent, statement: str, values: Sequence[Any], *, now: datetime, request: HttpRequest
) -> list[tuple[Any, ...]]:
    """What a `planned` statement finds, noted in the same breath as handed out; raises TooManyRows.

    Where it finds nothing, nothing is noted.
    """
    places = [f"${len(values) + number}" for number in range(1, 5)]
    take = _TAKE.format(**dict(zip(_TAKER, places, strict=True)), count="(select count(*) from found)")
    found = planned(_TAKE_FOUND.format(statement=statement, take=take), [*values, *_taker(lent, now=now)])
    if not found:
        return []
    lent.has_counted = True
    if found[0][0] is None:
        _refuse(lent, now=now, request=request)
    lent.rows_used = found[0][0]
    return [row[1:] for row in found]


def _refuse(lent: Lent, *, now: datetime, request: HttpRequest | None) -> NoReturn:
    with connection.cursor() as cursor:
        cursor.execute(_REFUSE, _counted(lent, 1, now=now))
        refused, lent.rows_used = cursor.fetchone()
    if refused == 1:  # a program that empties the house is told to whoever reads the trail, once an hour
        record("api rows used up", by=lent.owner, request=request, about=str(lent.token.pk))
    raise TooManyRows(seconds_left(now))


def note_rows(lent: Lent, count: int, *, now: datetime) -> None:
    """Count what a request that writes has answered with, whatever is left, but for what was counted at the door."""
    if count > lent.counted:
        count, lent.counted = count - lent.counted, count
        lent.rows_used = planned(_NOTE, [lent.token.pk, _hour_of(now), now, count])[0][0]


def _taker(lent: Lent, *, now: datetime) -> list[Any]:
    return [lent.token.pk, _hour_of(now), now, lent.token.rows_an_hour]


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
