"""Giving each profile the customer it belongs to: the decision of clustering.py, carried out for what changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.audit import actions as audit
from rapport.core.acting import Actor, SystemActor, acting
from rapport.core.events import publish
from rapport.core.retrying import retrying
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.moving import call_in_strays, carry_out_moves, prepare_moves, take_turn
from rapport.identity.clustering import Clusters, cluster
from rapport.identity.events import ProfilesMoved
from rapport.identity.evidence import Evidence, read_evidence

IDENTITY = SystemActor("identity")
CHUNK = 10_000
_SHOWN_OF_SHARED = 10

_INSERT_MOVES = """
insert into pg_temp.profile_moves (profile_id, home_id, old_id, new_id)
select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
"""

_LOCK = "select id from customers_customer where id = any(%s) order by id for update"

_FORGET_DOUBTS = """
delete from identity_doubt d where (d.one_id = any(%(profiles)s) or d.other_id = any(%(profiles)s))
   and not exists (select from unnest(%(ones)s::bigint[], %(others)s::bigint[]) as kept (one, other)
                    where kept.one = d.one_id and kept.other = d.other_id)
"""

_KEEP_DOUBTS = """
insert into identity_doubt (public_id, one_id, one_customer_id, other_id, other_customer_id, kind, reason)
select gen_random_uuid(), n.one, p.customer_id, n.other, q.customer_id, n.kind, n.reason
  from unnest(%(ones)s::bigint[], %(others)s::bigint[], %(kinds)s::smallint[], %(reasons)s::text[]) as n (one, other, kind, reason)
  join customers_profile p on p.id = n.one join customers_profile q on q.id = n.other
on conflict (one_id, other_id) do update
   set kind = excluded.kind, reason = excluded.reason, one_customer_id = excluded.one_customer_id,
       other_customer_id = excluded.other_customer_id
 where (identity_doubt.kind, identity_doubt.reason, identity_doubt.one_customer_id, identity_doubt.other_customer_id)
       is distinct from (excluded.kind, excluded.reason, excluded.one_customer_id, excluded.other_customer_id)
"""

_FORGET_SHARED = """
delete from identity_sharedvalue s
 where s.profile_id = any(%(profiles)s)
    or exists (select from unnest(%(kinds)s::smallint[], %(values)s::text[]) as v (kind, value_norm)
                where v.kind = s.kind and v.value_norm = s.value_norm)
"""

_KEEP_SHARED = """
insert into identity_sharedvalue (kind, value_norm, profile_id, customer_id, total)
select v.kind, v.value_norm, first.profile_id, first.customer_id, v.total
  from unnest(%(kinds)s::smallint[], %(values)s::text[], %(totals)s::integer[]) as v (kind, value_norm, total)
 cross join lateral (
       select i.profile_id, p.customer_id from customers_identifier i join customers_profile p on p.id = i.profile_id
        where i.kind = v.kind and i.value_norm = v.value_norm order by i.profile_id limit %(at_most)s) first
"""

_MEMBERSHIPS = """
with now_is as (
    select * from unnest(%(homes)s::bigint[], %(customers)s::bigint[], %(kinds)s::jsonb[]) as n (home_id, customer_id, kinds)
), gone as (
    delete from identity_membership m using now_is n where m.home_id = n.home_id and n.customer_id = n.home_id
)
insert into identity_membership (home_id, customer_id, since, kinds)
select home_id, customer_id, %(now)s, kinds from now_is where customer_id <> home_id
on conflict (home_id) do update
   set customer_id = excluded.customer_id, kinds = excluded.kinds,
       since = case identity_membership.customer_id
               when excluded.customer_id then identity_membership.since else excluded.since end
 where (identity_membership.customer_id, identity_membership.kinds) is distinct from (excluded.customer_id, excluded.kinds)
"""


# what staff have said of those who stand alone until now
_SAID_BEFORE = """
insert into identity_saidbefore (profile_id, customer_id, said)
select p.id, p.customer_id, to_jsonb(p) from customers_profile p
  join (select old_id as id from pg_temp.profile_moves union select new_id from pg_temp.profile_moves) c on c.id = p.customer_id
 where p.source_id = (select id from customers_source where name = %s)
   and not exists (select from customers_profile q where q.customer_id = p.customer_id and q.home_id is not null)
on conflict (profile_id) do nothing
"""

_FORGET_SAID = """
delete from identity_saidbefore b using customers_profile p
 where p.id = b.profile_id and coalesce(p.home_id, p.customer_id) = any(%s)
"""


@dataclass
class Resolved:
    """What a resolution did: profiles moved, pairs in doubt, and which customer each home is part of."""

    moved: int = 0
    doubts: int = 0
    survivor_of: dict[int, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    customers: set[int] = field(default_factory=set)


def resolve_profiles(
    profiles: Iterable[int], *, by: Actor, now: datetime, reason: str = "identity.resolve"
) -> Resolved:
    """Decide anew about these profiles and all that is near them, a chunk in a transaction of its own."""
    total, chunk = Resolved(), []
    for profile in profiles:
        chunk.append(profile)
        if len(chunk) == CHUNK:
            _add(total, _resolve_chunk(chunk, by=by, now=now, reason=reason))
            chunk = []
    if chunk:
        _add(total, _resolve_chunk(chunk, by=by, now=now, reason=reason))
    return total


def resolve_import(import_id: int, profiles: Iterable[int], *, by: Actor, now: datetime) -> Resolved:
    """After an import: what it wrote while somebody merged goes to the right place, and its profiles are decided about."""

    def call_in() -> None:
        with acting(by, reason="identity.resolve"), connection.cursor() as cursor:
            take_turn(cursor)
            cursor.execute("select set_config('rapport.bulk', 'on', true)")
            count = call_in_strays(cursor, import_id)
            cursor.execute("select set_config('rapport.bulk', 'off', true)")
            if count:
                audit.record_bulk("identity.resolve", {"import": import_id, "strays": count})

    retrying(call_in)
    return resolve_profiles(profiles, by=by, now=now)


def _add(total: Resolved, part: Resolved) -> None:
    total.moved += part.moved
    total.doubts += part.doubts
    total.survivor_of |= part.survivor_of


def _resolve_chunk(profiles: list[int], *, by: Actor, now: datetime, reason: str) -> Resolved:
    def once() -> Resolved:
        with acting(by, reason=reason), connection.cursor() as cursor:
            take_turn(cursor)
            done = resolve(cursor, sql.SQL("select unnest({}::bigint[])").format(sql.Literal(profiles)), now=now)
            if done.moved:
                audit.record_bulk(reason, done.counts)
            return done

    return retrying(once)


def resolve(cursor: CursorWrapper, profiles: sql.Composable, *, now: datetime) -> Resolved:
    """The same inside a transaction that acts and has its turn (`take_turn`)."""
    evidence = read_evidence(cursor, profiles)
    found = cluster(
        evidence.members,
        evidence.values,
        links=[(one, other) for one, other, _keep in evidence.links],
        nevers=evidence.nevers,
    )
    done = Resolved(survivor_of=survivors(evidence, found), doubts=len(found.doubts))
    done.moved = _move(cursor, evidence, done)
    _note(cursor, evidence, found, done, now=now)
    if done.moved:
        publish(ProfilesMoved(done.moved, tuple(sorted(done.customers))))
    return done


def survivors(evidence: Evidence, found: Clusters) -> dict[int, int]:
    """For each home the one whose page goes on: chosen by hand, else one that somebody owns, else the oldest."""
    chosen: dict[int, int] = {}
    homes_of_profile = {member.profile: member.home for member in evidence.members}
    for one, _other, keep in evidence.links:
        group = found.group_of[homes_of_profile[one]]
        if found.group_of.get(keep) == group:
            chosen[group] = keep
    survivor_of = {}
    for group, homes in found.groups().items():
        survivor = chosen.get(group) or min(homes, key=lambda home: (home not in evidence.owned_homes, home))
        survivor_of.update(dict.fromkeys(homes, survivor))
    return survivor_of


def _move(cursor: CursorWrapper, evidence: Evidence, done: Resolved) -> int:
    moves = [
        (m.profile, m.home, evidence.customer_of[m.profile], done.survivor_of[m.home])
        for m in evidence.members
        if evidence.customer_of[m.profile] != done.survivor_of[m.home]
    ]
    if not moves:
        return 0
    done.customers = {customer for move in moves for customer in move[1:]}
    cursor.execute(_LOCK, [sorted(done.customers)])
    cursor.execute("select set_config('rapport.bulk', 'on', true), set_config('jit', 'off', true)")
    prepare_moves(cursor)
    cursor.execute(_INSERT_MOVES, [list(column) for column in zip(*moves, strict=True)])
    cursor.execute("analyze pg_temp.profile_moves")
    cursor.execute(_SAID_BEFORE, [STAFF_SOURCE])
    done.counts = {table: count for table, count in carry_out_moves(cursor).items() if count}
    cursor.execute("select set_config('rapport.bulk', 'off', true)")
    return len(moves)


def _note(cursor: CursorWrapper, evidence: Evidence, found: Clusters, done: Resolved, *, now: datetime) -> None:
    """What stays in doubt, which values too many share, and since when who is part of whom."""
    profiles = [member.profile for member in evidence.members]
    doubts = found.doubts
    places: dict[str, Any] = {
        "profiles": profiles,
        "ones": [d.one for d in doubts],
        "others": [d.other for d in doubts],
        "kinds": [d.kind for d in doubts],
        "reasons": [d.reason for d in doubts],
    }
    cursor.execute(_FORGET_DOUBTS, places)
    if doubts:
        cursor.execute(_KEEP_DOUBTS, places)
    shared = [list(column) for column in zip(*evidence.shared, strict=True)] or [[], [], []]
    many: dict[str, Any] = {
        "profiles": profiles,
        "kinds": shared[0],
        "values": shared[1],
        "totals": shared[2],
        "at_most": _SHOWN_OF_SHARED,
    }
    cursor.execute(_FORGET_SHARED, many)
    if evidence.shared:
        cursor.execute(_KEEP_SHARED, many)
    homes = sorted(done.survivor_of)
    together = Counter(done.survivor_of.values())
    cursor.execute(_FORGET_SAID, [[home for home in homes if together[done.survivor_of[home]] == 1]])
    cursor.execute(
        _MEMBERSHIPS,
        {
            "homes": homes,
            "customers": [done.survivor_of[home] for home in homes],
            "kinds": [json.dumps(found.kinds_of.get(home, [])) for home in homes],
            "now": now,
        },
    )
