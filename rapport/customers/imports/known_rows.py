"""Rows that say by Rapport's own id which customer they are about: what is as it is shown is no news, the rest is."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.customers.golden import GOLDEN_FIELDS
from rapport.records.imports.comparing import says_the_same
from rapport.records.imports.importing import Counts, Run, own_names

RAPPORT_ID = "rapport_id"
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

# a customer that was merged into another is known by the id of either
_KNOWN = sql.SQL("""
  left join lateral (select coalesce(o.merged_into_id, o.id) as id from customers_customer o
                      where o.public_id = case when s.rapport_id ~ {uuid} then s.rapport_id::uuid end offset 0) o on true
  left join customers_customer k on k.id = o.id
  left join lateral (select * from customers_profile own
                      where own.source_id = {source} and own.external_id = s.key offset 0) p on true
""")

_MAKE = sql.SQL("""
create unlogged table {target} as
select {values} from {table} s {known}
 where k.id is null or not ({same})
""")

_ADD_PROFILES = sql.SQL("""
insert into customers_profile (customer_id, source_id, external_id, kind, import_id, line, seen_at)
select distinct on (s.key) k.id, {source}, s.key, k.kind, {import_id}, s.line, {seen_at}
  from {target} s {known}
 where k.id is not null and p.id is null
 order by s.key, s.line desc
""")


def prepare_known(cursor: CursorWrapper, run: Run, *, columns: Iterable[str]) -> sql.Identifier:
    """A table of those rows that say something new; each known customer gets a profile of the source for it."""
    target = _make(cursor, run, columns=columns)
    cursor.execute(_ADD_PROFILES.format(target=target, known=_known(run), **_values(run)))
    return target


def preview_known(cursor: CursorWrapper, run: Run, *, columns: Iterable[str]) -> Counts:
    target = _make(cursor, run, columns=columns)
    cursor.execute(
        sql.SQL("select count(*) filter (where k.id is null), count(k.id) from {} s {}").format(target, _known(run))
    )
    new, changed = cursor.fetchone()
    cursor.execute(sql.SQL("select count(*) from {}").format(run.table()))
    return {"new": new, "changed": changed, "same": int(cursor.fetchone()[0]) - new - changed}


def left_out(cursor: CursorWrapper, run: Run, chunk: int) -> int:
    """How many rows of the chunk say nothing new."""
    cursor.execute(
        sql.SQL(
            "select (select count(*) from {} where bucket = {}) - (select count(*) from {} where bucket = {})"
        ).format(run.table(), sql.Literal(chunk), run.table("known"), sql.Literal(chunk))
    )
    return int(cursor.fetchone()[0])


def _make(cursor: CursorWrapper, run: Run, *, columns: Iterable[str]) -> sql.Identifier:
    target = run.table("known")
    said = [name for name in (*GOLDEN_FIELDS, "kind") if name in set(columns) and name in (run.columns | {"name"})]
    alike = {name: _alike(name) for name in said}
    same = [*alike.values(), *(_own_alike(name) for name in own_names(run))]
    cursor.execute("select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
                   " order by attnum", [f"staging.import_{run.import_id}"])  # fmt: skip
    values = [_value(name, alike) for (name,) in cursor.fetchall()]
    cursor.execute(sql.SQL("drop table if exists {}").format(target))
    cursor.execute(
        _MAKE.format(
            target=target, values=sql.SQL(", ").join(values), table=run.table(), known=_known(run),
            same=sql.SQL(" and ").join(same) if same else sql.SQL("true"),
        )
    )  # fmt: skip
    cursor.execute(sql.SQL("create index on {} (bucket)").format(target))
    cursor.execute(sql.SQL("analyze {}").format(target))
    return target


def _known(run: Run) -> sql.Composed:
    return _KNOWN.format(uuid=sql.Literal(_UUID), source=sql.Literal(run.source_id))


def _values(run: Run) -> dict[str, sql.Composable]:
    return {
        "source": sql.Literal(run.source_id),
        "import_id": sql.Literal(run.import_id),
        "seen_at": sql.Literal(run.seen_at),
    }


def _alike(name: str) -> sql.Composable:
    """Whether a cell says what is shown; a number of a telephone may be written otherwise."""
    if name == "name":
        shown = sql.SQL("coalesce(k.name, k.organization, k.email, k.phone)")
        return sql.SQL("({} or s.name is not distinct from k.name)").format(
            says_the_same(sql.Identifier("s", "name"), shown)
        )
    if name == "phone":
        return sql.SQL(
            "regexp_replace(s.phone, '[^0-9+]+', '', 'g') is not distinct from regexp_replace(k.phone, '[^0-9+]+', '', 'g')"
        )
    if name == "born_on":
        return sql.SQL("s.born_on is not distinct from k.born_on")
    return says_the_same(sql.Identifier("s", name), sql.Identifier("k", name))


def _own_alike(name: str) -> sql.Composable:
    said, kept = (
        sql.SQL("({} ->> {})").format(sql.SQL(custom), sql.Literal(name)) for custom in ("s.custom::jsonb", "k.custom")
    )
    return says_the_same(said, kept)


def _value(name: str, alike: dict[str, sql.Composable]) -> sql.Composable:
    """What is as it is shown stays as the profile has it; only what differs is said by it."""
    column = sql.Identifier(name)
    if name == "kind":
        return sql.SQL("coalesce(case when k.id is not null and {} then k.kind end, s.kind) as kind").format(
            alike.get("kind", sql.SQL("true"))
        )
    if name not in alike:
        return sql.SQL("s.{}").format(column)
    return sql.SQL("case when k.id is not null and {alike} then p.{column} else s.{column} end as {column}").format(
        alike=alike[name], column=column
    )
