"""Profiles leave their customers when an import is taken back: what was joined with them stands for itself before, and
what staff typed in about them stays with those who remain."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.events import publish
from rapport.core.owned import OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.events import ProfilesLeft
from rapport.customers.golden import STAFF_SOURCE
from rapport.customers.moving import send_home, take_turn
from rapport.customers.survivorship.deriving import derive_relation
from rapport.records.imports.journal import created

# for each home that loses its last source: the oldest one beside it that has another source than this import
_SUCCESSORS = sql.SQL("""
create temporary table people_successors on commit drop as
select h.home_id, h.customer_id, s.successor_id
  from (select distinct coalesce(p.home_id, p.customer_id) as home_id, p.customer_id
          from customers_profile p where p.id in ({leaving})) h
 cross join lateral (
       select min(coalesce(q.home_id, q.customer_id)) as successor_id from customers_profile q
        where q.customer_id = h.customer_id and coalesce(q.home_id, q.customer_id) <> h.home_id
          and q.source_id <> {staff} and q.id not in ({brought})) s
 where s.successor_id is not null
   and not exists (
       select from customers_profile q
        where q.customer_id = h.customer_id and coalesce(q.home_id, q.customer_id) = h.home_id
          and q.source_id <> {staff} and q.id not in ({leaving}))
""")

_REHOME = sql.SQL("""
update customers_profile p set home_id = nullif(s.successor_id, p.customer_id) from people_successors s
 where p.customer_id = s.customer_id and coalesce(p.home_id, p.customer_id) = s.home_id and p.source_id = {staff}
""")

_HAND_ON_OWNER = """
update customers_customer c set owner_id = gone.owner_id from people_successors s
  join customers_customer gone on gone.id = s.home_id
 where c.id = s.successor_id and c.owner_id is null and gone.owner_id is not null
"""

_TOGETHER = sql.SQL("""
create temporary table people_together on commit drop as
select distinct p.customer_id from customers_profile p
 where p.id in ({leaving})
   and (p.home_id is not null
        or exists (select from customers_profile q where q.customer_id = p.customer_id and q.home_id is not null))
""")

_STAFF = sql.SQL("(select id from customers_source where name = {})").format(sql.Literal(STAFF_SOURCE))

# a value that fewer state may join again
_ALIKE = sql.SQL("""
select distinct o.profile_id from customers_identifier i
  join customers_identifier o on o.kind = i.kind and o.value_norm = i.value_norm and o.profile_id <> i.profile_id
 where i.profile_id in ({leaving})
""")

# customers that are nothing without this import, as far as sources go
_ALONE = sql.SQL("""
select coalesce(p.home_id, p.customer_id) from customers_profile p
 where p.id in ({brought})
   and not exists (select from customers_profile q where q.customer_id = p.customer_id and q.source_id <> {staff}
                    and q.id not in ({brought}))
""")


def alone_with(import_id: int) -> sql.Composed:
    """The ids of the customers that have no other source than this import."""
    return _ALONE.format(brought=created(import_id, "customers_profile"), staff=_STAFF)


def part_from_company(cursor: CursorWrapper, leaving: sql.Composable, import_id: int) -> None:
    """Send all who are joined with the profiles of a query home, so that they can go; the others are looked at again."""
    take_turn(cursor)
    cursor.execute("drop table if exists pg_temp.people_together, pg_temp.people_successors")
    _look_again_at(cursor, _ALIKE.format(leaving=leaving))
    cursor.execute(_TOGETHER.format(leaving=leaving))
    if not cursor.rowcount:
        return
    cursor.execute(_SUCCESSORS.format(leaving=leaving, staff=_STAFF, brought=created(import_id, "customers_profile")))
    if cursor.rowcount:
        cursor.execute(_REHOME.format(staff=_STAFF))
        cursor.execute(_HAND_ON_OWNER)
    together = sql.SQL("select customer_id from people_together")
    _look_again_at(cursor, sql.SQL("select id from customers_profile where customer_id in ({})").format(together))
    send_home(cursor, together)


def back_as_they_were(cursor: CursorWrapper, profiles: sql.Composable) -> None:
    """Profiles whose rows were put back stand for themselves, whoever they were joined with then; they are looked at again."""
    cursor.execute(
        sql.SQL(
            "update customers_profile set customer_id = home_id, home_id = null where id in ({}) and home_id is not null"
        ).format(profiles)
    )
    cursor.execute(
        sql.SQL(
            "update customers_customer set merged_into_id = null where merged_into_id is not null and id in"
            " (select customer_id from customers_profile where id in ({}))"
        ).format(profiles)
    )
    _look_again_at(cursor, profiles)
    derive_relation(cursor, sql.SQL("select customer_id from customers_profile where id in ({})").format(profiles))


def _look_again_at(cursor: CursorWrapper, profiles: sql.Composable) -> None:
    cursor.execute(profiles)
    found = tuple(sorted(row[0] for row in cursor.fetchall()))
    if found:
        publish(ProfilesLeft(found))


def delete_derived(cursor: CursorWrapper, profiles: sql.Composable) -> None:
    """What was computed from these profiles goes before they do."""
    for owned in contributions("owned", "OWNED", OwnedTable):
        if owned.is_derived:
            cursor.execute(
                sql.SQL("delete from {} where {} in ({})").format(
                    sql.Identifier(owned.table), sql.Identifier(owned.profile_column), profiles
                )
            )
