"""The importer of tasks. Whose customers it speaks of is told by the room that knows customers."""

from __future__ import annotations

from collections.abc import Callable

from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from rapport.accounts.queries import active_staff, business_zone
from rapport.records.imports.importing import ColumnKind, Counts, ImportColumn, Importer, Phase, Run, Sources
from rapport.records.imports.journal import (
    UNDO_BATCH,
    created,
    edited_since,
    journal_rows,
    journaled,
    later_imports,
    restore_rows,
)
from rapport.records.imports.staging import bucket_count
from rapport.work.models import Attachment, Comment, Task

TABLE = "work_task"
_BATCH = sql.Literal(UNDO_BATCH)

_TAKE = sql.SQL("""
create temporary table tasks_chunk on commit drop as
select s.key, s.title, coalesce(s.text, '') as text, s.due_on, (s.due_on + 1)::timestamp at time zone {zone} as due_at,
       s.is_done, u.id as assignee_id, s.assignee is not null and u.id is null as nobody,
       c.customer_id, c.profile_id, s.customer_number is not null and c.customer_id is null as no_customer, t.id
  from (select distinct on (key) * from {table} where bucket = {bucket} order by key, line desc) s
  left join lateral (select min(id) as id from accounts_user
                      where is_active and lower(btrim(s.assignee)) in (lower(email), lower(name)) having count(*) = 1) u on true
  left join lateral ({whose}) c on true
  left join work_task t on t.source_id = {source} and t.external_id = s.key
""")

_NEW = sql.SQL("""
insert into work_task (record_kind, profile_id, customer_id, title, text, due_on, due_at, assignee_id, state, closed_at,
                       created_at, updated_at, source_id, external_id, import_id)
select case when customer_id is null then '' else {customer} end, profile_id, customer_id, title, text, due_on, due_at,
       assignee_id, case when is_done then 'done' else 'open' end, case when is_done then {now}::timestamptz end,
       {now}, {now}, {source}, key, {import_id}
  from tasks_chunk where id is null
returning id
""")

_SAID = {
    "title": ("title", "s.title"),
    "text": ("text", "s.text"),
    "due_on": ("due_on", "s.due_on"),
    "assignee": ("assignee_id", "coalesce(s.assignee_id, t.assignee_id)"),
}

_DIFFERS = sql.SQL("from tasks_chunk s where t.id = s.id and (({before}) is distinct from ({after}) or {closes})")
_CLOSES = sql.SQL("s.is_done and t.state = 'open'")

_CHANGE = sql.SQL("""
update work_task t
   set {assignments}, version = t.version + 1, updated_at = {now}, import_id = {import_id},
       state = case when {closes} then 'done' else t.state end,
       closed_at = case when {closes} then {now}::timestamptz else t.closed_at end
""")


def tasks_importer(*, sources: Sources, customer_kind: str, whose: sql.SQL) -> Importer:
    """`whose` selects profile_id and customer_id of the customer {source} calls `s.customer_number`."""
    return Importer(
        name="tasks",
        label=_("Tasks"),
        object="task",
        columns=(
            ImportColumn("title", _("What is to do"), required=True, at_most=300, aliases=_TITLES),
            ImportColumn("external_id", _("Id of the task"), ColumnKind.CODE, at_most=200, aliases=_IDS),
            ImportColumn("text", _("More about it"), at_most=20_000, aliases=_TEXTS),
            ImportColumn("due_on", _("Due on"), ColumnKind.DATE, aliases=_DAYS),
            ImportColumn("assignee", _("Who does it: e-mail address or name"), at_most=320, aliases=_PEOPLE),
            ImportColumn("customer_number", _("Customer number"), ColumnKind.CODE, at_most=2000, aliases=_CUSTOMERS),
            ImportColumn(
                "done", _("Done"), at_most=40, aliases=("status", "completed", "is done", "task status", "state")
            ),
        ),
        key=("external_id",),
        sources=sources,
        phases=(Phase("tasks", _("Tasks"), bucket_count, _applier(customer_kind, whose)),),
        preview=_preview,
        conflicts=_conflicts,
        undo=_undo,
        finish="rapport.work.task_rows.task_finisher",
        staged=(("is_done", "boolean"),),
        order=60,
    )


_TITLES = ("task", "subject", "title", "task title", "task name", "to do", "activity subject", "task subject")
_IDS = ("task id", "id", "activity id", "record id")
_TEXTS = ("description", "notes", "comments", "text", "task notes", "note", "full comments")
_DAYS = ("due date", "due", "deadline", "due on", "activity date", "date due")
_PEOPLE = ("assignee", "assigned to", "owner", "owner email", "assignee email", "assigned to email", "responsible")
_CUSTOMERS = (
    "customer id",
    "customer no",
    "customer",
    "contact id",
    "client id",
    "account id",
    "associated contact id",
)


def _applier(customer_kind: str, whose: sql.SQL) -> Callable[[CursorWrapper, Run, int], Counts]:
    def apply(cursor: CursorWrapper, run: Run, chunk: int) -> Counts:
        """The last row of a key wins; columns that the file does not have stay; a task that is done stays done."""
        values: dict[str, sql.Composable] = {
            "source": sql.Literal(run.source_id), "import_id": sql.Literal(run.import_id), "table": run.table(),
            "bucket": sql.Literal(chunk), "zone": sql.Literal(business_zone().key), "now": sql.Literal(run.seen_at),
            "customer": sql.Literal(customer_kind), "closes": _CLOSES,
        }  # fmt: skip
        cursor.execute("drop table if exists pg_temp.tasks_chunk")
        cursor.execute(sql.SQL("select count(*) from {table} where bucket = {bucket}").format(**values))
        rows = int(cursor.fetchone()[0])
        cursor.execute(_TAKE.format(**values, whose=whose.format(source=values["source"])))
        distinct = int(cursor.rowcount)
        changed = _change(cursor, run, values)
        cursor.execute(_NEW.format(**values))
        new = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "select count(*) filter (where nobody), count(*) filter (where no_customer), array_agg(id) from tasks_chunk"
        )
        nobody, no_customer, known = cursor.fetchone()
        blind = _take_from_the_blind([*new, *(each for each in known or () if each)])
        return {
            "rows": rows, "new": len(new), "changed": changed, "same": distinct - len(new) - changed,
            "repeated": rows - distinct, "unassigned": nobody + blind, "without_customer": no_customer,
        }  # fmt: skip

    return apply


def _change(cursor: CursorWrapper, run: Run, values: dict[str, sql.Composable]) -> int:
    said = [_SAID[name] for name in _SAID if name in run.columns]
    before = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column, _value in said)
    after = sql.SQL(", ").join(sql.SQL(value) for _column, value in said)
    assignments = [sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(value)) for column, value in said]
    if "due_on" in run.columns:
        is_other = sql.SQL("t.due_on is distinct from s.due_on")
        assignments += [
            sql.SQL("due_at = case when {0} then s.due_at else t.due_at end").format(is_other),
            sql.SQL("has_due_time = t.has_due_time and not ({})").format(is_other),
        ]
    differing = _DIFFERS.format(before=before, after=after, closes=_CLOSES)
    found = sql.SQL("select t.id from work_task t where exists (select {})").format(differing)
    journal_rows(cursor, run, TABLE, found)
    cursor.execute(_CHANGE.format(**values, assignments=sql.SQL(", ").join(assignments)) + differing)
    return int(cursor.rowcount)


def _take_from_the_blind(ids: list[int]) -> int:
    """Nobody is given a task about what she may not see: it then waits for somebody to take it."""
    taken = 0
    assigned = Task.objects.filter(pk__in=ids).exclude(assignee=None)
    for person in active_staff(sorted(set(assigned.values_list("assignee_id", flat=True)))):
        mine = assigned.filter(assignee=person)
        taken += mine.exclude(pk__in=Task.objects.visible_to(person).values("pk")).update(assignee=None)
    return taken


def _preview(cursor: CursorWrapper, run: Run) -> Counts:
    cursor.execute(
        sql.SQL("""
            select count(*) filter (where t.id is null), count(t.id)
              from (select distinct key from {}) s left join work_task t on t.source_id = {} and t.external_id = s.key
        """).format(run.table(), sql.Literal(run.source_id))
    )
    new, known = cursor.fetchone()
    return {"new": new, "known": known}


def _conflicts(cursor: CursorWrapper, import_id: int) -> list[str]:
    tasks = sql.SQL("select id from work_task where import_id = {}").format(sql.Literal(import_id))
    reasons = [
        *later_imports(cursor, import_id, TABLE, "tasks"),
        *edited_since(cursor, import_id, TABLE, tasks, "tasks"),
    ]
    cursor.execute(created(import_id, TABLE))
    brought = [row[0] for row in cursor.fetchall()]
    on_them = {"comments": Comment, "files": Attachment}
    for things, model in on_them.items():
        count = model._default_manager.filter(record_kind="task", record_id__in=brought).count()
        if count:
            reasons.append(f"{count} {things} stand on tasks that it brought.")
    return reasons


def _undo(cursor: CursorWrapper, import_id: int) -> int:
    cursor.execute(sql.SQL("delete from work_task where id in ({} limit {})").format(created(import_id, TABLE), _BATCH))
    if cursor.rowcount:
        return int(cursor.rowcount)
    return restore_rows(cursor, import_id, TABLE, sql.SQL("{} limit {}").format(journaled(import_id, TABLE), _BATCH))
