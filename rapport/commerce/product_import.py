"""Applying staged products: one row of the file is one product of its source."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.records.imports.comparing import says_the_same
from rapport.records.imports.importing import Counts, Run, own_names
from rapport.records.imports.journal import journal_rows
from rapport.records.imports.staging import bucket_count

_FIELDS = {"name": "name", "category": "category", "price": "price_micros", "cost": "cost_micros"}

_TEXTS = {"name", "category"}
_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

_TAKE = sql.SQL("""
create temporary table products_chunk on commit drop as
select s.key, coalesce(s.name, '') as name, coalesce(s.category, '') as category, s.price as price_micros,
       s.cost as cost_micros, s.currency, coalesce(s.custom::jsonb, '{{}}') as custom, coalesce(known.id, p.id) as id
  from (select distinct on (key, rapport_id) * from {table} where bucket = {bucket} order by key, rapport_id, line desc) s
  left join lateral (select id from commerce_product
                      where public_id = case when s.rapport_id ~ {uuid} then s.rapport_id::uuid end offset 0) known on true
  left join lateral (select id from commerce_product where source_id = {source} and code = s.key offset 0) p on true
""")

_NEW = sql.SQL("""
insert into commerce_product (source_id, code, name, category, price_micros, cost_micros, currency, custom, import_id)
select distinct on (key) {source}, key, name, category, price_micros, cost_micros, coalesce(currency, {currency}), custom,
       {import_id}
  from products_chunk where id is null
""")


def prepare(cursor: CursorWrapper, run: Run) -> int:
    return bucket_count(cursor, run)


def apply(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """The last row of a code wins; columns that the file does not have stay as they are."""
    said = [column for name, column in _FIELDS.items() if name in run.columns]
    currency = run.answers.get("currency", "")
    values: dict[str, sql.Composable] = {
        "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "bucket": sql.Literal(chunk),
        "table": run.table(), "currency": sql.Literal(currency),
        "uuid": sql.Literal(_UUID),
    }  # fmt: skip
    cursor.execute("drop table if exists pg_temp.products_chunk")
    cursor.execute(sql.SQL("select count(*) from {table} where bucket = {bucket}").format(**values))
    rows = int(cursor.fetchone()[0])
    cursor.execute(_TAKE.format(**values))
    distinct = int(cursor.rowcount)
    changed = (
        _change(cursor, run, said, with_currency=bool(currency) or "currency" in run.columns)
        if said or own_names(run)
        else 0
    )
    cursor.execute(_NEW.format(**values))
    new = int(cursor.rowcount)
    return {"rows": rows, "new": new, "changed": changed, "same": distinct - new - changed, "repeated": rows - distinct}


def _change(cursor: CursorWrapper, run: Run, said: list[str], *, with_currency: bool) -> int:
    values: dict[str, sql.Composable] = {name: sql.Identifier("s", name) for name in said}
    if with_currency:
        # a file that has a column of currencies changes only those that it says
        values["currency"] = sql.SQL("coalesce(s.currency, {})").format(
            sql.SQL("p.currency") if "currency" in run.columns else sql.Literal(run.answers.get("currency", ""))
        )
    same = {name: _same(name, value) for name, value in values.items()}
    own = own_names(run)
    same_own = [says_the_same(*(_own(table, name) for table in "sp")) for name in own]
    values["custom"] = sql.SQL("(p.custom - {}::text[]) || s.custom").format(sql.Literal(own))
    same["custom"] = sql.SQL(" and ").join(same_own) if same_own else sql.SQL("true")
    differing = sql.SQL("from products_chunk s where p.id = s.id and not ({})").format(
        sql.SQL(" and ").join(same.values())
    )
    journal_rows(
        cursor, run, "commerce_product",
        sql.SQL("select p.id from commerce_product p where exists (select {})").format(differing),
    )  # fmt: skip
    assignments = [
        sql.SQL("{0} = case when {1} then p.{0} else {2} end").format(sql.Identifier(name), same[name], value)
        for name, value in values.items()
    ]
    cursor.execute(
        sql.SQL("update commerce_product p set {}, import_id = {} {}").format(
            sql.SQL(", ").join(assignments), sql.Literal(run.import_id), differing
        )
    )
    return int(cursor.rowcount)


def _same(name: str, said: sql.Composable) -> sql.Composable:
    if name in _TEXTS:
        return says_the_same(said, sql.Identifier("p", name))
    return sql.SQL("p.{} is not distinct from {}").format(sql.Identifier(name), said)


def _own(table: str, name: str) -> sql.Composable:
    return sql.SQL("({} ->> {})").format(sql.Identifier(table, "custom"), sql.Literal(name))


def preview(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(*) filter (where p.id is null), count(p.id)
              from (select distinct key, rapport_id from {}) s
              left join commerce_product p on p.source_id = {} and p.code = s.key or p.public_id::text = s.rapport_id
        """).format(run.table(), sql.Literal(run.source_id))
    )
    new, known = cursor.fetchone()
    return {"new": new, "known": known}
