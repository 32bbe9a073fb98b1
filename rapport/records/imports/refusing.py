"""Rows that could be read and turn out to be out of place: refused by line, as those are that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from rapport.records.imports.importing import Run

_NOTHING_ELSE = sql.SQL("")
_FORGET = "delete from records_importproblem where job_id = %s and code = any(%s)"

_REFUSE = sql.SQL("""
insert into records_importproblem (job_id, line, "column", value, code, reason, "row")
select {job}, s.line, {header}, coalesce(s.{column}::text, ''), {code}, {reason}, jsonb_build_array({cells})
  from {table} s {joined} where {condition}
""")

_COUNT = """
update records_import i set problem_count = found.problems, counts = i.counts || jsonb_build_object('refused', found.lines)
  from (select count(*) as problems, count(distinct line) as lines from records_importproblem where job_id = %s) found
 where i.id = %s
"""


@dataclass(frozen=True)
class Refusal:
    """Staged rows `s` for which `condition` holds; the value of `column` is named. `reason` is for the catalogue."""

    code: str
    column: str
    condition: sql.Composable
    reason: str


def refuse_rows(
    cursor: CursorWrapper,
    run: Run,
    refusals: Sequence[Refusal],
    *,
    joined: sql.Composable = _NOTHING_ELSE,
    said: Mapping[str, str] | None = None,
) -> None:
    """List the rows, once, however often this runs. `said` names the staged columns that keep a value as the file has it."""
    said = said or {}
    cursor.execute(_FORGET, [run.import_id, sorted({refusal.code for refusal in refusals})])
    for refusal in refusals:
        cursor.execute(
            _REFUSE.format(
                job=sql.Literal(run.import_id), header=sql.Literal(_header(run, refusal.column)),
                column=sql.Identifier(said.get(refusal.column, refusal.column)), code=sql.Literal(refusal.code),
                reason=sql.Literal(refusal.reason), cells=_cells(run, said), table=run.table(), joined=joined,
                condition=refusal.condition,
            )
        )  # fmt: skip
    cursor.execute(_COUNT, [run.import_id, run.import_id])


def _header(run: Run, column: str) -> str:
    position = run.answers["mapping"].get(column)
    return str(run.answers["header"][position]) if position is not None else ""


def _cells(run: Run, said: Mapping[str, str]) -> sql.Composable:
    """The row as it can be told from the staged values, in the order of the file's columns."""
    by_position = {position: said.get(name, name) for name, position in run.answers["mapping"].items()}
    return sql.SQL(", ").join(
        sql.SQL("coalesce(s.{}::text, '')").format(sql.Identifier(by_position[at]))
        if at in by_position
        else sql.SQL("''")
        for at in range(len(run.answers["header"]))
    )
