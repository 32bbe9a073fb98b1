"""Relationships from files: two numbers of one source, and how the customers behind them belong together."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.customers.imports.people import SOURCES
from rapport.customers.relationships.employers import named_tie
from rapport.records.imports.importing import ColumnKind, Counts, ImportColumn, Importer, Phase, Run
from rapport.records.imports.journal import (
    UNDO_BATCH,
    created,
    edited_since,
    journal_rows,
    journaled,
    later_imports,
    restore_rows,
)
from rapport.records.imports.refusing import Refusal, refuse_rows
from rapport.records.imports.staging import bucket_count
from rapport.records.imports.values import REASONS

_TABLE = "customers_relationship"
# a tie that is said from the other side is turned around; these are the numbers as the file has them
_AS_SAID = {"from_id": "said_from", "to_id": "said_to"}
_UNKNOWN = "unknown_customer"
_SAID = ("role", "since", "until")

_PLACED = sql.SQL("""
select s.line, s.tie as kind, coalesce(s.role, '') as role, s.since, s.until,
       f.id as from_profile_id, f.customer_id as from_customer_id, t.id as to_profile_id, t.customer_id as to_customer_id, r.id
  from (select distinct on (key) * from {table} where {bucket} order by key, line desc) s
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = s.from_id offset 0) f on true
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = s.to_id offset 0) t on true
  left join customers_relationship r
    on r.from_profile_id = f.id and r.to_profile_id = t.id and r.kind = s.tie
""")

_NOBODY = sql.SQL("not exists (select from customers_profile p where p.source_id = {} and p.external_id = s.{})")

_NEW = sql.SQL("""
insert into customers_relationship (public_id, kind, role, since, until, from_profile_id, from_customer_id, to_profile_id,
                                    to_customer_id, import_id)
select gen_random_uuid(), kind, role, since, until, from_profile_id, from_customer_id, to_profile_id, to_customer_id, {import_id}
  from relationships_chunk where id is null order by line
""")


def prepare(cursor: CursorWrapper, run: Run) -> int:
    """Refuse rows that name a customer who is not there, each by its line."""
    source = sql.Literal(run.source_id)
    refusals = [
        Refusal(_UNKNOWN, column, _NOBODY.format(source, sql.Identifier(staged)), REASONS[_UNKNOWN])
        for column, staged in _AS_SAID.items()
    ]
    refuse_rows(cursor, run, refusals, said=_AS_SAID)
    return bucket_count(cursor, run)


def apply(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    """The last row of two numbers and a kind wins; columns that the file does not have stay as they are."""
    cursor.execute("drop table if exists pg_temp.relationships_chunk")
    bucket = sql.SQL("bucket = {}").format(sql.Literal(chunk))
    cursor.execute(sql.SQL("select count(*) from {} where {}").format(run.table(), bucket))
    rows = int(cursor.fetchone()[0])
    cursor.execute(
        sql.SQL("create temporary table relationships_chunk on commit drop as {}").format(_placed(run, bucket))
    )
    distinct = int(cursor.rowcount)
    cursor.execute("delete from relationships_chunk where from_profile_id is null or to_profile_id is null")
    unknown = int(cursor.rowcount)
    changed = _change(cursor, run)
    cursor.execute(_NEW.format(import_id=sql.Literal(run.import_id)))
    new = int(cursor.rowcount)
    same = distinct - unknown - new - changed
    return {"rows": rows, "new": new, "changed": changed, "same": same, "repeated": rows - distinct}


def _change(cursor: CursorWrapper, run: Run) -> int:
    """What is said here is said, also where it only followed from a name before."""
    said = [sql.Identifier(name) for name in (*(name for name in _SAID if name in run.columns), "kind")]
    differing = sql.SQL("from relationships_chunk s where r.id = s.id and (({}) is distinct from ({}) or {})").format(
        sql.SQL(", ").join(sql.SQL("r.{}").format(name) for name in said),
        sql.SQL(", ").join(sql.SQL("s.{}").format(name) for name in said),
        named_tie("r"),
    )
    changing = sql.SQL("select r.id from customers_relationship r where exists (select {})").format(differing)
    journal_rows(cursor, run, _TABLE, changing)
    cursor.execute(
        sql.SQL("update customers_relationship r set {}, import_id = {} {}").format(
            sql.SQL(", ").join(sql.SQL("{0} = s.{0}").format(name) for name in said),
            sql.Literal(run.import_id),
            differing,
        )
    )
    return int(cursor.rowcount)


def preview(cursor: CursorWrapper, run: Run) -> Counts:
    said = [sql.Identifier(name) for name in _SAID if name in run.columns]
    differs: sql.Composable = sql.SQL("false")
    if said:
        differs = sql.SQL("({}) is distinct from ({})").format(
            sql.SQL(", ").join(sql.SQL("k.{}").format(name) for name in said),
            sql.SQL(", ").join(sql.SQL("p.{}").format(name) for name in said),
        )
    cursor.execute(
        sql.SQL("""
            select count(*) filter (where placed and p.id is null), count(*) filter (where p.id is not null and {differs}),
                   count(*) filter (where p.id is not null and not ({differs})), count(*) filter (where not placed)
              from (select *, from_profile_id is not null and to_profile_id is not null as placed from ({placed}) s) p
              left join customers_relationship k on k.id = p.id
        """).format(differs=differs, placed=_placed(run, sql.SQL("true")))
    )
    new, changed, same, refused = cursor.fetchone()
    return {"new": new, "changed": changed, "same": same, "unknown_customers": refused}


def conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    brought = sql.SQL("select id from customers_relationship where import_id = {}").format(sql.Literal(import_id))
    return [
        *later_imports(cursor, import_id, _TABLE, "relationships"),
        *edited_since(cursor, import_id, _TABLE, brought, "relationships"),
    ]


def undo(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute(
        sql.SQL("delete from customers_relationship where id in ({} limit {})").format(
            created(import_id, _TABLE), sql.Literal(UNDO_BATCH)
        )
    )
    return int(cursor.rowcount) or restore_rows(
        cursor, import_id, _TABLE, sql.SQL("{} limit {}").format(journaled(import_id, _TABLE), sql.Literal(UNDO_BATCH))
    )


def _placed(run: Run, bucket: sql.Composable) -> sql.Composed:
    return _PLACED.format(table=run.table(), bucket=bucket, source=sql.Literal(run.source_id))


RELATIONSHIPS = Importer(
    name="relationships",
    label=_("Relationships"),
    object="relationship",
    columns=(
        ImportColumn(
            "from_id",
            _("Number of the one"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=("from", "from customer", "person id", "contact id", "customer id", "id from", "contact a id"),
        ),
        ImportColumn(
            "to_id",
            _("Number of the other"),
            ColumnKind.CODE,
            required=True,
            at_most=200,
            aliases=("to", "to customer", "related id", "organization id", "company id", "account id", "id to", "contact b id"),
        ),
        ImportColumn(
            "kind",
            _("How they belong together"),
            required=True,
            at_most=100,
            aliases=("relationship", "relationship type", "relation", "type"),
        ),
        ImportColumn("role", _("Role"), at_most=200, aliases=("title", "description", "role or job title")),
        ImportColumn("since", _("Since"), ColumnKind.DATE, aliases=("start", "start date", "from date", "valid from")),
        ImportColumn("until", _("Until"), ColumnKind.DATE, aliases=("end", "end date", "to date", "valid to")),
    ),
    key=("from_id", "to_id", "tie"),
    sources=SOURCES,
    phases=(Phase("relationships", _("Relationships"), prepare, apply),),
    preview=preview,
    conflicts=conflicts,
    undo=undo,
    finish="rapport.customers.relationships.rows.relationship_finisher",
    staged=(("said_from", "text"), ("said_to", "text"), ("tie", "text")),
    order=20,
)  # fmt: skip
