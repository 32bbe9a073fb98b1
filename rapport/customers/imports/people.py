"""Applying staged people: profiles, customers, identifiers and golden records of one chunk, and taking them back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import LiteralString

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.acting import SYSTEM, acting
from rapport.core.owned import OwnedTable
from rapport.core.rooms import contributions
from rapport.customers.contact_points.importing import (
    add_points,
    differs,
    point_conflicts,
    replace_points,
    restore_points,
)
from rapport.customers.golden import EVERY_FIELD, GOLDEN_FIELDS, STAFF_SOURCE
from rapport.customers.imports.leaving import alone_with, back_as_they_were, delete_derived, part_from_company
from rapport.customers.models import Source
from rapport.customers.normalizing import KEYLESS_PREFIX
from rapport.customers.relationships.employers import (
    employer_conflicts,
    named_tie,
    part_from_employers,
    said_with_employer,
)
from rapport.customers.survivorship.deriving import SEARCHED, derive_relation, own_words
from rapport.records.imports.importing import Counts, KnownRowsChanged, Run, Sources
from rapport.records.imports.journal import (
    UNDO_BATCH,
    created,
    edited_since,
    journal_rows,
    journaled,
    later_imports,
    restore_rows,
    unedited_since,
)

_GOLDEN = sql.SQL(", ").join(map(sql.Identifier, GOLDEN_FIELDS))

# the planner does not know how large the tables have become within this import
_SCANS = ("seqscan", "bitmapscan")
_BY_INDEX = "; ".join(f"set local enable_{scan} = off" for scan in _SCANS)
_AS_PLANNED = "; ".join(f"set local enable_{scan} = on" for scan in _SCANS)

_TAKE = sql.SQL("""
create temporary table people_chunk on commit drop as
select s.*, coalesce(p.id, nextval('customers_profile_id_seq')) as profile_id,
       coalesce(p.customer_id, nextval('customers_customer_id_seq')) as customer_id, p.id is null as is_new
  from (select distinct on (key) line, key, {golden}, kind, email_norm, phone_norm, sort_key, words,
               {raw} as raw, raw_hash::uuid as raw_hash, {points} {own}
               coalesce(seen_at, {seen_at}) as seen_at
          from {table} where bucket = {bucket} order by key, line desc) s
  left join lateral (select id, customer_id, raw_hash from customers_profile
                      where source_id = {source} and external_id = s.key offset 0) p on true
 where p.id is null or p.raw_hash is distinct from s.raw_hash
""")

_OWN, _NOTHING_OWN = sql.SQL("coalesce(custom::jsonb, '{}') as custom,"), sql.SQL("'{}'::jsonb as custom,")

_NEW_CUSTOMERS = sql.SQL("""
insert into customers_customer (id, public_id, kind, {golden}, custom, provenance, sort_key, search)
select customer_id, {public_id}, kind, {golden}, custom, jsonb_build_object({every}, profile_id), sorted_by,
       coalesce(array_to_tsvector(words), search_vector({searched}, phone)){own_words}
  from (select *, coalesce(sort_key, customer_sort_key(name, organization, email, phone)) as sorted_by,
               case when not starts_with(key, {keyless}) then key end as keys
          from people_chunk where is_new) n
 order by sorted_by collate "C"
""")

# a random id of version 4 without a draw for each: the server may open the system's source of chance anew every time, for 3 µs
_PUBLIC_ID = sql.SQL(
    "encode(set_byte(set_byte(substr(sha256({} || int8send(customer_id)), 1, 16), 6, 64), 8, 128), 'hex')::uuid"
)

_NEW_PROFILES = sql.SQL("""
insert into customers_profile (id, customer_id, source_id, external_id, kind, {golden}, import_id, line, seen_at,
                               raw_hash, raw, custom)
select profile_id, customer_id, {source}, key, kind, {golden}, {import_id}, line, seen_at, raw_hash, raw, custom
  from people_chunk where is_new
""")

_IDENTIFIERS = sql.SQL("""
insert into customers_identifier (kind, value_norm, profile_id, customer_id)
select kind, value_norm, profile_id, customer_id from (
    select 1 as kind, email_norm as value_norm, profile_id, customer_id from {rows} where {only} and email_norm is not null
    union all
    select 2, phone_norm, profile_id, customer_id from {rows} where {only} and phone_norm is not null) i
order by kind, value_norm
{known}
""")

_UNLESS_KNOWN = sql.SQL("on conflict (kind, value_norm, profile_id) do nothing")

_CHANGED = sql.SQL("""
create temporary table people_changed on commit drop as
select s.* from people_chunk s join customers_profile p on p.id = s.profile_id
 where not s.is_new and (({before}, p.raw, p.custom) is distinct from ({after}, p.raw || s.raw, {custom}) or {other_points})
""")

_UPDATE_PROFILES = sql.SQL("""
update customers_profile p set {assignments}, raw = p.raw || s.raw, custom = {custom}, raw_hash = s.raw_hash,
       seen_at = s.seen_at, line = s.line, import_id = {import_id}
  from people_changed s where p.id = s.profile_id
""")

_DROP_IDENTIFIERS = sql.SQL("""
delete from customers_identifier i using people_changed s
 where i.profile_id = s.profile_id
   and (i.kind = 1 and {has_email} and i.value_norm is distinct from s.email_norm
        or i.kind = 2 and {has_phone} and i.value_norm is distinct from s.phone_norm)
   and not exists (select from customers_contactpoint c
                    where c.profile_id = i.profile_id and c.value_norm = i.value_norm
                      and c.kind = case i.kind when 1 then 'email' else 'phone' end)
""")


def apply_people(
    cursor: CursorWrapper,
    run: Run,
    chunk: int,
    *,
    table: sql.Identifier,
    columns: Iterable[str],
    points: Sequence[tuple[str, str]] = (),
    own: Sequence[str] = (),
) -> Counts:
    """Bring one bucket of staged people in. `columns` are the profile columns the file speaks about; others stay.

    `table` has the columns bucket, line, key, the golden attributes, kind, email_norm,
    phone_norm, sort_key, words, seen_at, raw, raw_hash; and points, where the file speaks about further contact points
    of the kinds and labels `points`; and custom, where it speaks about the business's own fields `own`.
    """
    said = [name for name in (*GOLDEN_FIELDS, "kind") if name in set(columns)]
    total = _count_rows(cursor, table, chunk)
    cursor.execute("drop table if exists pg_temp.people_chunk, pg_temp.people_changed")
    cursor.execute(_BY_INDEX)
    cursor.execute(
        _TAKE.format(golden=_GOLDEN, seen_at=sql.Literal(run.seen_at), table=table, bucket=sql.Literal(chunk),
                     source=sql.Literal(run.source_id), points=sql.SQL("points::jsonb as points," if points else ""),
                     own=_OWN if own else _NOTHING_OWN, raw=said_with_employer(run))
    )  # fmt: skip
    taken = cursor.rowcount
    cursor.execute(_AS_PLANNED)
    _refuse_outdated(cursor)
    new = _add_new(cursor, run, own)
    if points and new:
        add_points(cursor, run)
    changed = _change(cursor, run, said, points, own) if taken > new else 0
    distinct = total if new == total else _count_rows(cursor, table, chunk, what="distinct key")
    return {
        "rows": total,
        "new": new,
        "changed": changed,
        "same": distinct - new - changed,
        "repeated": total - distinct,
    }


def known_people(run: Run) -> sql.Composable:
    """The hashes of what the source has said of people so far."""
    query = sql.SQL("select raw_hash from customers_profile where source_id = {} and raw_hash is not null")
    return query.format(sql.Literal(run.source_id))


def _refuse_outdated(cursor: CursorWrapper) -> None:
    """Of a row that was known, nothing but its key and hash is staged."""
    cursor.execute("select exists (select from people_chunk where raw is null)")
    if cursor.fetchone()[0]:
        raise KnownRowsChanged


def _count_rows(cursor: CursorWrapper, table: sql.Identifier, chunk: int, *, what: LiteralString = "*") -> int:
    query = sql.SQL("select count({}) from {} where bucket = {}")
    cursor.execute(query.format(sql.SQL(what), table, sql.Literal(chunk)))
    return int(cursor.fetchone()[0])


def count_temporary(cursor: CursorWrapper, table: str) -> int:
    cursor.execute(sql.SQL("select count(*) from {}").format(sql.Identifier("pg_temp", table)))
    return int(cursor.fetchone()[0])


def _add_new(cursor: CursorWrapper, run: Run, own: Sequence[str]) -> int:
    words: sql.Composable = sql.SQL("")
    if own:
        words = sql.SQL(" || ") + own_words(sql.SQL("custom"))
    cursor.execute(
        _NEW_CUSTOMERS.format(
            golden=_GOLDEN,
            public_id=_PUBLIC_ID.format(sql.Literal(secrets.token_bytes(32))),
            every=sql.Literal(EVERY_FIELD),
            searched=SEARCHED,
            keyless=sql.Literal(KEYLESS_PREFIX),
            own_words=words,
        )
    )
    new = int(cursor.rowcount)
    cursor.execute(
        _NEW_PROFILES.format(golden=_GOLDEN, source=sql.Literal(run.source_id), import_id=sql.Literal(run.import_id))
    )
    cursor.execute(_IDENTIFIERS.format(rows=sql.SQL("people_chunk"), only=sql.SQL("is_new"), known=sql.SQL("")))
    return new


def _change(
    cursor: CursorWrapper, run: Run, said: list[str], points: Sequence[tuple[str, str]], own: Sequence[str]
) -> int:
    custom: sql.Composable = sql.SQL("p.custom")
    if own:
        custom = sql.SQL("(p.custom - {}::text[]) || s.custom").format(sql.Literal(list(own)))
    names = [sql.Identifier(name) for name in said]
    cursor.execute(
        _CHANGED.format(
            before=sql.SQL(", ").join(sql.SQL("p.{}").format(name) for name in names) if names else sql.SQL("true"),
            after=sql.SQL(", ").join(sql.SQL("s.{}").format(name) for name in names) if names else sql.SQL("true"),
            other_points=differs(points),
            custom=custom,
        )
    )
    changed = int(cursor.rowcount)
    if not changed:
        return 0
    profiles = sql.SQL("select profile_id from people_changed")
    customers = sql.SQL("select customer_id from people_changed")
    journal_rows(cursor, run, "customers_profile", profiles)
    journal_rows(
        cursor, run, "customers_identifier",
        sql.SQL("select i.id from customers_identifier i join people_changed s on s.profile_id = i.profile_id"),
    )  # fmt: skip
    journal_rows(cursor, run, "customers_customer", customers)
    assignments = (
        sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(name) for name in names) if names else sql.SQL("kind = p.kind")
    )
    cursor.execute(
        _UPDATE_PROFILES.format(assignments=assignments, import_id=sql.Literal(run.import_id), custom=custom)
    )
    if points:
        replace_points(cursor, run, points)
    cursor.execute(
        _DROP_IDENTIFIERS.format(has_email=sql.Literal("email" in said), has_phone=sql.Literal("phone" in said))
    )
    cursor.execute(_IDENTIFIERS.format(rows=sql.SQL("people_changed"), only=sql.SQL("true"), known=_UNLESS_KNOWN))
    derive_relation(cursor, customers)
    return changed


def preview_people(cursor: CursorWrapper, run: Run, *, table: sql.Identifier) -> Counts:
    """How many of the staged people are new, differ from what is known, or are known already."""
    cursor.execute(
        sql.SQL("""
            select count(*) filter (where p.id is null),
                   count(*) filter (where p.id is not null and p.raw_hash is distinct from s.raw_hash::uuid),
                   count(*) filter (where p.raw_hash = s.raw_hash::uuid), coalesce(sum(s.repeats), 0)
              from (select distinct on (key) key, raw_hash, count(*) over (partition by key) - 1 as repeats
                      from {table} order by key, line desc) s
              left join lateral (select id, raw_hash from customers_profile
                                  where source_id = {source} and external_id = s.key offset 0) p on true
        """).format(table=table, source=sql.Literal(run.source_id))
    )
    new, changed, same, repeated = cursor.fetchone()
    return {"new": new, "changed": changed, "same": same, "repeated": int(repeated)}


def people_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    """Why the people of an import cannot be taken back, in words."""
    return [
        *later_imports(cursor, import_id, "customers_profile", "customers"),
        *edited_since(cursor, import_id, "customers_customer", alone_with(import_id), "customers"),
        *point_conflicts(cursor, import_id),
        *employer_conflicts(cursor, import_id),
        *_hanging_on(cursor, import_id),
    ]


def _hanging_on(cursor: CursorWrapper, import_id: int) -> list[str]:
    """Rows of other tables that hang on profiles which the import brought, and which it did not bring itself."""
    reasons = []
    for owned in contributions("owned", "OWNED", OwnedTable):
        if owned.table in ("customers_profile", "customers_identifier") or owned.is_derived:
            continue
        cursor.execute(
            "select exists (select from pg_attribute where attrelid = %s::regclass and attname = 'import_id')",
            [owned.table],
        )
        from_elsewhere: sql.Composable = sql.SQL("true")
        if cursor.fetchone()[0]:
            from_elsewhere = sql.SQL("o.import_id is distinct from {}").format(sql.Literal(import_id))
        if owned.table == "customers_relationship":  # those that follow from what files say go with them
            from_elsewhere = sql.SQL("{} and not {}").format(from_elsewhere, named_tie("o"))
        cursor.execute(
            sql.SQL("select count(*) from {table} o where {elsewhere} and o.{profile} in ({created})").format(
                table=sql.Identifier(owned.table), elsewhere=from_elsewhere, profile=sql.Identifier(owned.profile_column),
                created=created(import_id, "customers_profile"),
            )
        )  # fmt: skip
        count = cursor.fetchone()[0]
        if count:
            things = owned.table.partition("_")[2]
            reasons.append(f"{count} rows ({things}) have come from elsewhere to customers that it brought.")
    return reasons


def undo_people(cursor: CursorWrapper, import_id: int) -> int:
    """Take back one batch: first profiles the import brought, then rows it changed. Returns 0 when nothing is left."""
    cursor.execute("drop table if exists pg_temp.people_leaving")
    cursor.execute(
        sql.SQL("""
            create temporary table people_leaving on commit drop as
            select id as profile_id from customers_profile where id in ({created} limit {batch})
        """).format(created=created(import_id, "customers_profile"), batch=sql.Literal(UNDO_BATCH))
    )
    if cursor.rowcount:
        return _remove(cursor, import_id)
    return _restore(cursor, import_id)


def _restore(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute("drop table if exists pg_temp.people_back")
    cursor.execute(
        sql.SQL("""
            create temporary table people_back on commit drop as
            select p.id as profile_id from customers_profile p join ({changed} limit {batch}) u on u.row_id = p.id
        """).format(changed=journaled(import_id, "customers_profile"), batch=sql.Literal(UNDO_BATCH))
    )
    profiles = sql.SQL("select profile_id from people_back")
    if not cursor.rowcount:
        return 0
    part_from_company(cursor, profiles, import_id)
    own = sql.SQL("select customer_id from customers_profile where id in ({})").format(profiles)
    customers = unedited_since(import_id, "customers_customer", own)
    cursor.execute("delete from customers_identifier i using people_back b where i.profile_id = b.profile_id")
    restored = restore_rows(cursor, import_id, "customers_profile", profiles)
    restore_points(cursor, import_id, profiles)
    restore_rows(
        cursor, import_id, "customers_identifier",
        sql.SQL("{} and (previous ->> 'profile_id')::bigint in ({})").format(
            journaled(import_id, "customers_identifier"), profiles
        ),
    )  # fmt: skip
    restore_rows(cursor, import_id, "customers_customer", customers)
    back_as_they_were(cursor, profiles)
    return restored


def _remove(cursor: CursorWrapper, import_id: int) -> int:
    count = count_temporary(cursor, "people_leaving")
    cursor.execute("analyze people_leaving")
    leaving = sql.SQL("select profile_id from people_leaving")
    part_from_company(cursor, leaving, import_id)
    delete_derived(cursor, leaving)
    part_from_employers(cursor)
    cursor.execute("alter table people_leaving add column customer_id bigint")
    cursor.execute(
        "update people_leaving l set customer_id = p.customer_id from customers_profile p where p.id = l.profile_id"
    )
    for statement in (
        "delete from customers_identifier i using people_leaving l where i.profile_id = l.profile_id",
        "delete from customers_contactpoint p using people_leaving l where p.profile_id = l.profile_id",
        "delete from customers_profile p using people_leaving l where p.id = l.profile_id",
        "delete from customers_customer c using (select distinct customer_id from people_leaving) l where c.id = l.customer_id"
        " and not exists (select from customers_profile p where p.customer_id = c.id)",
    ):
        cursor.execute(statement)
    derive_relation(cursor, sql.SQL("select customer_id from people_leaving"))
    return count


def _known() -> list[tuple[str, str]]:
    return [(source.name, source.label) for source in Source.objects.exclude(name=STAFF_SOURCE).order_by("label")]


def _find(name: str) -> int | None:
    return Source.objects.filter(name=name).values_list("pk", flat=True).first()


def _ensure(name: str) -> tuple[int, bool]:
    with acting(SYSTEM):
        source, made = Source.objects.get_or_create(name=name, defaults={"label": name, "priority": 100})
    return source.pk, made


_WITH_SOURCE = """
select a.attrelid::regclass::text from pg_attribute a join pg_class c on c.oid = a.attrelid
 where a.attname = 'source_id' and not a.attisdropped and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
"""


def _forget(source_id: int) -> None:
    """Remove a source unless a row of any table names it."""
    with acting(SYSTEM), connection.cursor() as cursor:
        cursor.execute(_WITH_SOURCE)
        for (table,) in cursor.fetchall():
            cursor.execute(
                sql.SQL("select exists (select from {} where source_id = %s)").format(sql.Identifier(table)),
                [source_id],
            )
            if cursor.fetchone()[0]:
                return
        Source.objects.filter(pk=source_id).delete()


SOURCES = Sources(_known, _find, _ensure, _forget, reserved=frozenset({STAFF_SOURCE}))
