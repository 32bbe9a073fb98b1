"""The undo journal: rows as they were before an import changed them, put back exactly."""

from __future__ import annotations

from functools import cache

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.records.imports.importing import Run

UNDO_BATCH = 10_000

_KEEP = sql.SQL("""
insert into records_importundo (job_id, table_name, row_id, previous)
select {job}, {name}, t.id, to_jsonb(t) from {table} t where t.id in ({rows})
on conflict (job_id, table_name, row_id) do nothing
""")

# beside the rows, not (…).*, which makes the record anew for each of its columns
_TAKE = sql.SQL("""
create temporary table journal_taken on commit drop as
with taken as (
    delete from records_importundo u where u.job_id = {job} and u.table_name = {name} and u.row_id in ({rows}) returning previous
)
select r.* from taken cross join lateral jsonb_populate_record(null::{table}, previous) r
""")

_LATER = """
select i.id, i.file_name, count(*)
  from records_importundo u join records_import i on i.id = u.job_id
 where u.job_id > %(id)s and u.table_name = %(table)s and (u.previous ->> 'import_id')::bigint = %(id)s
 group by i.id, i.file_name order by i.id
"""


def journal_rows(cursor: CursorWrapper, run: Run, table: str, rows: sql.Composable) -> None:
    """Keep the rows with the ids that the query `rows` returns, unless this import has kept them already."""
    cursor.execute(
        _KEEP.format(job=sql.Literal(run.import_id), name=sql.Literal(table), table=sql.Identifier(table), rows=rows)
    )


def journaled(import_id: int, table: str) -> sql.Composed:
    """The ids of rows of `table` that the import changed."""
    return sql.SQL("select row_id from records_importundo where job_id = {} and table_name = {}").format(
        sql.Literal(import_id), sql.Literal(table)
    )


def restore_rows(cursor: CursorWrapper, import_id: int, table: str, rows: sql.Composable) -> int:
    """Put the journaled rows among `rows` back as they were, deleted ones too, and forget them in the journal."""
    cursor.execute("drop table if exists pg_temp.journal_taken")
    name = sql.Identifier(table)
    cursor.execute(_TAKE.format(job=sql.Literal(import_id), name=sql.Literal(table), table=name, rows=rows))
    restored = int(cursor.rowcount)
    if restored:
        columns = [sql.Identifier(column) for column in _columns(table)]
        cursor.execute(
            sql.SQL("update {} t set ({}) = row({}) from journal_taken j where t.id = j.id").format(
                name, sql.SQL(", ").join(columns), sql.SQL(", ").join(sql.SQL("j.{}").format(c) for c in columns)
            )
        )
        cursor.execute(
            sql.SQL("insert into {0} select j.* from journal_taken j where not exists (select from {0} t where t.id = j.id)")
            .format(name)
        )  # fmt: skip
    cursor.execute("drop table journal_taken")
    return restored


def later_imports(cursor: CursorWrapper, import_id: int, table: str, things: str) -> list[str]:
    """Sentences that name the imports which changed rows again that this one had brought or changed."""
    cursor.execute(_LATER, {"id": import_id, "table": table})
    return [
        f"Import {later} ({file_name}) has changed {count} of the same {things} since; undo that one first."
        for later, file_name, count in cursor.fetchall()
    ]


_EDITED = sql.SQL("""
select e.actor_label, count(distinct e.row_id)
  from audit_event e
 where e.table_name = {name} and e.operation = 'update' and e.row_id <> ''
   and e.at > (select started_at from records_import where id = {job}) and e.row_id::bigint in ({rows})
 group by e.actor_label order by e.actor_label
""")


_UNEDITED = sql.SQL("""
select r.id from ({rows}) as r (id)
 where not exists (select from audit_event e
                    where e.table_name = {name} and e.operation = 'update' and e.row_id = r.id::text
                      and e.at > (select started_at from records_import where id = {job}))
""")


def edited_since(cursor: CursorWrapper, import_id: int, table: str, rows: sql.Composable, things: str) -> list[str]:
    """Sentences that name who has edited rows by hand that this import had brought or changed."""
    cursor.execute(_EDITED.format(name=sql.Literal(table), job=sql.Literal(import_id), rows=rows))
    return [f"{actor or 'Somebody'} has edited {count} of its {things} since." for actor, count in cursor.fetchall()]


def unedited_since(import_id: int, table: str, rows: sql.Composable) -> sql.Composed:
    """Those of the rows that nobody has edited by hand since this import started."""
    return _UNEDITED.format(name=sql.Literal(table), job=sql.Literal(import_id), rows=rows)


def created(import_id: int, table: str) -> sql.Composed:
    """The ids of rows of `table` (which has a column import_id) that the import brought."""
    return sql.SQL(
        "select t.id from {table} t where t.import_id = {job} and not exists (select from records_importundo u"
        " where u.job_id = {job} and u.table_name = {name} and u.row_id = t.id)"
    ).format(table=sql.Identifier(table), job=sql.Literal(import_id), name=sql.Literal(table))


@cache
def _columns(table: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped"
            " and attname <> 'id' and attgenerated = '' order by attnum",
            [table],
        )
        return tuple(row[0] for row in cursor.fetchall())
