"""What staff wrote to customers while they were one: to which side it belongs is chosen when they part."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import sql

from rapport.audit.queries import inserted_since
from rapport.core.owned import ByHand, OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.queries import customers_by_id, name_of
from rapport.records.layouts.sight import hidden_names

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from rapport.accounts.models import User
    from rapport.identity.queries import Home

MOST_SHOWN = 50
EVER = datetime(1, 1, 1, tzinfo=UTC)
_LONGEST = 120
_UNTOLD = "…"

_ROWS = sql.SQL("""
select t.public_id::text, {shown}, {at}, t.{profile}, {beside}, {fields} from {table} t
 where {condition} order by t.{key} desc limit {at_most}
""")
_CONDITION = sql.SQL("t.{customer} = {id} and ({where}) and {since}")


@dataclass(frozen=True)
class Part:
    """What can be taken out of a customer: a home, or of one with several profiles each by itself."""

    key: str
    home_id: int
    profiles: tuple[Any, ...]
    is_home: bool = True

    @property
    def profile_ids(self) -> set[int]:
        return {profile.pk for profile in self.profiles}


@dataclass(frozen=True)
class Row:
    """Something that staff wrote, and the profile that it hangs on."""

    key: str
    text: str
    at: datetime | None
    profile_id: int
    was: str = ""


@dataclass(frozen=True)
class Group:
    """Rows of one kind: how many there are, and the newest of them."""

    name: str
    label: str | Promise
    total: int
    rows: tuple[Row, ...]

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


@dataclass(frozen=True)
class HandOver:
    """Rows of a group that go to another profile: those named, or (`is_every`) all but those named."""

    group: str
    to_profile: int
    keys: tuple[str, ...] = ()
    is_every: bool = False


def parts_of(homes: Iterable[Home]) -> list[Part]:
    """Everything that can be chosen on its own, the survivor's first."""
    found = []
    for home in homes:
        if len(home.profiles) == 1:
            found.append(Part(home.public_id, home.home_id, home.profiles))
            continue
        ordered = sorted(home.profiles, key=lambda profile: profile.pk)
        found += [Part(key_of(profile), home.home_id, (profile,), is_home=False) for profile in ordered]
    return found


def key_of(profile: Any) -> str:
    """What a profile is called in a form; it has no public id of its own."""
    return hashlib.sha256(f"{profile.source_id}:{profile.external_id}".encode()).hexdigest()[:20]


def chosen_of(asked: Mapping[str, str], groups: Iterable[Group], parts: Sequence[Part]) -> list[HandOver]:
    """What a form says: `all-<group>` for every row of a group, `row-<group>-<key>` for one; the rest stays."""
    first = {part.key: min(part.profile_ids) for part in parts}
    found = []
    for group in groups:
        every = asked.get(f"all-{group.name}", "")
        by_part: dict[str, list[str]] = defaultdict(list)
        for row in group.rows:
            by_part[asked.get(f"row-{group.name}-{row.key}", "") or every].append(row.key)
        for part, keys in by_part.items():
            if part in first:
                found.append(HandOver(group.name, first[part], tuple(keys)))
        if group.is_cut and every in first:
            # the rows beyond those shown; what was said of one of these is said by name
            shown = tuple(row.key for row in group.rows)
            found.append(HandOver(group.name, first[every], shown, is_every=True))
    return found


def since_when(homes: Sequence[Home], out: set[int]) -> datetime | None:
    """Since when it is not told whose a row is: since they were joined, or ever, where one home is taken apart."""
    for home in homes:
        inside = out & {profile.pk for profile in home.profiles}
        if inside and len(inside) < len(home.profiles):
            return EVER
    return min((home.since for home in homes if home.since is not None), default=None)


def by_hand() -> Iterator[tuple[str, OwnedTable, ByHand]]:
    """The tables whose rows are asked about, each under the name that it has in a form."""
    for owned in contributions("owned", "OWNED", OwnedTable):
        if owned.by_hand is not None:
            yield f"{owned.table}.{owned.profile_column}", owned, owned.by_hand


def written_since(customer_id: int, since: datetime | None, *, user: User) -> list[Group]:
    """What staff wrote to this customer since then, as far as `user` may see it."""
    if since is None:
        return []
    groups, hidden = [], hidden_names(user, "customer")
    for name, owned, declared in by_hand():
        if declared.right and not user.has_right(declared.right):
            continue
        total, rows = _rows(owned, declared, customer_id, since=since)
        rows, unseen = _seen(rows, user, hidden) if declared.beside else (rows, 0)
        shown = tuple(
            Row(key, _UNTOLD if hidden & {*fields} else _in_words(text, declared), at, profile)
            for key, text, at, profile, _other, fields in rows
        )
        if shown:
            groups.append(Group(name, declared.label, total - unseen, shown))
    return groups


def _rows(owned: OwnedTable, declared: ByHand, customer_id: int, *, since: datetime) -> tuple[int, list[Any]]:
    condition = condition_of(owned, declared, customer_id, since=since)
    beside = sql.SQL("t.{}").format(sql.Identifier(declared.beside)) if declared.beside else sql.SQL("null::bigint")
    fields = sql.SQL(declared.fields or "'{}'::text[]")  # type: ignore[arg-type]
    at = sql.SQL("t.{}").format(sql.Identifier(declared.written_at)) if declared.written_at else sql.SQL("null::date")
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS.format(
                shown=sql.SQL(declared.shown), at=at, profile=sql.Identifier(owned.profile_column), beside=beside,  # type: ignore[arg-type]
                fields=fields,
                table=sql.Identifier(owned.table), condition=condition, key=sql.Identifier(owned.key),
                at_most=sql.Literal(MOST_SHOWN + 1),
            )
        )  # fmt: skip
        rows = cursor.fetchall()
        if len(rows) <= MOST_SHOWN:
            return len(rows), rows
        cursor.execute(sql.SQL("select count(*) from {} t where {}").format(sql.Identifier(owned.table), condition))
        return cursor.fetchone()[0], rows[:MOST_SHOWN]


def condition_of(owned: OwnedTable, declared: ByHand, customer_id: int, *, since: datetime) -> sql.Composed:
    """Rows `t` of this customer that were written by hand since then."""
    if since == EVER:
        written: sql.Composable = sql.SQL("true")
    elif declared.written_at:
        written = sql.SQL("t.{} >= {}").format(sql.Identifier(declared.written_at), sql.Literal(since))
    else:
        key = sql.SQL("t.{}").format(sql.Identifier(owned.key))
        written = inserted_since(owned.table, key, since)
    return _CONDITION.format(
        customer=sql.Identifier(owned.customer_column), id=sql.Literal(customer_id),
        where=sql.SQL(declared.where), since=written,  # type: ignore[arg-type]
    )  # fmt: skip


def _seen(rows: list[Any], user: User, hidden: Collection[str]) -> tuple[list[Any], int]:
    """Without those that would name a customer whom `user` may not see."""
    seen = customers_by_id(user, sorted({row[4] for row in rows}))
    kept = [
        (key, f"{text} · {name_of(seen[other], hidden=hidden)}", *rest, other, fields)
        for key, text, *rest, other, fields in rows
        if other in seen
    ]
    return kept, len(rows) - len(kept)


def _in_words(text: str, declared: ByHand) -> str:
    words = " · ".join(str(declared.words.get(part, part)) for part in text.split(" · "))
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
