"""The importer of contacts with customers: calls, notes, visits, mails as other systems list them."""

from __future__ import annotations

import json

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.customers.imports.people import SOURCES
from rapport.customers.imports.touchpoint_rows import CHANNELS, WHOM
from rapport.customers.normalizing import ORGANIZATION_PREFIX
from rapport.records.imports.importing import ColumnKind, Counts, ImportColumn, Importer, Option, Phase, Run
from rapport.records.imports.journal import UNDO_BATCH, created
from rapport.records.imports.staging import bucket_count

# Whom a row is about: everybody whose number it says; else whom its address, the name or the organization's number alone says.
_FIND = sql.SQL("""
create temporary table touchpoints_found on commit drop as
with numbered as (
    select s.line, p.id as profile_id, p.customer_id from {table} s
     cross join lateral unnest(array[s.customer_number] || case when position(';' in s.customer_number) > 0
                                   then string_to_array(s.customer_number, ';') else '{{}}' end) as said (number)
     cross join lateral (select id, customer_id from customers_profile
                          where source_id = {source} and external_id = btrim(said.number) offset 0) p
     where s.bucket = {bucket} and s.customer_number is not null
), addressed as (
    select s.line, e.profile_id, e.customer_id from {table} s
     cross join lateral (select min(profile_id) as profile_id, min(customer_id) as customer_id from customers_identifier
                          where kind = 1 and value_norm = s.email_norm having count(distinct customer_id) = 1) e
     where s.bucket = {bucket} and s.email_norm is not null and s.line not in (select line from numbered)
), named as (
    select s.line, n.profile_id, n.customer_id from {table} s join {names} n on n.name = lower(s.customer_name)
     where s.bucket = {bucket} and s.line not in (select line from numbered union all select line from addressed)
), of_organizations as (
    select s.line, p.id, p.customer_id from {table} s
     cross join lateral (select id, customer_id from customers_profile
                          where source_id = {source} and kind = 'organization'
                            and external_id in (s.organization_number, {organization} || s.organization_number)
                          order by external_id <> s.organization_number desc limit 1) p
     where s.bucket = {bucket}
       and s.line not in (select line from numbered union all select line from addressed union all select line from named)
)
select * from numbered union all select * from addressed union all select * from named union all select * from of_organizations
""")

_TAKE = sql.SQL("""
create temporary table touchpoints_chunk on commit drop as
select distinct on (customer_id, occurred_at, kind, direction, text) *
  from (select f.customer_id, f.profile_id, s.line, s.occurred_at, coalesce(s.kind, {kind}) as kind,
               coalesce(s.channel, {channel}) as channel, s.direction, coalesce(s.text, '') as text
          from {table} s join touchpoints_found f using (line) where s.bucket = {bucket}) s
 order by customer_id, occurred_at, kind, direction, text, line, profile_id
""")

# one look at the source's people for the whole file: there is no index over their names
_NAMES = sql.SQL("""
create unlogged table {names} as
select lower(p.name) as name, min(p.id) as profile_id, min(p.customer_id) as customer_id
  from customers_profile p
 where p.source_id = {source} and lower(p.name) in (select distinct lower(customer_name) from {table})
 group by 1 having count(distinct p.customer_id) = 1
""")

_ADD = sql.SQL("""
insert into customers_touchpoint (occurred_at, customer_id, profile_id, kind, channel, direction, summary, import_id)
select occurred_at, customer_id, profile_id, kind, channel, direction, text, {import_id}
  from touchpoints_chunk c
 where not exists (select from customers_touchpoint t
                    where t.customer_id = c.customer_id and t.occurred_at = c.occurred_at and t.kind = c.kind
                      and t.direction = c.direction and t.summary = c.text)
 order by customer_id, occurred_at
""")

_MAKE_MONTHS = sql.SQL("""
select touchpoint_partitions(month, month)
  from (select date_trunc('month', occurred_at)::date as month from {table} group by 1 order by count(*) desc, 1) m
""")
_NOTE_MONTHS = """
update records_import set counts = jsonb_set(counts, '{partitions}', coalesce(counts -> 'partitions', '[]') || %s::jsonb)
 where id = %s
"""
_DROP_MONTHS = """
select touchpoint_drop_partitions(array(select jsonb_array_elements_text(counts -> 'partitions')))
  from records_import where id = %s and counts ? 'partitions'
"""


def prepare_touchpoints(cursor: CursorWrapper, run: Run) -> int:
    before = _months(cursor)
    cursor.execute(_MAKE_MONTHS.format(table=run.table()))
    made = sorted(_months(cursor) - before)
    if made:
        cursor.execute(_NOTE_MONTHS, [json.dumps(made), run.import_id])
    _find_names(cursor, run)
    return bucket_count(cursor, run)


def apply_touchpoints(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    counts = _find(cursor, run, chunk)
    kind = run.answers.get("contact_kind") or "note"
    cursor.execute("drop table if exists pg_temp.touchpoints_chunk")
    cursor.execute(
        _TAKE.format(
            table=run.table(), bucket=sql.Literal(chunk), kind=sql.Literal(kind),
            channel=sql.Literal(CHANNELS.get(kind, "other")),
        )
    )  # fmt: skip
    distinct = int(cursor.rowcount)
    cursor.execute(_ADD.format(import_id=sql.Literal(run.import_id)))
    new = int(cursor.rowcount)
    return {"rows": counts["rows"], "new": new, "same": distinct - new, "unknown_customers": counts["unknown"]}


def _find_names(cursor: CursorWrapper, run: Run) -> None:
    names = run.table("names")
    cursor.execute(sql.SQL("drop table if exists {}").format(names))
    cursor.execute(_NAMES.format(names=names, source=sql.Literal(run.source_id), table=run.table()))
    cursor.execute(sql.SQL("analyze {}").format(names))


def _find(cursor: CursorWrapper, run: Run, chunk: int) -> dict[str, int]:
    cursor.execute("drop table if exists pg_temp.touchpoints_found")
    bucket = sql.Literal(chunk)
    cursor.execute(
        _FIND.format(
            table=run.table(), source=sql.Literal(run.source_id), bucket=bucket, names=run.table("names"),
            organization=sql.Literal(ORGANIZATION_PREFIX),
        )
    )  # fmt: skip
    cursor.execute(
        sql.SQL("""
            select count(*), count(*) filter (where line not in (select line from touchpoints_found))
              from {} where bucket = {}
        """).format(run.table(), bucket)
    )
    rows, unknown = cursor.fetchone()
    return {"rows": int(rows), "unknown": int(unknown)}


def preview_touchpoints(cursor: CursorWrapper, run: Run) -> Counts:
    _find_names(cursor, run)
    rows = unknown = 0
    for chunk in range(bucket_count(cursor, run)):
        found = _find(cursor, run, chunk)
        rows, unknown = rows + found["rows"], unknown + found["unknown"]
    return {"new": rows - unknown, "unknown_customers": unknown}


def no_conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    """A contact that came from a file hangs on nothing and nothing hangs on it."""
    return []


def undo_touchpoints(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute(
        sql.SQL("delete from customers_touchpoint where id in ({} limit {})").format(
            created(import_id, "customers_touchpoint"), sql.Literal(UNDO_BATCH)
        )
    )
    count = int(cursor.rowcount)
    if not count:
        cursor.execute(_DROP_MONTHS, [import_id])
    return count


def _months(cursor: CursorWrapper) -> set[str]:
    cursor.execute(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'customers_touchpoint'::regclass"
    )
    return {name for (name,) in cursor.fetchall()}


_COLUMNS = (
    ImportColumn(
        "customer_number", _("Number of the customer in the source"), ColumnKind.CODE, at_most=2000,
        aliases=("customer id", "customer number", "contact id", "person id", "whoid", "associated contact id", "kundennummer"),
    ),
    ImportColumn(
        "customer_email", _("E-mail of the customer"), ColumnKind.EMAIL, at_most=320,
        aliases=("email", "customer email", "contact email", "person email"),
    ),
    ImportColumn(
        "customer_name", _("Name of the customer"), at_most=500,
        aliases=("customer", "customer name", "contact", "contact name", "contact person", "person", "kunde"),
    ),
    ImportColumn(
        "organization_number", _("Number of the organization in the source"), ColumnKind.CODE, at_most=200,
        aliases=("organization id", "company id", "account id", "accountid", "associated company id"),
    ),
    ImportColumn(
        "occurred_at", _("When"), ColumnKind.INSTANT, required=True,
        aliases=("date", "activity date", "activitydate", "due date", "occurred at", "start time", "created at", "datum"),
    ),
    ImportColumn(
        "kind", _("Kind of contact"), at_most=100, aliases=("type", "activity type", "tasksubtype", "activity kind", "art")
    ),
    ImportColumn("channel", _("Channel"), at_most=60, aliases=("kanal", "canal")),
    ImportColumn("direction", _("Direction"), at_most=40, aliases=("call direction", "calltype", "richtung")),
    ImportColumn(
        "text", _("What it was about"), at_most=20_000,
        aliases=("subject", "summary", "content", "note", "notes", "description", "body", "betreff", "inhalt", "text"),
    ),
    ImportColumn(
        "details", _("More about it"), at_most=20_000,
        aliases=("description", "details", "comments", "full comments", "notes", "note", "body"),
    ),
    ImportColumn("done", _("Done"), at_most=40, aliases=("is done", "completed", "activity done")),
)  # fmt: skip
_KINDS_OF_FILES = (
    ("note", _("Note")),
    ("call", _("Call")),
    ("email", _("E-mail")),
    ("meeting", _("Meeting")),
    ("visit", _("Visit")),
)

TOUCHPOINTS = Importer(
    name="touchpoints",
    label=_("Contacts with customers: calls, notes, visits, mails"),
    object="touchpoint",
    columns=_COLUMNS,
    key=("customer_number", "customer_email"),
    sources=SOURCES,
    phases=(Phase("touchpoints", _("Contacts"), prepare_touchpoints, apply_touchpoints),),
    preview=preview_touchpoints,
    conflicts=no_conflicts,
    undo=undo_touchpoints,
    finish="rapport.customers.imports.touchpoint_rows.touchpoint_finisher",
    staged=(("email_norm", "text"),),
    options=(Option("contact_kind", _("Kind of contact where the file says none"), "note", _KINDS_OF_FILES),),
    order=35,
    is_guessed=False,
    told_apart_by=_(
        "The file has no column with the number of the customer. Rows find their customer by an e-mail address that one"
        " customer alone has, or by a name that one customer of the source alone has; contacts are told apart by customer,"
        " instant, kind and text together."
    ),
    one_of=(WHOM,),
)
