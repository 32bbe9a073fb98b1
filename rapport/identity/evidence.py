"""Reading what decides about some customers: everything that could be joined with them, however far away, set-based."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.folding import fold_text
from rapport.customers.golden import STAFF_SOURCE
from rapport.identity.clustering import Member, Value

_TABLES = """
create temporary table if not exists identity_home (home_id bigint primary key, round integer) on commit delete rows;
create temporary table if not exists identity_member (
    profile_id bigint primary key, home_id bigint, customer_id bigint, round integer) on commit delete rows;
create temporary table if not exists identity_value (
    kind smallint, value_norm text collate "C", total integer, round integer, primary key (kind, value_norm)
) on commit delete rows;
delete from pg_temp.identity_home; delete from pg_temp.identity_member; delete from pg_temp.identity_value;
"""

_SEED = sql.SQL("""
insert into pg_temp.identity_home (home_id, round)
select distinct coalesce(p.home_id, p.customer_id), 0 from customers_profile p join customers_customer c on c.id = p.customer_id
 where p.id in ({profiles}) and c.trashed_at is null
on conflict do nothing
""")

_MEMBERS = """
insert into pg_temp.identity_member (profile_id, home_id, customer_id, round)
select p.id, h.home_id, p.customer_id, %(round)s
  from pg_temp.identity_home h join customers_profile p on p.customer_id = h.home_id and p.home_id is null
 where h.round = %(round)s
union all
select p.id, h.home_id, p.customer_id, %(round)s
  from pg_temp.identity_home h join customers_profile p on p.home_id = h.home_id
 where h.round = %(round)s
on conflict do nothing
"""

# a value that points at nobody is left out at once; of the others it is counted how many customers state it
_VALUES = """
insert into pg_temp.identity_value (kind, value_norm, total, round)
select v.kind, v.value_norm, s.total, %(round)s
  from (select distinct i.kind, i.value_norm from pg_temp.identity_member m
          join customers_identifier i on i.profile_id = m.profile_id where m.round = %(round)s) v
  join identity_identifierrule r on r.kind = v.kind and r.joins
 cross join lateral (
       select count(distinct coalesce(p.home_id, p.customer_id)) as total
         from customers_identifier o join customers_profile p on p.id = o.profile_id
        where o.kind = v.kind and o.value_norm = v.value_norm) s
 where s.total > 1
   and not exists (
       select from identity_blockedvalue b
        where b.value = v.value_norm
           or v.kind = 1 and b.value in (split_part(v.value_norm, '@', 1) || '@', '@' || split_part(v.value_norm, '@', 2)))
   and length(replace(ltrim(v.value_norm, '+'), left(ltrim(v.value_norm, '+'), 1), '')) > 0
on conflict do nothing
"""

_NEIGHBORS = """
insert into pg_temp.identity_home (home_id, round)
select distinct coalesce(p.home_id, p.customer_id), %(next)s
  from customers_profile p join customers_customer c on c.id = p.customer_id and c.trashed_at is null
 where p.id in (
       select o.profile_id from pg_temp.identity_value v
         join identity_identifierrule r on r.kind = v.kind and v.total <= r.most_customers
         join customers_identifier o on o.kind = v.kind and o.value_norm = v.value_norm where v.round = %(round)s
       union all
       select o.profile_id from pg_temp.identity_value v
         join identity_identifierrule r on r.kind = v.kind and v.total > r.most_customers
         join customers_identifier o on o.kind = v.kind and o.value_norm = v.value_norm
         join customers_profile was on was.id = o.profile_id
          and (was.home_id is not null
               or exists (select from identity_doubt d where d.one_id = was.id)
               or exists (select from identity_doubt d where d.other_id = was.id))
        where v.round = %(round)s
       union all
       select l.other_id from pg_temp.identity_member m
         join identity_link l on l.one_id = m.profile_id and l.undone_at is null where m.round = %(round)s
       union all
       select l.one_id from pg_temp.identity_member m
         join identity_link l on l.other_id = m.profile_id and l.undone_at is null where m.round = %(round)s
       union all
       select together.id from (select distinct customer_id from pg_temp.identity_member where round = %(round)s) m
         join customers_profile together on together.customer_id = m.customer_id)
on conflict do nothing
"""

_READ_MEMBERS = """
select p.id, m.home_id, p.customer_id, p.source_id, s.name = %s, p.kind, p.born_on, p.name, p.family_name,
       coalesce(e.emails, '{}'), h.owner_id is not null
  from pg_temp.identity_member m join customers_profile p on p.id = m.profile_id
  join customers_source s on s.id = p.source_id join customers_customer h on h.id = m.home_id
  left join (select i.profile_id, array_agg(i.value_norm) filter (where i.kind = 1) as emails
               from pg_temp.identity_member n join customers_identifier i on i.profile_id = n.profile_id
              group by i.profile_id) e on e.profile_id = p.id
 order by p.id
"""

_READ_VALUES = """
select v.kind, v.value_norm, r.priority, r.typed_joins, v.total <= r.most_customers, v.total,
       array_agg(m.profile_id order by m.profile_id)
  from pg_temp.identity_value v join identity_identifierrule r on r.kind = v.kind
  join customers_identifier i on i.kind = v.kind and i.value_norm = v.value_norm
  join pg_temp.identity_member m on m.profile_id = i.profile_id
 group by v.kind, v.value_norm, r.priority, r.typed_joins, r.most_customers, v.total
"""

_READ_LINKS = """
select l.one_id, l.other_id, l.keep_id from identity_link l join pg_temp.identity_member m on m.profile_id = l.one_id
 where l.undone_at is null order by l.id
"""

_READ_NEVERS = """
select n.one_id, n.other_id from identity_neverpair n join pg_temp.identity_member m on m.profile_id = n.one_id
 where n.undone_at is null
"""


@dataclass
class Evidence:
    """All that decides about the homes in it, which nothing outside can change."""

    members: list[Member] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    shared: list[tuple[int, str, int]] = field(default_factory=list)  # kind, value, how many customers: too many
    links: list[tuple[int, int, int]] = field(default_factory=list)
    nevers: list[tuple[int, int]] = field(default_factory=list)
    customer_of: dict[int, int] = field(default_factory=dict)  # where each profile is now
    owned_homes: set[int] = field(default_factory=set)

    @property
    def homes(self) -> dict[int, list[int]]:
        """The profiles of each home."""
        found: dict[int, list[int]] = defaultdict(list)
        for member in self.members:
            found[member.home].append(member.profile)
        return dict(found)


def read_evidence(cursor: CursorWrapper, profiles: sql.Composable) -> Evidence:
    """What decides about the profiles that a query returns. Customers in the trash are left as they are."""
    cursor.execute(_TABLES)
    cursor.execute(_SEED.format(profiles=profiles))
    count, round_ = int(cursor.rowcount), 0
    while count:
        places = {"round": round_, "next": round_ + 1}
        cursor.execute(_MEMBERS, places)
        for table in ("identity_home", "identity_member"):
            cursor.execute(sql.SQL("analyze pg_temp.{}").format(sql.Identifier(table)))
        cursor.execute(_VALUES, places)
        cursor.execute("analyze pg_temp.identity_value")
        cursor.execute(_NEIGHBORS, places)
        count, round_ = int(cursor.rowcount), round_ + 1
    return _read(cursor)


def _read(cursor: CursorWrapper) -> Evidence:
    found = Evidence()
    cursor.execute(_READ_MEMBERS, [STAFF_SOURCE])
    for profile, home, customer, source, typed, kind, born, name, family, emails, is_owned in cursor.fetchall():
        folded = folded_name(name)
        folded_family = folded_name(family) or _last_word(folded)
        found.members.append(Member(profile, home, source, typed, kind, born, folded, folded_family, frozenset(emails)))
        found.customer_of[profile] = customer
        if is_owned:
            found.owned_homes.add(home)
    cursor.execute(_READ_VALUES)
    for kind, value, priority, typed_joins, is_within, total, stating in cursor.fetchall():
        if is_within:
            found.values.append(Value(kind, value, priority, typed_joins, tuple(stating)))
        else:
            found.shared.append((kind, value, total))
    cursor.execute(_READ_LINKS)
    found.links = cursor.fetchall()
    cursor.execute(_READ_NEVERS)
    found.nevers = cursor.fetchall()
    return found


def folded_name(name: str | None) -> str:
    """A name as it is compared: without marks, in lower case, with single spaces."""
    if not name:
        return ""
    return " ".join((fold_text(name) or unicodedata.normalize("NFKC", name).casefold()).split())


def _last_word(folded: str) -> str:
    words = folded.split()
    return words[-1] if len(words) > 1 else ""
