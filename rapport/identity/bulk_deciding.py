"""Deciding about many pairs: each by itself, never against what somebody has said, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.acting import acting
from rapport.customers.moving import take_turn
from rapport.customers.queries import customers_by_id
from rapport.identity.actions import UnableToMerge, keep_apart, merge_customers, undo_merge
from rapport.identity.models import Link, NeverPair
from rapport.identity.resolving import resolve

if TYPE_CHECKING:
    from rapport.accounts.models import User

_KEPT_APART = """
select least(a.customer_id, b.customer_id), greatest(a.customer_id, b.customer_id)
  from identity_neverpair n join customers_profile a on a.id = n.one_id join customers_profile b on b.id = n.other_id
 where n.undone_at is null and a.customer_id = any(%(customers)s) and b.customer_id = any(%(customers)s)
   and a.customer_id <> b.customer_id
"""

_WHERE_NOW = "select id, coalesce(merged_into_id, id) from customers_customer where id = any(%s)"

_NAMED = """
select d.one_customer_id, d.other_customer_id
  from unnest(%s::uuid[], %s::uuid[]) as said (one, other)
  join customers_customer a on a.public_id = said.one join customers_customer b on b.public_id = said.other
  join identity_doubt d on (d.one_customer_id, d.other_customer_id) in ((a.id, b.id), (b.id, a.id))
 group by 1, 2 order by 1, 2
"""


class UnableToUndo(ValueError):
    """A decision stands; the message says why."""


def kept_apart_among(customer_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Pairs of these customers, the smaller id first, of whom somebody said that they are two."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT_APART, {"customers": sorted(set(customer_ids))})
        return {(one, other) for one, other in cursor.fetchall()}


def pairs_in_doubt(user: User, named: Sequence[tuple[UUID, UUID]]) -> list[tuple[int, int]]:
    """The keys of those pairs that are in doubt now, and of whom `user` may see both."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [[one for one, _other in named], [other for _one, other in named]])
        found = cursor.fetchall()
    seen = customers_by_id(user, [each for pair in found for each in pair])
    return [(one, other) for one, other in found if one in seen and other in seen]


def accept_pair(pair: tuple[int, int], *, by: User, now: datetime) -> list[int]:
    """Make one customer of two, unless somebody said that they are two. Returns the links that were made."""
    with connection.cursor() as cursor:
        take_turn(cursor)
    one, other = _seen_now(pair, by=by)
    if one.pk == other.pk:
        return []
    if kept_apart_among([one.pk, other.pk]):
        raise UnableToMerge(_("Somebody has said that these are two. Merge them by themselves to overrule that."))
    keep = min((one, other), key=lambda customer: (customer.owner_id is None, customer.pk))
    known = _newest(Link)
    gone = other.pk if keep.pk == one.pk else one.pk
    merge_customers(keep.pk, [gone], by=by, now=now, reason=_("In doubt, decided"))
    return list(Link.objects.filter(pk__gt=known).values_list("pk", flat=True))


def part_pair(pair: tuple[int, int], *, by: User, now: datetime) -> list[int]:
    """Say that two customers are two. Returns what was said, by its ids."""
    with connection.cursor() as cursor:
        take_turn(cursor)
    one, other = _seen_now(pair, by=by)
    known = _newest(NeverPair)
    keep_apart(one.pk, other.pk, by=by, now=now, reason=_("In doubt, decided"))
    return list(NeverPair.objects.filter(pk__gt=known).values_list("pk", flat=True))


def take_back_links(link_ids: Sequence[int], *, by: User, now: datetime) -> bool:
    """Take back merges; says whether they are two again. Raises UnableToUndo, UnableToSplit."""
    are_apart = True
    for link in Link.objects.filter(pk__in=link_ids).order_by("-pk"):
        _refuse_unseen([link.one_id, link.other_id], by=by)
        are_apart = bool(undo_merge(link, by=by, now=now).apart_ids) and are_apart
    return are_apart


def take_back_nevers(never_ids: Sequence[int], *, by: User, now: datetime) -> None:
    """What was said of two is said no more: they are looked at again, as if nobody had decided. Raises UnableToUndo."""
    with acting(by, reason="identity.kept_apart_undone"), connection.cursor() as cursor:
        take_turn(cursor)
        standing = list(NeverPair.objects.select_for_update().filter(pk__in=never_ids, undone_at=None))
        if not standing:
            raise UnableToUndo(_("This was taken back already."))
        profiles = sorted({profile for never in standing for profile in (never.one_id, never.other_id)})
        _refuse_unseen(profiles, by=by)
        NeverPair.objects.filter(pk__in=[never.pk for never in standing]).update(
            undone_at=now, undone_by=by.actor_label
        )
        resolve(cursor, sql.SQL("select unnest({}::bigint[])").format(sql.Literal(profiles)), now=now)


def _seen_now(pair: Sequence[int], *, by: User) -> list[Any]:
    """Both customers of a pair where they are now, each of them seen by `by`."""
    with connection.cursor() as cursor:
        cursor.execute(_WHERE_NOW, [list(pair)])
        now_at = dict(cursor.fetchall())
    ids = [now_at.get(each) for each in pair]
    found = customers_by_id(by, [each for each in ids if each is not None])
    if any(each not in found for each in ids):
        raise UnableToMerge(_("One of these customers is not there any more."))
    return [found[each] for each in ids if each is not None]


def _refuse_unseen(profile_ids: Sequence[int], *, by: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select distinct customer_id from customers_profile where id = any(%s)", [list(profile_ids)])
        now_at = [row[0] for row in cursor.fetchall()]
    if not now_at or len(customers_by_id(by, now_at)) != len(now_at):
        raise UnableToUndo(_("One of these customers is not there any more."))


def _newest(model: Any) -> int:
    """To be asked while nobody else decides: what is newer than this was made by oneself."""
    return model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
