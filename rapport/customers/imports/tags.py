"""Tags that a file names: they are added to the customers it brings or knows, and none is taken away."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.acting import SYSTEM
from rapport.records.imports.importing import Counts, Run
from rapport.records.imports.journal import journal_rows, journaled, unedited_since
from rapport.records.imports.staging import bucket_count
from rapport.records.tags.actions import ensure_tags
from rapport.records.tags.tagging import LONGEST_LABEL, MOST_TAGS, TagRefused

TAGS = "tags"
_OBJECT = sql.Literal("customer")
_SPLIT = sql.SQL(
    "regexp_split_to_table({}, '[;,|\\n]') as part (text)"
    " cross join lateral (select btrim(regexp_replace(part.text, '\\s+', ' ', 'g'))) as said (label)"
)

_LABELS = sql.SQL("""
select (array_agg(said.label order by s.line))[1]
  from (select tags, min(line) as line from {table} where tags is not null group by tags) s cross join {split}
 where said.label <> '' and length(said.label) <= {longest}
   and not exists (select from records_tag t
                    where t.object = {object} and t.put_away_at is null and lower(t.label) = lower(said.label))
 group by lower(said.label) order by 1 limit {most}
""")

_NAMED = sql.SQL("""
create temporary table tags_chunk on commit drop as
select found.customer_id, jsonb_agg(distinct t.value order by t.value) as tags
  from (select distinct on (key) key, tags from {table} where bucket = {bucket} order by key, line desc) s
 cross join lateral (select p.customer_id from customers_profile p
                      where p.source_id = {source} and p.external_id = s.key
                     union {known}) found
 cross join {split}
  join records_tag t on t.object = {object} and t.put_away_at is null and lower(t.label) = lower(said.label)
 where s.tags is not null
 group by found.customer_id
""")
_BY_ID = sql.SQL("select c.id from customers_customer c where c.public_id::text = s.key and c.merged_into_id is null")
_NOBODY = sql.SQL("select null::bigint where false")

_CHANGING = sql.SQL("""
select c.id from tags_chunk t join customers_customer c on c.id = t.customer_id
 where c.trashed_at is null and not coalesce(c.tags, '[]') @> t.tags
""")

# those whom nothing but this import knows go with it, and need not be put back
_KNOWN_BEFORE = sql.SQL("""
select c.id from ({changing}) c
 where exists (select from customers_profile p where p.customer_id = c.id
                and (p.import_id is distinct from {import_id} or p.id in ({journaled})))
""")

_ADD = sql.SQL("""
update customers_customer c
   set tags = (select jsonb_agg(distinct value order by value)
                 from jsonb_array_elements_text(coalesce(c.tags, '[]') || t.tags) value),
       tags_alone = case when c.tags_alone is not null then (
           select jsonb_agg(distinct value order by value) from jsonb_array_elements_text(c.tags_alone || t.tags) value) end,
       version = c.version + 1, updated_at = now()
  from tags_chunk t where c.id = t.customer_id and c.id in ({changing})
""")

_PUT_BACK = sql.SQL("""
update customers_customer c set tags = nullif(u.previous -> 'tags', 'null')
  from records_importundo u
 where u.job_id = {import_id} and u.table_name = 'customers_customer' and u.row_id = c.id
   and c.tags_alone is null and c.merged_into_id is null and c.tags is distinct from nullif(u.previous -> 'tags', 'null')
   and c.id in ({unedited})
""")


def prepare_tags(cursor: CursorWrapper, run: Run) -> int:
    """Make the tags that are new; those of which there would be too many are left out."""
    if TAGS not in run.columns:
        return 0
    cursor.execute(
        _LABELS.format(
            table=run.table(), split=_SPLIT.format(sql.SQL("s.tags")), longest=sql.Literal(LONGEST_LABEL),
            object=_OBJECT, most=sql.Literal(MOST_TAGS),
        )
    )  # fmt: skip
    for (label,) in cursor.fetchall():
        try:
            ensure_tags("customer", [label], by=SYSTEM)
        except TagRefused:
            break
    return bucket_count(cursor, run)


def apply_tags(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    cursor.execute("drop table if exists pg_temp.tags_chunk")
    cursor.execute(
        _NAMED.format(
            table=run.table(), bucket=sql.Literal(chunk), source=sql.Literal(run.source_id), object=_OBJECT,
            known=_BY_ID if "rapport_id" in run.columns else _NOBODY, split=_SPLIT.format(sql.SQL("s.tags")),
        )
    )  # fmt: skip
    rows = int(cursor.rowcount)
    before = _KNOWN_BEFORE.format(
        changing=_CHANGING,
        import_id=sql.Literal(run.import_id),
        journaled=journaled(run.import_id, "customers_profile"),
    )
    journal_rows(cursor, run, "customers_customer", before)
    cursor.execute(_ADD.format(changing=_CHANGING))
    return {"rows": rows, "changed": int(cursor.rowcount)}


def undo_tags(cursor: CursorWrapper, import_id: int) -> int:
    """Those who were here before have the tags they had, where nobody has edited them since."""
    rows = journaled(import_id, "customers_customer")
    unedited = unedited_since(import_id, "customers_customer", rows)
    cursor.execute(_PUT_BACK.format(import_id=sql.Literal(import_id), unedited=unedited))
    return int(cursor.rowcount)
