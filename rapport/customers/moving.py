"""Moving profiles, with all that hangs on them, from one customer to another and back; and holding on to who is there.

Which profiles belong together is decided above (room identity). Here it is carried out, set-based, and nothing is lost:
rows hang on their profile, so the way back is the same statement with the sides changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.http import Http404
from psycopg import sql

from rapport.core.owned import OwnedTable
from rapport.core.planned import planned
from rapport.core.rooms import contributions
from rapport.customers.models import Customer
from rapport.customers.survivorship.deriving import CUSTOMER_ROW, derive_relation
from rapport.customers.uniting_tags import unite_tags

MOVES = sql.Identifier("pg_temp", "profile_moves")
_TRIES = 20
_ONE_MOVER_AT_A_TIME = 7263011

_MAKE = """
create temporary table if not exists profile_moves (
    profile_id bigint primary key, home_id bigint not null, old_id bigint not null, new_id bigint not null
) on commit delete rows
"""

_PROFILES = """
update customers_profile p set customer_id = m.new_id, home_id = nullif(m.home_id, m.new_id)
  from pg_temp.profile_moves m where p.id = m.profile_id
"""

_RETIRE = """
update customers_customer c set merged_into_id = nullif(h.new_id, h.home_id)
  from (select distinct home_id, new_id from pg_temp.profile_moves) h
 where c.id = h.home_id and c.merged_into_id is distinct from nullif(h.new_id, h.home_id)
"""

_ROWS = sql.SQL("""
update {table} t set {customer} = m.new_id from pg_temp.profile_moves m
 where t.{customer} = m.old_id and t.{profile} = m.profile_id
""")

_TOUCHED = sql.SQL("select old_id from pg_temp.profile_moves union select new_id from pg_temp.profile_moves")

_HOMEWARD = sql.SQL("""
insert into pg_temp.profile_moves (profile_id, home_id, old_id, new_id)
select id, home_id, customer_id, home_id from customers_profile
 where customer_id in ({customers}) and home_id is not null
""")


_OWN_HOME = """
insert into customers_customer (kind, owner_id, merged_into_id, created_at, updated_at)
select p.kind, h.owner_id, p.customer_id, %(now)s, %(now)s
  from customers_profile p join customers_customer h on h.id = coalesce(p.home_id, p.customer_id) where p.id = %(first)s
returning id
"""

# who is restricted stays so on both sides, also where a profile is younger than the restriction
_STILL_RESTRICTED = """
insert into customers_restriction (public_id, profile_id, customer_id, ground, note, since, set_by, lifted_by)
select gen_random_uuid(), p.id, p.customer_id, held.ground, held.note, held.since, held.set_by, ''
  from customers_profile p
 cross join lateral (
       select r.* from customers_restriction r join customers_profile q on q.id = r.profile_id
        where coalesce(q.home_id, q.customer_id) = coalesce(p.home_id, p.customer_id) and r.customer_id = p.customer_id
          and r.lifted_at is null order by r.since, r.id limit 1) held
 where p.id = any(%(profiles)s)
   and not exists (select from customers_restriction r where r.profile_id = p.id and r.lifted_at is null)
"""

_STRAYED = sql.SQL("""
update {table} t set {customer} = p.customer_id from customers_profile p
 where t.import_id = {import_id} and p.id = t.{profile} and p.home_id is not null and t.{customer} <> p.customer_id
""")

_WITH_IMPORT = """
select a.attrelid::regclass::text from pg_attribute a
 where a.attname = 'import_id' and not a.attisdropped and a.attrelid = any(%s::text[]::regclass[])
"""

_HOLD_AT_ONCE = (
    sql.SQL(
        "select {} from customers_customer c where c.id = $1 and c.merged_into_id is null for update of c skip locked"
    )
    .format(CUSTOMER_ROW.columns)
    .as_string(None)
)


class CustomerGone(Http404):
    """The customer is not there any more, under this id or another: erased since she was looked up."""


def take_turn(cursor: CursorWrapper) -> None:
    """Wait until nobody else moves profiles, until this transaction ends: who belongs together is decided by one at a time."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [_ONE_MOVER_AT_A_TIME])


def prepare_moves(cursor: CursorWrapper) -> None:
    """An empty table of moves for this transaction; `MOVES` is its name."""
    take_turn(cursor)
    cursor.execute(_MAKE)
    cursor.execute("delete from pg_temp.profile_moves")


def carry_out_moves(cursor: CursorWrapper) -> dict[str, int]:
    """Move the profiles of the table of moves with their rows, retire and call back customers, derive; counts by table.

    To be called inside `acting`, with the customers of both sides locked.
    """
    cursor.execute("analyze pg_temp.profile_moves")
    counts: dict[str, int] = {}
    for owned in contributions("owned", "OWNED", OwnedTable):
        if owned.table == "customers_profile":
            continue
        cursor.execute(
            _ROWS.format(
                table=sql.Identifier(owned.table), customer=sql.Identifier(owned.customer_column),
                profile=sql.Identifier(owned.profile_column),
            )
        )  # fmt: skip
        counts[owned.table] = counts.get(owned.table, 0) + int(cursor.rowcount)
    cursor.execute(_PROFILES)
    counts["customers_profile"] = int(cursor.rowcount)
    cursor.execute(_RETIRE)
    counts["customers_customer"] = int(cursor.rowcount)
    unite_tags(cursor)
    derive_relation(cursor, _TOUCHED)
    return counts


def move_out(cursor: CursorWrapper, profiles: Sequence[int], *, now: datetime) -> int:
    """A customer of their own for some profiles of a home, like it, and a part of where they are until they are parted."""
    cursor.execute(_OWN_HOME, {"first": profiles[0], "now": now})
    home = int(cursor.fetchone()[0])
    cursor.execute(_STILL_RESTRICTED, {"profiles": list(profiles)})
    cursor.execute("update customers_profile set home_id = %s where id = any(%s)", [home, list(profiles)])
    return home


def send_home(cursor: CursorWrapper, customers: sql.Composable) -> int:
    """Every profile of these customers back to the customer it was made for; says how many went."""
    prepare_moves(cursor)
    cursor.execute(_HOMEWARD.format(customers=customers))
    count = int(cursor.rowcount)
    if count:
        carry_out_moves(cursor)
    return count


def call_in_strays(cursor: CursorWrapper, import_id: int) -> int:
    """Rows that an import wrote while their profiles were being moved, to where these are now; says how many."""
    tables = [owned for owned in contributions("owned", "OWNED", OwnedTable) if owned.table != "customers_profile"]
    cursor.execute(_WITH_IMPORT, [sorted({owned.table for owned in tables})])
    brought, count = {row[0] for row in cursor.fetchall()}, 0
    for owned in tables:
        if owned.table in brought:
            cursor.execute(
                _STRAYED.format(
                    table=sql.Identifier(owned.table), customer=sql.Identifier(owned.customer_column),
                    profile=sql.Identifier(owned.profile_column), import_id=sql.Literal(import_id),
                )
            )  # fmt: skip
            count += int(cursor.rowcount)
    return count


def hold_customer(customer_id: int) -> Customer:
    """The customer under this id or the one it was merged into, locked until the transaction ends."""
    free = planned(_HOLD_AT_ONCE, [customer_id])
    if free:  # nobody else holds her, as nearly always: no waiting, so nothing that a wait can bring
        return CUSTOMER_ROW.read(free[0])
    for _attempt in range(_TRIES):
        found = Customer.objects.filter(pk=customer_id).values_list("merged_into_id", flat=True).first()
        with transaction.atomic():
            current = Customer.objects.select_for_update(of=("self",)).filter(pk=found or customer_id, merged_into=None)
            customer = current.first()
            if customer is not None:
                return customer
            # waiting for a row that then does not fit any more has locked it, out of the order of all others
            transaction.set_rollback(True)
    raise CustomerGone(customer_id)
