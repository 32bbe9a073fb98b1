"""Scores written back as traits, of BENCH_SCALE customers (1,000,000), against bare COPY of the same rows.

Three tables are filled as the product does it (a spare table is emptied, filled, indexed and swapped in) and each is compared
with one COPY of the same rows, as text that was made beforehand, into a table of the same form: the same columns, the primary
key and the same indexes. The goal: 0.4 of its speed. Beside it COPY into the columns alone, what it takes to work the scores
out, how long it takes to compare next actions, and the peak of memory. An own, throw-away PostgreSQL.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from bench.apart import migrated_database, run_apart
from bench.shop import NOW, peak_megabytes, write_numbers, write_shop

GOAL, ROUNDS = 0.4, 3
_BLOCK = 1 << 20


def run() -> None:
    run_apart("bench.scores", int(os.environ.get("BENCH_SCALE", "1000000")))


def measure(customers: int) -> None:
    """In a process of its own, whose RAPPORT_HOME is empty."""
    with migrated_database():
        write_shop(customers)
        write_numbers()
        compare()


def compare() -> None:
    """Where the numbers stand already."""
    from rapport.core.clock import business_day
    from rapport.insight import queries
    from rapport.insight.actions import BACKGROUND
    from rapport.insight.churn import scores as churn_scores
    from rapport.insight.churn.learning import learn_from_purchases
    from rapport.insight.five_worths import keeping as five_worths_keeping
    from rapport.insight.lifetime import scores as lifetime_scores
    from rapport.insight.reports import reports

    snapshot = queries.current_snapshot()
    assert snapshot is not None
    as_of, amounts = business_day(NOW, zone=queries.report_settings().zone), queries.unit_amounts()
    with reports(snapshot, rules=queries.segment_rules(), engine=BACKGROUND) as answers:
        learned = queries.newest_model("clv")
        assert learned is not None
        _compare(
            lifetime_scores._TABLE, lifetime_scores._COLUMNS, lambda: lifetime_scores._parts(answers, learned, as_of)
        )
        _compare(
            five_worths_keeping._TABLE,
            (*five_worths_keeping._PLAIN, *five_worths_keeping._ARRAYS),
            lambda: five_worths_keeping._parts(answers, as_of, amounts),
        )
        foretold = learn_from_purchases(answers, as_of=as_of).foretold
        _compare(churn_scores._TABLE, churn_scores._COLUMNS, lambda: churn_scores._parts(foretold))
    print(f"   peak memory: {peak_megabytes():,.0f} MB", flush=True)


def _compare(table: str, columns: tuple[str, ...], parts: Callable[[], Iterable[Any]]) -> None:
    """In turns; the best of each, so that what else the machine does falls on neither. What is written is there by then."""
    from rapport.insight.spare_tables import replace_rows

    began = time.perf_counter()
    made = list(parts())
    worked_out, rows = time.perf_counter() - began, sum(part.num_rows for part in made)
    text = _text_of(table, columns)
    product, form, plain = [], [], []
    for _round in range(ROUNDS):
        product.append(_timed(lambda: replace_rows(table, columns, made, called="scores")))
        form.append(_timed(lambda: _copied(table, columns, text, indexed=True)))
        plain.append(_timed(lambda: _copied(table, columns, text, indexed=False)))
    ours, same_form, alone = (min(each) for each in (product, form, plain))
    ratio = same_form / ours
    verdict = "reached" if ratio >= GOAL else "missed"
    print(
        f"   {table:<16} {rows:>9,} rows worked out in {worked_out:5.1f} s, written in {ours:5.1f} s;"
        f" COPY {same_form:.1f} s, into columns alone {alone:.1f} s"
    )
    print(
        f"   {table:<16} COPY / product = {ratio:.2f}  goal {GOAL}: {verdict}  (columns alone: {alone / ours:.2f})",
        flush=True,
    )


def _text_of(table: str, columns: tuple[str, ...]) -> bytes:
    from django.db import connection
    from psycopg import sql

    target = io.BytesIO()
    statement = sql.SQL("copy {} ({}) to stdout (format csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            target.write(block)
    return target.getvalue()


def _copied(table: str, columns: tuple[str, ...], text: bytes, *, indexed: bool) -> None:
    """Into a table that was not there before; with `indexed` it has its indexes before the rows come."""
    from django.db import connection
    from psycopg import sql

    form = "including defaults including constraints" + (" including indexes" if indexed else "")
    into = sql.SQL("copy bench_form ({}) from stdin (format csv)").format(
        sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists bench_form")
        cursor.execute(sql.SQL("create table bench_form (like {} {})").format(sql.Identifier(table), sql.SQL(form)))
        with cursor.copy(into) as copy:
            for start in range(0, len(text), _BLOCK):
                copy.write(text[start : start + _BLOCK])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    measure(int(sys.argv[1]))
