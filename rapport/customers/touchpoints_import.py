"""The importer of contacts with customers: calls, notes, visits, mails as other systems list them."""

from __future__ import annotations

import json

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.customers.people_import import SOURCES
from rapport.records.importing import ColumnKind, Counts, ImportColumn, Importer, Phase, Run
from rapport.records.journal import UNDO_BATCH, created
from rapport.records.staging import bucket_count

# by the number in the source; else by an e-mail address that points at one customer alone
_FIND = sql.SQL("""
create temporary table touchpoints_chunk on commit drop as
select distinct on (customer_id, s.occurred_at, s.kind, s.direction, s.text)
       coalesce(n.id, e.profile_id) as profile_id, coalesce(n.customer_id, e.customer_id) as customer_id, s.occurred_at, s.kind,
       s.channel, s.direction, s.text, s.line
  from {table} s
  left join lateral (select id, customer_id from customers_profile
                      where source_id = {source} and external_id = s.customer_number offset 0) n on true
  left join lateral (select min(profile_id) as profile_id, min(customer_id) as customer_id from customers_identifier
                      where kind = 1 and value_norm = s.email_norm having count(distinct customer_id) = 1) e on n.id is null
 where s.bucket = {bucket} and coalesce(n.customer_id, e.customer_id) is not null
 order by customer_id, s.occurred_at, s.kind, s.direction, s.text, s.line
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
    return bucket_count(cursor, run)


def apply_touchpoints(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
    rows = _find(cursor, run, chunk)
    cursor.execute("select count(*) from touchpoints_chunk")
    found = int(cursor.fetchone()[0])
    cursor.execute(_ADD.format(import_id=sql.Literal(run.import_id)))
    new = int(cursor.rowcount)
    return {"rows": rows["rows"], "new": new, "same": found - new, "unknown_customers": rows["unknown"]}


def _find(cursor: CursorWrapper, run: Run, chunk: int) -> dict[str, int]:
    cursor.execute("drop table if exists pg_temp.touchpoints_chunk")
    values = {"table": run.table(), "source": sql.Literal(run.source_id), "bucket": sql.Literal(chunk)}
    cursor.execute(_FIND.format(**values))
    cursor.execute(
        sql.SQL("""
            select count(*), count(*) filter (where not exists (
                       select from customers_profile p where p.source_id = {source} and p.external_id = s.customer_number)
                   and (select count(distinct i.customer_id) from customers_identifier i
                         where i.kind = 1 and i.value_norm = s.email_norm) <> 1)
              from {table} s where s.bucket = {bucket}
        """).format(**values)
    )
    rows, unknown = cursor.fetchone()
    return {"rows": int(rows), "unknown": int(unknown)}


def preview_touchpoints(cursor: CursorWrapper, run: Run) -> Counts:
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


TOUCHPOINTS = Importer(
    name="touchpoints",
    label=_("Contacts with customers: calls, notes, visits, mails"),
    object="touchpoint",
    columns=(
        ImportColumn(
            "customer_number",
            _("Number of the customer in the source"),
            ColumnKind.CODE,
            at_most=200,
            aliases=(
                "customer id",
                "customer number",
                "contact id",
                "person id",
                "whoid",
                "associated contact id",
                "kundennummer",
            ),
        ),
        ImportColumn(
            "customer_email",
            _("E-mail of the customer"),
            ColumnKind.EMAIL,
            at_most=320,
            aliases=("email", "customer email", "contact email", "person email"),
        ),
        ImportColumn(
            "occurred_at",
            _("When"),
            ColumnKind.INSTANT,
            required=True,
            aliases=(
                "date",
                "activity date",
                "activitydate",
                "due date",
                "occurred at",
                "start time",
                "created at",
                "datum",
            ),
        ),
        ImportColumn(
            "kind",
            _("Kind of contact"),
            at_most=100,
            aliases=("type", "activity type", "tasksubtype", "activity kind", "art"),
        ),
        ImportColumn("channel", _("Channel"), at_most=60, aliases=("kanal", "canal")),
        ImportColumn("direction", _("Direction"), at_most=40, aliases=("call direction", "calltype", "richtung")),
        ImportColumn(
            "text",
            _("What it was about"),
            at_most=2000,
            aliases=(
                "subject",
                "summary",
                "content",
                "note",
                "notes",
                "description",
                "body",
                "betreff",
                "inhalt",
                "text",
            ),
        ),
    ),
    key=("customer_number", "customer_email"),
    sources=SOURCES,
    phases=(Phase("touchpoints", _("Contacts"), prepare_touchpoints, apply_touchpoints),),
    preview=preview_touchpoints,
    conflicts=no_conflicts,
    undo=undo_touchpoints,
    finish="rapport.customers.touchpoint_rows.touchpoint_finisher",
    staged=(("email_norm", "text"),),
    order=35,
    is_guessed=False,
    told_apart_by=_(
        "The file has no column with the number of the customer. Rows find their customer by an e-mail address that one"
        " customer alone has; contacts are told apart by customer, instant, kind and text together."
    ),
)
