"""Writes of this room: merge, split, take a merge back, decide about a pair, change the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.audit import actions as audit
from rapport.core.acting import Actor, acting
from rapport.core.events import publish
from rapport.core.remembering import memory_of_a_request
from rapport.core.retrying import retrying
from rapport.customers.moving import take_turn
from rapport.customers.survivorship.deriving import derive_customers
from rapport.identity.choosing import HandOver
from rapport.identity.events import CustomersMerged, CustomersSplit
from rapport.identity.models import BlockedValue, IdentifierRule, Link, NeverPair
from rapport.identity.noting import KEPT_APART, MERGED, SPLIT, note_decision, note_taken_back
from rapport.identity.parting import Parting, divide_homes, hand_over, stay_together
from rapport.identity.queries import links_within
from rapport.identity.resolving import Resolved, resolve

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from rapport.records.command_log.models import Command

T = TypeVar("T")

_WHERE_NOW = """
select asked.id, s.id, s.kind from unnest(%s::bigint[]) as asked (id) join customers_customer c on c.id = asked.id
  join customers_customer s on s.id = coalesce(c.merged_into_id, c.id) where s.trashed_at is null
"""

_HOLD = "select id from customers_customer where id = any(%s) and trashed_at is null order by id for update"

_HOMES = """
select coalesce(home_id, customer_id) as home, min(id), array_agg(id) from customers_profile
 where customer_id = any(%s) group by 1 order by 1
"""


class UnableToMerge(ValueError):
    """The customers cannot be made one; the message says why, and nothing was changed."""


class UnableToSplit(ValueError):
    """The customer cannot be taken apart like this; the message says why, and nothing was changed."""


@dataclass(frozen=True)
class Outcome:
    """What a decision led to: the customer that goes on, and what became of the others."""

    customer_id: int
    apart_ids: tuple[int, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    command: Command | None = None


def merge_customers(
    keep_id: int,
    other_ids: Sequence[int],
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    request: HttpRequest | None = None,
) -> Outcome:
    """Make one customer of several; the page of `keep_id` goes on, and the ids of the others lead there.

    An id that was merged already stands for where it went. Raises UnableToMerge.
    """

    def once() -> Outcome:
        with acting(by, request, reason=CustomersMerged.name), _turn() as cursor:
            keep, others = _to_merge(cursor, keep_id, other_ids)
            if not others:
                return Outcome(keep)
            homes = _homes(cursor, [keep, *others])
            groups, links = [set(_homes(cursor, [each])) for each in (keep, *others)], []
            for number, other in enumerate(others, start=1):
                link = Link.objects.create(
                    one_id=homes[keep][0], other_id=homes[other][0], keep_id=keep, reason=reason, made_at=now,
                    made_by=by.actor_label,
                )  # fmt: skip
                links.append(link.pk)
                for earlier in groups[:number]:
                    _forget_nevers(_profiles(homes, earlier), _profiles(homes, groups[number]), link, by=by, now=now)
            done = _resolve(cursor, homes, now=now)
            audit.record(
                "customers merged", by=by, request=request, about=str(keep), values={"others": others} | done.counts
            )
            publish(CustomersMerged(keep, tuple(others)))
            survivor = done.survivor_of[keep]
            command = note_decision(MERGED, links, customer_id=survivor, now=now, request=request)
            return Outcome(survivor, counts=done.counts, command=command)

    return retrying(once)


def split_customer(
    customer_id: int,
    home_ids: Sequence[int],
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    profile_ids: Sequence[int] = (),
    given: Sequence[HandOver] = (),
    request: HttpRequest | None = None,
) -> Outcome:
    """Take some of what a customer is made of out of it, for good: homes, and single profiles. Raises UnableToSplit.

    `given` says to which profile goes what staff wrote to the customer as a whole; the rest stays where it was written.
    """

    def once() -> Outcome:
        with acting(by, request, reason=CustomersSplit.name), _turn() as cursor:
            parting = _to_part(cursor, customer_id, home_ids, profile_ids)
            divide_homes(cursor, parting, now=now)
            if hand_over(cursor, parting, given, now=now):
                derive_customers([customer_id])
            homes = _homes(cursor, [customer_id])
            sides = [{h for h in homes if (homes[h][0] in parting.out) == is_out} for is_out in (True, False)]
            out, stay = sides
            before = links_within(_profiles(homes, set(homes)))
            _undo_links(_profiles(homes, out), _profiles(homes, stay), by=by, now=now)
            for one, other, keep in stay_together(before, sides, homes, _best_first(cursor, homes, customer_id)):
                Link.objects.create(
                    one_id=one, other_id=other, keep_id=keep, reason=reason, made_at=now, made_by=by.actor_label
                )
            NeverPair.objects.bulk_create(
                NeverPair(
                    one_id=homes[one][0], other_id=homes[other][0], reason=reason, made_at=now, made_by=by.actor_label
                )
                for one, other in product(sorted(out), sorted(stay))
            )
            done = _resolve(cursor, homes, now=now)
            remaining = done.survivor_of[min(stay)] if customer_id in out else done.survivor_of[customer_id]
            apart = tuple(sorted({done.survivor_of[home] for home in homes} - {remaining}))
            audit.record("customer split", by=by, request=request, about=str(customer_id), values={"apart": apart})
            publish(CustomersSplit(customer_id, apart))
            note_decision(SPLIT, [], customer_id=remaining, now=now, request=request)
            return Outcome(remaining, apart, done.counts)

    return retrying(once)


def _to_part(cursor: CursorWrapper, customer_id: int, home_ids: Sequence[int], profile_ids: Sequence[int]) -> Parting:
    if not _hold(cursor, [customer_id]):
        raise UnableToSplit(_("This customer is not there any more."))
    homes = _homes(cursor, [customer_id])
    known = {profile for profiles in homes.values() for profile in profiles}
    if not set(home_ids) <= set(homes) or not set(profile_ids) <= known:
        raise UnableToSplit(_("Choose at least one source to take out, and leave at least one."))
    out = {profile for home in home_ids for profile in homes[home]} | set(profile_ids)
    if not out or out == known:
        raise UnableToSplit(_("Choose at least one source to take out, and leave at least one."))
    return Parting(customer_id, homes, out)


def undo_merge(
    link: Link, *, by: Actor, now: datetime, given: Sequence[HandOver] = (), request: HttpRequest | None = None
) -> Outcome:
    """Take back that somebody said that two are one. They stay one where something else still joins them.

    `given` says to which profile goes what staff wrote to the customer as a whole, as for a split.
    """

    def once() -> Outcome:
        with acting(by, request, reason=CustomersSplit.name), _turn() as cursor:
            undone = Link.objects.filter(pk=link.pk, undone_at=None)
            current = undone.select_for_update().first()
            if current is None:
                raise UnableToSplit(_("This was taken back already."))
            current.undone_at, current.undone_by = now, by.actor_label
            current.save(update_fields=["undone_at", "undone_by"])
            note_taken_back(current.pk, now=now)
            NeverPair.objects.filter(undone_link=current).update(undone_at=None, undone_by="", undone_link=None)
            cursor.execute(
                "select coalesce(home_id, customer_id), customer_id from customers_profile where id = any(%s)",
                [[link.one_id, link.other_id]],
            )
            rows = cursor.fetchall()
            homes, together = [row[0] for row in rows], {row[1] for row in rows}
            if given and len(together) == 1:
                _hand_over(cursor, together.pop(), given, now=now)
            profiles = sql.SQL("select unnest({}::bigint[])").format(sql.Literal([link.one_id, link.other_id]))
            done = resolve(cursor, profiles, now=now)
            after = [done.survivor_of.get(home, home) for home in homes]
            audit.record("merge taken back", by=by, request=request, about=str(link.keep_id), values=done.counts)
            keep = done.survivor_of.get(link.keep_id, link.keep_id)
            apart = tuple(sorted(set(after) - {keep}))
            publish(CustomersSplit(keep, apart))
            return Outcome(keep, apart, done.counts)

    return retrying(once)


def _hand_over(cursor: CursorWrapper, customer_id: int, given: Sequence[HandOver], *, now: datetime) -> None:
    _hold(cursor, [customer_id])
    if hand_over(cursor, Parting(customer_id, _homes(cursor, [customer_id]), set()), given, now=now):
        derive_customers([customer_id])


def keep_apart(
    one_id: int, other_id: int, *, by: Actor, now: datetime, reason: str = "", request: HttpRequest | None = None
) -> Command | None:
    """Say that two customers are two, whatever they share."""

    def once() -> Command | None:
        with acting(by, request, reason="identity.kept_apart"), _turn() as cursor:
            _hold(cursor, sorted({one_id, other_id}))
            sides = [_homes(cursor, [each]) for each in (one_id, other_id)]
            if not all(sides) or set(sides[0]) & set(sides[1]):
                raise UnableToSplit(_("These are one customer, or one of them is gone."))
            nevers = NeverPair.objects.bulk_create(
                NeverPair(one_id=one[0], other_id=other[0], reason=reason, made_at=now, made_by=by.actor_label)
                for one, other in product(sides[0].values(), sides[1].values())
            )
            _resolve(cursor, sides[0] | sides[1], now=now)
            ids = [never.pk for never in nevers]
            return note_decision(KEPT_APART, ids, customer_id=one_id, now=now, request=request)

    return retrying(once)


class Preview(Exception):
    """Carries what was seen out of a transaction that is given up."""

    def __init__(self, seen: Any) -> None:
        super().__init__()
        self.seen = seen


def tried_out(change: Callable[[], Any], look: Callable[[Any], T]) -> T:
    """What `look` sees after `change`, which is then as if it had never been: a preview cannot differ from the deed."""
    try:
        with memory_of_a_request(), transaction.atomic():  # what was read before the change is not what it left
            raise Preview(look(change()))
    except Preview as preview:
        return preview.seen  # type: ignore[no-any-return]


def block_value(value: str, *, by: Actor, note: str = "", request: HttpRequest | None = None) -> BlockedValue:
    """From now on this value points at nobody; who was joined by it is decided anew by the job that follows."""
    with acting(by, request, reason="identity.value_blocked"):
        blocked, _made = BlockedValue.objects.get_or_create(value=value.strip().lower(), defaults={"note": note})
    return blocked


def unblock_value(blocked: BlockedValue, *, by: Actor, request: HttpRequest | None = None) -> None:
    with acting(by, request, reason="identity.value_unblocked"):
        BlockedValue.objects.filter(pk=blocked.pk).delete()


def change_rule(
    rule: IdentifierRule,
    *,
    most_customers: int,
    joins: bool,
    typed_joins: bool,
    by: Actor,
    request: HttpRequest | None = None,
) -> None:
    with acting(by, request, reason="identity.rule_changed"):
        current = IdentifierRule.objects.select_for_update().get(pk=rule.pk)
        current.most_customers, current.joins, current.typed_joins = most_customers, joins, typed_joins
        current.save(update_fields=["most_customers", "joins", "typed_joins"])


@contextmanager
def _turn() -> Iterator[CursorWrapper]:
    with connection.cursor() as cursor:
        take_turn(cursor)
        yield cursor


def _to_merge(cursor: CursorWrapper, keep_id: int, other_ids: Sequence[int]) -> tuple[int, list[int]]:
    cursor.execute(_WHERE_NOW, [[keep_id, *other_ids]])
    now_at = {asked: (current, kind) for asked, current, kind in cursor.fetchall()}
    if any(each not in now_at for each in (keep_id, *other_ids)):
        raise UnableToMerge(_("One of these customers is not there any more."))
    if len({kind for _current, kind in now_at.values()}) > 1:
        raise UnableToMerge(_("A person and an organization are never one customer."))
    keep = now_at[keep_id][0]
    others = sorted({now_at[each][0] for each in other_ids} - {keep})
    if not _hold(cursor, [keep, *others]):
        raise UnableToMerge(_("One of these customers is not there any more."))
    return keep, others


def _hold(cursor: CursorWrapper, customers: list[int]) -> bool:
    """Lock the customers, the smallest id first; False where one has gone into the trash meanwhile."""
    cursor.execute(_HOLD, [customers])
    return len(cursor.fetchall()) == len(customers)


def _homes(cursor: CursorWrapper, customers: Sequence[int]) -> dict[int, list[int]]:
    """Each home among these customers with its profiles, the oldest first."""
    cursor.execute(_HOMES, [list(customers)])
    return {home: sorted(profiles) for home, _first, profiles in cursor.fetchall()}


def _best_first(cursor: CursorWrapper, homes: Iterable[int], customer_id: int) -> list[int]:
    """Whose page goes on: the one it is now, else one that somebody owns, else the oldest."""
    cursor.execute(
        "select id from customers_customer where id = any(%s) order by id <> %s, owner_id is null, id",
        [list(homes), customer_id],
    )
    return [row[0] for row in cursor.fetchall()]


def _profiles(homes: dict[int, list[int]], some: set[int]) -> list[int]:
    return [profile for home in sorted(some) for profile in homes[home]]


def _resolve(cursor: CursorWrapper, homes: dict[int, list[int]], *, now: datetime) -> Resolved:
    profiles = _profiles(homes, set(homes))
    return resolve(cursor, sql.SQL("select unnest({}::bigint[])").format(sql.Literal(profiles)), now=now)


def _forget_nevers(ones: list[int], others: list[int], link: Link, *, by: Actor, now: datetime) -> None:
    """Who says that two are one takes back that they are two."""
    for left, right in ((ones, others), (others, ones)):
        NeverPair.objects.filter(undone_at=None, one_id__in=left, other_id__in=right).update(
            undone_at=now, undone_by=by.actor_label, undone_link=link
        )


def _undo_links(ones: list[int], others: list[int], *, by: Actor, now: datetime) -> None:
    for left, right in ((ones, others), (others, ones)):
        Link.objects.filter(undone_at=None, one_id__in=left, other_id__in=right).update(
            undone_at=now, undone_by=by.actor_label
        )
