"""Reads of this room: what is in doubt, why somebody is one customer, who might be meant while one is typing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.http import Http404

from rapport.accounts.access import reach_of
from rapport.core.planned import planned
from rapport.customers.normalizing import normalize_email, normalize_phone
from rapport.customers.queries import customers_by_id
from rapport.identity.evidence import folded_name
from rapport.identity.models import (
    Doubt,
    DoubtReason,
    IdentifierRule,
    Link,
    Membership,
    SharedValue,
)

if TYPE_CHECKING:
    from rapport.accounts.models import User

MOST_SUGGESTED = 5
DOUBTS_PAGE = 20
_LOOKED_AT = 200

# profiles of an import that share a value with others, or are not alone where they are, and those who state a value that
# a profile of it no longer does; the rest is decided already
_OF_IMPORT = """
select distinct i.profile_id from customers_profile p join customers_identifier i on i.profile_id = p.id
 where p.import_id = %(import)s
   and exists (select from customers_identifier o
                where o.kind = i.kind and o.value_norm = i.value_norm and o.profile_id <> i.profile_id)
union
select p.id from customers_profile p
 where p.import_id = %(import)s
   and (p.home_id is not null
        or exists (select from customers_customer c where c.merged_into_id = p.customer_id)
        or exists (select from identity_doubt d where d.one_id = p.id)
        or exists (select from identity_doubt d where d.other_id = p.id)
        or exists (select from identity_sharedvalue s where s.profile_id = p.id))
union
select o.profile_id from records_importundo u
  join customers_identifier o on o.kind = (u.previous ->> 'kind')::smallint and o.value_norm = u.previous ->> 'value_norm'
 where u.job_id = %(import)s and u.table_name = 'customers_identifier'
   and not exists (select from customers_identifier s where s.profile_id = (u.previous ->> 'profile_id')::bigint
                    and s.kind = o.kind and s.value_norm = o.value_norm)
order by 1
"""

_ANY = """
select distinct i.profile_id from customers_identifier i
 where exists (select from customers_identifier o
                where o.kind = i.kind and o.value_norm = i.value_norm and o.profile_id <> i.profile_id)
union select id from customers_profile where home_id is not null
union select one_id from identity_doubt union select other_id from identity_doubt
union select one_id from identity_link where undone_at is null
union select profile_id from identity_sharedvalue
order by 1
"""

# what cannot be one customer by itself is seen by whoever sees both; a pair comes once, with its oldest doubt, so that
# reading in the order of the doubts can stop as soon as there are enough
_DOUBTS = """
select d.id, d.one_customer_id, d.other_customer_id
  from identity_doubt d
  join customers_customer a on a.id = d.one_customer_id join customers_customer b on b.id = d.other_customer_id
 where a.merged_into_id is null and b.merged_into_id is null and a.trashed_at is null and b.trashed_at is null
   and d.one_customer_id <> d.other_customer_id
   and (%(everything)s or a.owner_id = any(%(owners)s) and b.owner_id = any(%(owners)s))
   and not exists (select from identity_doubt e where e.one_customer_id = d.one_customer_id
                    and e.other_customer_id = d.other_customer_id and e.id < d.id)
 order by d.id limit %(at_most)s
"""

# asked whenever a customer is added, so in one statement
_CANDIDATES = """
with said as (
    select s.kind, s.value from unnest($1::smallint[], $2::text[]) as s (kind, value)
     where not exists (select from identity_blockedvalue b
                        where b.value in (s.value, split_part(s.value, '@', 1) || '@', '@' || split_part(s.value, '@', 2)))
)
(select p.customer_id, i.kind from customers_identifier i join customers_profile p on p.id = i.profile_id
  join customers_customer c on c.id = p.customer_id
 where (i.kind, i.value_norm) in (select kind, value from said)
   and c.trashed_at is null and ($5::boolean or c.owner_id = any($6::bigint[]) or c.id = any($7::bigint[]))
 limit $4::bigint)
union all
(select id, 0 from customers_customer
 where $3::text is not null and sort_key = customer_sort_key($3::text, null, null, null)
   and merged_into_id is null and trashed_at is null
   and ($5::boolean or owner_id = any($6::bigint[]) or id = any($7::bigint[]))
 order by id limit $4::bigint)
"""
_SHARES = ("name", "email", "phone")

_WHY = """
select i.kind, i.value_norm, array_agg(distinct coalesce(p.home_id, p.customer_id)) as homes
  from customers_identifier i join customers_profile p on p.id = i.profile_id
 where p.customer_id = any(%s)
 group by i.kind, i.value_norm having count(distinct coalesce(p.home_id, p.customer_id)) > 1
 order by i.kind, i.value_norm
"""

_SHARED_BY_PAIRS = """
select pair.one, pair.other, i.kind, i.value_norm, array_agg(distinct coalesce(p.home_id, p.customer_id)) as homes
  from unnest(%s::bigint[], %s::bigint[]) pair (one, other)
  join customers_profile p on p.customer_id = any(array[pair.one, pair.other])
  join customers_identifier i on i.profile_id = p.id
 group by pair.one, pair.other, i.kind, i.value_norm having count(distinct coalesce(p.home_id, p.customer_id)) > 1
 order by pair.one, pair.other, i.kind, i.value_norm
"""


@dataclass(frozen=True)
class Duplicate:
    """A customer who may be the one being typed, and what she has in common with it."""

    customer: Any
    shares: tuple[str, ...]


@dataclass(frozen=True)
class Shared:
    """A value that several homes state."""

    kind: int
    value: str
    homes: tuple[int, ...] = ()


@dataclass
class DoubtfulPair:
    """Two customers in doubt, with what they share and what stands against joining them."""

    one: Any
    other: Any
    doubts: list[Doubt] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        return sorted({str(DoubtReason(doubt.reason).label) for doubt in self.doubts})


@dataclass(frozen=True)
class Home:
    """A customer that was found to be part of another: its sources, since when, by what."""

    home_id: int
    public_id: str
    profiles: tuple[Any, ...]
    is_survivor: bool
    since: datetime | None = None
    shared: tuple[Shared, ...] = ()
    links: tuple[Link, ...] = ()


def profiles_to_resolve(import_id: int) -> list[int]:
    """Those profiles of an import about which something is to be decided."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_IMPORT, {"import": import_id})
        return [row[0] for row in cursor.fetchall()]


def every_profile_to_resolve() -> list[int]:
    """All profiles that share something with another, are joined, linked or in doubt."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY)
        return [row[0] for row in cursor.fetchall()]


def profiles_of_customers(customer_ids: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("select id from customers_profile where customer_id = any(%s) order by id", [list(customer_ids)])
        return [row[0] for row in cursor.fetchall()]


def _reach(user: User) -> dict[str, Any]:
    reach = reach_of(user)
    return {"everything": reach.everything, "owners": list(reach.owner_ids), "shared": reach.shared_ids("customer")}


def possible_duplicates(user: User, values: Mapping[str, Any], *, at_most: int = MOST_SUGGESTED) -> list[Duplicate]:
    """Customers whom `user` may see and who may be the one with these values: the same e-mail, phone or name."""
    said = [(1, normalize_email(values.get("email"))), (2, normalize_phone(values.get("phone"), values.get("country")))]
    said = [(kind, value) for kind, value in said if value and not _is_one_character(value)]
    name = values["name"] if folded_name(values.get("name")) else None
    if not said and name is None:
        return []
    found: dict[int, set[str]] = defaultdict(set)
    asked = [[kind for kind, _value in said], [value for _kind, value in said], name, _LOOKED_AT]
    for customer, kind in planned(_CANDIDATES, [*asked, *_reach(user).values()]):
        found[customer].add(_SHARES[kind])
    best = sorted(found, key=lambda customer: (-_weight(found[customer]), customer))[:at_most]
    customers = customers_by_id(user, best)
    return [Duplicate(customers[pk], tuple(sorted(found[pk]))) for pk in best if pk in customers]


def _weight(shares: Iterable[str]) -> int:
    return sum({"email": 4, "phone": 2, "name": 1}[share] for share in shares)


def _is_one_character(value: str) -> bool:
    """Whether a value points at nobody, like a number of zeros."""
    return len(set(value.lstrip("+"))) <= 1


def count_doubts(user: User, *, at_most: int = 100) -> int:
    return len(_doubtful(user, at_most))


def doubtful_ids(user: User, *, at_most: int) -> list[tuple[int, int]]:
    """The customers of each pair in doubt of whom `user` may see both, the oldest doubt first."""
    return [(one, other) for _first, one, other in _doubtful(user, at_most)]


def _doubtful(user: User, at_most: int) -> list[tuple[int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_DOUBTS, _reach(user) | {"at_most": at_most})
        return cursor.fetchall()  # type: ignore[no-any-return]


def doubtful_pairs(user: User, *, at_most: int = DOUBTS_PAGE) -> list[DoubtfulPair]:
    """Pairs of customers in doubt of whom `user` may see both, the oldest doubt first."""
    rows = _doubtful(user, at_most)
    customers = customers_by_id(user, [each for row in rows for each in row[1:]])
    pairs = [(one, other) for _first, one, other in rows if one in customers and other in customers]
    doubts, shared = _doubts_about(pairs), _shared_by_pairs(pairs)
    return [
        DoubtfulPair(customers[one], customers[other], doubts[one, other], shared[one, other]) for one, other in pairs
    ]


def _doubts_about(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[Doubt]]:
    found: dict[tuple[int, int], list[Doubt]] = defaultdict(list)
    ones, others = ([pair[side] for pair in pairs] for side in (0, 1))
    for doubt in Doubt.objects.filter(one_customer__in=ones, other_customer__in=others).order_by("pk"):
        found[doubt.one_customer_id, doubt.other_customer_id].append(doubt)
    return found


def _shared_by_pairs(pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[Shared]]:
    found: dict[tuple[int, int], list[Shared]] = defaultdict(list)
    ones, others = ([pair[side] for pair in pairs] for side in (0, 1))
    with connection.cursor() as cursor:
        cursor.execute(_SHARED_BY_PAIRS, [ones, others])
        for one, other, kind, value, homes in cursor.fetchall():
            found[one, other].append(Shared(kind, value, tuple(homes)))
    return found


def shared_by(customer_ids: Sequence[int]) -> list[Shared]:
    """The values that several homes of these customers state."""
    with connection.cursor() as cursor:
        cursor.execute(_WHY, [list(customer_ids)])
        return [Shared(kind, value, tuple(homes)) for kind, value, homes in cursor.fetchall()]


def homes_of(customer_id: int, profiles: Iterable[Any]) -> list[Home]:
    """What a customer is made of: the survivor first, then those that were joined, with the evidence for each."""
    by_home: dict[int, list[Any]] = defaultdict(list)
    for profile in profiles:
        by_home[profile.home_id or profile.customer_id].append(profile)
    since = dict(Membership.objects.filter(home_id__in=list(by_home)).values_list("home_id", "since"))
    shared = shared_by([customer_id]) if len(by_home) > 1 else []
    links = links_within([p.pk for group in by_home.values() for p in group])
    names = _public_ids(list(by_home))
    found = []
    for home in sorted(by_home, key=lambda each: (each != customer_id, each)):
        ids = {profile.pk for profile in by_home[home]}
        found.append(
            Home(
                home, names[home], tuple(by_home[home]), home == customer_id, since.get(home),
                tuple(s for s in shared if home in s.homes), tuple(x for x in links if x.one_id in ids or x.other_id in ids),
            )
        )  # fmt: skip
    return found


def _public_ids(customer_ids: Sequence[int]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute("select id, public_id::text from customers_customer where id = any(%s)", [list(customer_ids)])
        return dict(cursor.fetchall())


def links_within(profile_ids: Sequence[int]) -> list[Link]:
    """What people said about these profiles, and did not take back."""
    return list(Link.objects.filter(undone_at=None, one_id__in=profile_ids, other_id__in=profile_ids).order_by("pk"))


def rules() -> list[IdentifierRule]:
    return list(IdentifierRule.objects.order_by("priority"))


def customers_of_link(link: Link) -> list[int]:
    """Where the two sides of a merge are now: one customer, or two."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct customer_id from customers_profile where id = any(%s) order by 1",
            [[link.one_id, link.other_id]],
        )
        return [row[0] for row in cursor.fetchall()]


def find_link(user: User, public_id: Any) -> Link:
    """A merge whose customer this person may see, on both sides, wherever they are now; else 404."""
    link = Link.objects.filter(public_id=public_id).first()
    if link is None:
        raise Http404
    now_at = customers_of_link(link)
    if not now_at or len(customers_by_id(user, now_at)) != len(now_at):
        raise Http404
    return link


@dataclass(frozen=True)
class TooMany:
    """A value that joins nobody since too many state it; `customers` are some of those the reader may see."""

    kind: int
    value: str
    total: int
    customers: tuple[Any, ...]


def values_too_many_share(user: User, *, at_most: int = 20) -> list[TooMany]:
    stated: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    visible = SharedValue.objects.filter(customer__in=_present_to(user)).order_by("-total", "value_norm", "pk")
    for row in visible[: at_most * 10]:
        stated[row.kind, row.value_norm, row.total].append(row.customer_id)
    some = dict(list(stated.items())[:at_most])
    found = customers_by_id(user, [each for ids in some.values() for each in ids])
    return [
        TooMany(kind, value, total, tuple(found[each] for each in dict.fromkeys(ids) if each in found))
        for (kind, value, total), ids in some.items()
    ]


def _present_to(user: User) -> Any:
    model: Any = SharedValue._meta.get_field("customer").related_model
    return model.objects.present().visible_to(user).values("pk")
