"""Taking a person out of what imports and exports keep: refused rows, the undo journal, staged rows, files."""

from __future__ import annotations

import json
from typing import Any, LiteralString

from django.db import connection
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.core.needles import patterns
from rapport.core.owned import OwnedTable
from rapport.core.personal import Person, PersonalTable, personal_tables, remove_unless_needed
from rapport.core.rooms import contributions
from rapport.records.bulk.models import BulkRun, BulkState, Selection
from rapport.records.imports.file_copies import FileCopy, find_copies
from rapport.records.imports.xlsx import forget_tables
from rapport.records.models import Export, ExportState, Import, ImportProblem, ImportUndo

ERASED_ROWS, ERASED_FILE = "erased_rows", "erased_file"

# of rows that are there, and of rows of hers that have gone; each half goes by an index
_JOURNALED = sql.SQL("""
select u.id from records_import j
 cross join unnest(%(tables)s::text[], %(all_ids)s::bigint[]) r (name, id)
  join records_importundo u on u.job_id = j.id and u.table_name = r.name and u.row_id = r.id
union
select u.id from records_importundo u
 where u.previous ? 'profile_id' and (u.previous ->> 'profile_id')::bigint = any(%(profiles)s)
""")

_EMPTY_JOURNAL = sql.SQL("""
update records_importundo u set previous = u.previous || jsonb_build_object({pairs})
 where u.table_name = {name} and u.id in ({journaled})
""")

_FORGET_JOURNAL = sql.SQL(
    "delete from records_importundo u where not (u.table_name = any(%(emptied)s)) and u.id in ({})"
).format(_JOURNALED)

# what an import says in words of its own, and what stands there afterwards
_WORDS: dict[str, LiteralString] = {"file_name": "'erased'", "failure": "''", "looked": "'{}'"}
_NAMING = sql.SQL(
    "(lower(t.{0}::text) like any(%(texts)s) or translate(lower(t.{0}::text), '_-.+', '    ') like any(%(texts)s))"
)


def find_problems(person: Person) -> list[int]:
    """Refused rows that are hers by their line, or that mention an address, a number or a name of hers."""
    with connection.cursor() as cursor:
        cursor.execute(
            'select id from records_importproblem where (job_id, line) in (select * from unnest(%s::bigint[], %s::integer[]))'
            ' or lower(row::text || E\'\\n\' || value || E\'\\n\' || reason || E\'\\n\' || "column") like any(%s)',
            [[job for job, _ in person.lines], [line for _, line in person.lines],
             patterns(person.identifying | person.names)],
        )  # fmt: skip
        return [row[0] for row in cursor.fetchall()]


def collect_copies(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What stands of her in files that came in, among the refused rows, and in the journal."""
    names = dict(Import.objects.values_list("pk", "file_name"))
    problems = ImportProblem.objects.filter(pk__in=find_problems(person)).values(
        "job_id", "line", "row", "column", "reason", "value"
    )
    rows: list[dict[str, Any]] = [
        {"file": names.get(copy.import_id, ""), "import": copy.import_id, "line": line, "row": cells}
        for copy in find_copies(person)
        for line, cells in copy.rows
    ]
    journal = ImportUndo.objects.filter(pk__in=_journaled(person)).values("job_id", "table_name", "row_id", "previous")
    return {
        "import_rows": rows,
        "refused_rows": [dict(row) for row in problems],
        "rows_before_imports": [dict(row) for row in journal],
        "imports_that_name_her": _words_of(person),
    }


def forget_person(person: Person) -> dict[str, int]:
    """To be called inside `acting`, before her rows are deleted. Says how many rows of what were taken out."""
    counts = {"records_importproblem": _forget_problems(person)}
    with connection.cursor() as cursor:
        counts["records_importundo"] = _forget_journal(cursor, person)
        counts["staging"] = _forget_staged(cursor, person)
    copies = find_copies(person)
    counts["import files"] = len(copies)
    counts["rows of import files"] = sum(_forget_copy(copy) for copy in copies)
    counts["records_import"] = _forget_words(person)
    counts["records_export"] = _forget_exports()
    counts["records_selection"] = _forget_selections()
    return {name: count for name, count in counts.items() if count}


def _forget_problems(person: Person) -> int:
    found = find_problems(person)
    jobs = set(ImportProblem.objects.filter(pk__in=found).values_list("job_id", flat=True))
    ImportProblem.objects.filter(pk__in=found).delete()
    for job in jobs:
        Import.objects.filter(pk=job).update(problem_count=ImportProblem.objects.filter(job_id=job).count())
    return len(found)


def _journaled(person: Person) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_JOURNALED, _parameters(person))
        return [row[0] for row in cursor.fetchall()]


def _parameters(person: Person) -> dict[str, Any]:
    rows = [(table, each) for table, ids in person.rows.items() for each in ids]
    return {
        "profiles": list(person.profiles),
        "tables": [table for table, _ in rows], "all_ids": [each for _, each in rows],
    }  # fmt: skip


def _forget_journal(cursor: CursorWrapper, person: Person) -> int:
    """Rows that stay without her stay so in the journal too, or undoing the import would take them for its own."""
    count, emptied = 0, []
    declared: list[OwnedTable | PersonalTable] = [*contributions("owned", "OWNED", OwnedTable), *personal_tables()]
    for table in declared:
        if table.emptied is None:
            continue
        emptied.append(table.table)
        pairs = sql.SQL(", ").join(
            sql.SQL("{}, {}").format(sql.Literal(column), sql.SQL(_as_json(value)))  # type: ignore[arg-type]
            for column, value in table.emptied.items()
        )
        statement = _EMPTY_JOURNAL.format(pairs=pairs, name=sql.Literal(table.table), journaled=_JOURNALED)
        cursor.execute(statement, _parameters(person))
        count += int(cursor.rowcount)
    cursor.execute(_FORGET_JOURNAL, {**_parameters(person), "emptied": emptied})
    return count + int(cursor.rowcount)


def _as_json(value: str) -> str:
    return f"({value})::jsonb" if value.startswith("'{") else value


def _forget_staged(cursor: CursorWrapper, person: Person) -> int:
    cursor.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'staging' and c.relkind = 'r'"
    )
    count = 0
    for (name,) in cursor.fetchall():
        cursor.execute(
            sql.SQL("delete from {} t where lower(t::text) like any(%s)").format(sql.Identifier("staging", name)),
            [patterns(person.identifying | person.names)],
        )
        count += int(cursor.rowcount)
    return count


def _forget_copy(copy: FileCopy) -> int:
    """Put a file without her rows in the place of each that holds them, for every import that names it."""
    stored = copy.without_rows()
    for job in Import.objects.filter(file_digest=copy.stored.digest):
        counts = {**job.counts, ERASED_ROWS: int(job.counts.get(ERASED_ROWS, 0)) + len(copy.rows)}
        if copy.is_unreadable:
            counts[ERASED_FILE] = 1
        Import.objects.filter(pk=job.pk).update(
            file_digest=stored.digest, file_size=stored.size, looked={}, counts=counts
        )
    remove_unless_needed([copy.stored.digest])
    forget_tables(copy.stored.path)
    return len(copy.rows)


def _words_of(person: Person) -> list[dict[str, Any]]:
    found = []
    with connection.cursor() as cursor:
        for column in _WORDS:
            cursor.execute(
                sql.SQL("select t.id, to_jsonb(t.{0})::text from records_import t where {1} order by t.id").format(
                    sql.Identifier(column), _NAMING.format(sql.Identifier(column))
                ),
                {"texts": patterns(person.identifying | person.names)},
            )
            found += [{"import": key, "where": column, "said": json.loads(said)} for key, said in cursor.fetchall()]
    return found


def _forget_words(person: Person) -> int:
    """Names of files, samples shown while questions were open, and failures may quote a row."""
    count = 0
    with connection.cursor() as cursor:
        for column, empty in _WORDS.items():
            cursor.execute(
                sql.SQL("update records_import t set {} = {} where {}").format(
                    sql.Identifier(column), sql.SQL(empty), _NAMING.format(sql.Identifier(column))
                ),
                {"texts": patterns(person.identifying | person.names)},
            )
            count += int(cursor.rowcount)
    return count


def _forget_exports() -> int:
    """Lists written as files are kept for a day and cannot be searched by person: they all go, and can be made again."""
    kept = Export.objects.exclude(file_digest="")
    remove_unless_needed(list(kept.values_list("file_digest", flat=True)))
    return kept.update(file_digest="", file_size=0, query="", file_name="", failure="", state=ExportState.CANCELLED)


def _forget_selections() -> int:
    """What was searched for may be a name. What has not begun goes with it, for without its search it would mean everybody."""
    searched = Selection.objects.exclude(query="")
    begun = BulkRun.objects.exclude(state=BulkState.DRAFT).values("selection_id")
    return searched.exclude(pk__in=begun).delete()[0] + searched.update(query="")
