"""Carrying out what was chosen at a split, while all of it is one customer still: homes, rows and words to their sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.owned import ByHand, OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.moving import move_out
from rapport.customers.parting import open_staff_profile, profiles_with_sources, staff_profile_in
from rapport.identity.choosing import EVER, HandOver, by_hand, condition_of
from rapport.identity.models import Link, Membership
from rapport.identity.staff_words import give_words

_NEVERS_TOO = """
insert into identity_neverpair (public_id, one_id, other_id, reason, made_at, made_by, undone_by)
select gen_random_uuid(), %(new)s, case when n.one_id = any(%(old)s) then n.other_id else n.one_id end,
       n.reason, n.made_at, n.made_by, ''
  from identity_neverpair n where n.undone_at is null and (n.one_id = any(%(old)s) or n.other_id = any(%(old)s))
"""

_CHOSEN = sql.SQL("""
select t.{key} from {table} t
 where {condition} and (t.public_id = any(%s::uuid[])) <> %s and t.{profile} <> all(%s::bigint[])
""")
_MOVE = sql.SQL("update {table} t set {profile} = %(to)s where t.{key} = any(%(ids)s) {once} returning t.{key}")
_ONCE = sql.SQL("and not exists (select from {table} o where o.{profile} = %(to)s and {same})")
_ALONG: LiteralString = """
update customers_touchpoint set profile_id = %(to)s
 where customer_id = %(customer)s and record_id = any(%(ids)s) and kind = any(%(kinds)s)
"""
_FOLLOW = sql.SQL(
    "update {table} t set {profile} = %(to)s where t.record_kind = %(kind)s and t.record_id = any(%(ids)s) returning t.{key}"
)


@dataclass
class Parting:
    """A customer about to be taken apart: its homes with their profiles, and the profiles that go out."""

    customer_id: int
    homes: dict[int, list[int]]
    out: set[int]
    new_homes: list[int] = field(default_factory=list)

    def is_divided(self, home: int) -> bool:
        inside = self.out & set(self.homes[home])
        return bool(inside) and len(inside) < len(self.homes[home])


def divide_homes(cursor: CursorWrapper, parting: Parting, *, now: datetime) -> None:
    """Of a home that is taken apart the oldest profile keeps it, which it was made for; the others get one of their own."""
    for home in [each for each in parting.homes if parting.is_divided(each)]:
        profiles = parting.homes[home]
        keeps_out = profiles[0] in parting.out
        leaving = [profile for profile in profiles if (profile in parting.out) != keeps_out]
        made = move_out(cursor, leaving, now=now)
        cursor.execute(_NEVERS_TOO, {"new": leaving[0], "old": [each for each in profiles if each not in leaving]})
        parting.homes[home] = [each for each in profiles if each not in leaving]
        parting.homes[made] = leaving
        parting.new_homes.append(made)


def hand_over(cursor: CursorWrapper, parting: Parting, given: Sequence[HandOver], *, now: datetime) -> bool:
    """Rows and words to the profiles they were given to; says whether any went."""
    if not given:
        return False
    side = _Sides(parting, now=now)
    known = [each for each in given if each.to_profile in side.known]
    since = EVER if parting.new_homes else _since(parting)
    went = [_hand_over_rows(cursor, parting, side, known, since=since)] if since is not None else []
    # words come last: a profile that nothing hangs on and that says nothing is not kept
    went.append(give_words(known, side.profiles, now=now, staff_in=side.staff))
    return any(went)


def _hand_over_rows(
    cursor: CursorWrapper, parting: Parting, side: _Sides, given: Sequence[HandOver], *, since: datetime
) -> bool:
    tables = {name: (owned, declared) for name, owned, declared in by_hand()}
    count = 0
    for each in given:
        if each.group not in tables:
            continue
        owned, declared = tables[each.group]
        condition = condition_of(owned, declared, parting.customer_id, since=since)
        cursor.execute(
            _CHOSEN.format(
                key=sql.Identifier(owned.key),
                table=sql.Identifier(owned.table),
                condition=condition,
                profile=sql.Identifier(owned.profile_column),
            ),
            [list(each.keys), each.is_every, side.beside(each.to_profile)],
        )
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            to = side.staff(each.to_profile).pk if declared.on_staff else side.hand(each.to_profile)
            if declared.give is not None:
                declared.give(cursor, ids, to, side.now)
                count += len(ids)
            else:
                count += _move(cursor, owned, declared, ids, to=to, customer_id=parting.customer_id)
    return count > 0


class _Sides:
    """The profiles of each home, and which of them takes what staff write."""

    def __init__(self, parting: Parting, *, now: datetime) -> None:
        self.now = now
        self.profiles = profiles_with_sources(parting.customer_id)
        self.known = {profile: home for home, profiles in parting.homes.items() for profile in profiles}

    def staff(self, profile: int) -> Any:
        """The staff's profile in the home of this one, made where there is none."""
        found = staff_profile_in(self.profiles, self.known[profile])
        if found is None:
            found = open_staff_profile(self.profiles[0].customer_id, self.known[profile], now=self.now)
            self.profiles.append(found)
            self.known[found.pk] = self.known[profile]
        return found

    def beside(self, profile: int) -> list[int]:
        """All that are in the home of this one."""
        return [each for each, home in self.known.items() if home == self.known[profile]]

    def hand(self, profile: int) -> int:
        found = staff_profile_in(self.profiles, self.known[profile])
        return int(found.pk) if found is not None else profile


def _since(parting: Parting) -> datetime | None:
    return (
        Membership.objects.filter(home_id__in=list(parting.homes))
        .order_by("since")
        .values_list("since", flat=True)
        .first()
    )


def _move(
    cursor: CursorWrapper, owned: OwnedTable, declared: ByHand, ids: list[int], *, to: int, customer_id: int
) -> int:
    moved: list[int] = []
    same = sql.SQL(" and ").join(
        sql.SQL("o.{0} is not distinct from t.{0}").format(sql.Identifier(column)) for column in declared.once
    )
    places = {
        "table": sql.Identifier(owned.table), "profile": sql.Identifier(owned.profile_column),
        "key": sql.Identifier(owned.key),
    }  # fmt: skip
    once = _ONCE.format(table=places["table"], profile=places["profile"], same=same) if declared.once else sql.SQL("")
    # of two that would be the same over there one stays, so they go one by one
    for some in [[each] for each in ids] if declared.once else [ids] if ids else []:
        cursor.execute(_MOVE.format(**places, once=once), {"to": to, "ids": some})
        moved += [row[0] for row in cursor.fetchall()]
    if moved and declared.touchpoint_kinds:
        cursor.execute(
            _ALONG, {"to": to, "customer": customer_id, "ids": moved, "kinds": list(declared.touchpoint_kinds)}
        )
    if moved and declared.record_kind:
        _follow(cursor, declared.record_kind, moved, to=to)
    return len(moved)


def _follow(cursor: CursorWrapper, kind: str, ids: list[int], *, to: int) -> None:
    """What stands on these records, and on what stands on them."""
    for owned in contributions("owned", "OWNED", OwnedTable):
        if not owned.on_records:
            continue
        cursor.execute(
            _FOLLOW.format(
                table=sql.Identifier(owned.table),
                profile=sql.Identifier(owned.profile_column),
                key=sql.Identifier(owned.key),
            ),
            {"to": to, "kind": kind, "ids": ids},
        )
        found = [row[0] for row in cursor.fetchall()]
        if found and owned.by_hand is not None and owned.by_hand.record_kind:
            _follow(cursor, owned.by_hand.record_kind, found, to=to)


def stay_together(
    links: Iterable[Link], sides: Sequence[set[int]], homes: Mapping[int, list[int]], best_first: Sequence[int]
) -> list[tuple[int, int, int]]:
    """Links to make so that a side which people had said to be one, by way of the other side, stays one: one, other, keep.

    The page that somebody chose within the side goes on, else the best.
    """
    home_of = {profile: home for home, profiles in homes.items() for profile in profiles}
    known = [each for each in links if each.one_id in home_of and each.other_id in home_of]
    said = [(home_of[each.one_id], home_of[each.other_id], each.keep_id) for each in known]
    whole = _groups(homes, ((one, other) for one, other, _keep in said))
    found = []
    for side in sides:
        within = [each for each in said if each[0] in side and each[1] in side]
        pieces = _groups(side, ((one, other) for one, other, _keep in within))
        chosen = [keep for _one, _other, keep in within if keep in side]
        keep = chosen[-1] if chosen else next(home for home in best_first if home in side)
        first: dict[int, int] = {}
        for piece in sorted(set(pieces.values())):
            before = first.setdefault(whole[piece], piece)
            if before != piece:
                found.append((homes[before][0], homes[piece][0], keep))
    return found


def _groups(homes: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each home with the smallest home that it is joined with by these pairs."""
    group = {home: home for home in homes}
    for one, other in pairs:
        low, high = sorted((group[one], group[other]))
        group = {home: low if where == high else where for home, where in group.items()}
    return group
