"""The groups behind a report: how many records each has, and what their fields add up to; one statement, through the gate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import errors, sql

from rapport.accounts.queries import business_zone
from rapport.insight import queries
from rapport.insight.report_builder.questions import Dimension, Question
from rapport.insight.reports import NotYetMade, reports
from rapport.records.lists.querying import ListRequest
from rapport.records.lists.sql import SEARCH_LOOKS_AT, ListQuery, run
from rapport.records.registry import Field, FieldKind

LOOKS_AT = 500_000
MOST_GROUPS = 5_000
SECONDS = 8.0
Key = tuple[Any, ...]
Added = tuple[Decimal | int, int]


class ReportTooLarge(ValueError):
    """The report has too many parts, or takes too long; the words say so, for a person."""


class ReportTooSlow(ReportTooLarge):
    """It took longer than it may."""


@dataclass(frozen=True)
class Sums:
    """How many records, and of each field by currency what they add up to and how many have a value."""

    count: int = 0
    added: Mapping[str, Mapping[str, Added]] = field(default_factory=dict)

    def __add__(self, other: Sums) -> Sums:
        added: dict[str, dict[str, Added]] = {name: dict(each) for name, each in self.added.items()}
        for name, of_field in other.added.items():
            mine = added.setdefault(name, {})
            for currency, (total, filled) in of_field.items():
                known = mine.get(currency, (0, 0))
                mine[currency] = (known[0] + total, known[1] + filled)
        return Sums(self.count + other.count, added)


@dataclass(frozen=True)
class Tally:
    """The sums of every combination of values; texts by their small letters, with `labels` as they are written.

    `is_capped` where not all records were looked at; `as_of` is the day of the snapshot behind a mart.
    """

    cells: Mapping[Key, Sums]
    labels: Mapping[tuple[int, Any], str]
    is_capped: bool = False
    as_of: date | None = None
    currency: str = ""


def tally(question: Question, *, seconds: float = SECONDS, only_kept: bool = False) -> Tally:
    """Count and add up. Raises ReportTooLarge; SnapshotMissing and UnableToCompute of a mart.

    What is `only_kept` is of a mart whose answer is there; any other is too slow, for the engine knows no limit of time.
    """
    if question.asked is None:
        return _of_mart(question, only_kept=only_kept)
    with _within(seconds):
        return _of_list(question, question.asked)


def measured_fields(question: Question) -> list[Field]:
    return list({each.field.name: each.field for each in question.measures if each.field is not None}.values())


def _of_list(question: Question, asked: ListRequest) -> Tally:
    query, measured = ListQuery(asked), measured_fields(question)
    currency = _currency_of(asked, measured)
    keys = [_key(each) for each in question.dimensions]
    values = sql.SQL(", ").join(
        [
            *(sql.SQL("{} as k{}").format(key, sql.SQL(str(place))) for place, key in enumerate(keys)),
            sql.SQL("{} as currency").format(sql.SQL(currency.sql if currency is not None else "null::text")),
            *(sql.SQL("{} as m{}").format(sql.SQL(each.sql), sql.SQL(str(n))) for n, each in enumerate(measured)),
        ]
    )
    most = SEARCH_LOOKS_AT if asked.words else LOOKS_AT
    needed = [each.field for each in question.dimensions] + measured + ([currency] if currency is not None else [])
    inner = query.select(
        values, conditions=query.conditions(), tail=(sql.SQL(" limit {}").format(most + 1), []),
        joins=[each.join for each in needed],
    )  # fmt: skip
    found = run(_grouped(question, inner[0], len(measured)), inner[1])
    if len(found) > MOST_GROUPS:
        raise ReportTooLarge(
            _("This has more than %(count)s parts. Break it down by something else, or narrow it.")
            % {"count": f"{MOST_GROUPS:,}"}
        )
    return _read(found, question, measured, most)


def _grouped(question: Question, inner: sql.Composable, measured: int) -> sql.Composed:
    columns = [sql.SQL(f"k{place}") for place in range(len(question.dimensions))]
    is_text = [each.field.kind is FieldKind.TEXT for each in question.dimensions]
    keys = [sql.SQL("lower({})" if text else "{}").format(key) for key, text in zip(columns, is_text, strict=True)]
    labels = [sql.SQL("min({})" if text else "null").format(key) for key, text in zip(columns, is_text, strict=True)]
    sums = [sql.SQL(f"sum(m{n}), count(m{n})") for n in range(measured)]
    groups = sql.SQL(", ").join(sql.SQL(str(place)) for place in range(1, len(keys) + 2))
    return sql.SQL("select {} from ({}) looked_at group by {} limit {}").format(
        sql.SQL(", ").join([*keys, sql.SQL("currency"), *labels, sql.SQL("count(*)"), *sums]),
        inner, groups, MOST_GROUPS + 1,
    )  # fmt: skip


def _read(found: list[tuple[Any, ...]], question: Question, measured: list[Field], most: int) -> Tally:
    wide = len(question.dimensions)
    cells: dict[Key, Sums] = {}
    labels: dict[tuple[int, Any], str] = {}
    for row in found:
        key, currency, said, count = row[:wide], row[wide] or "", row[wide + 1 : 2 * wide + 1], row[2 * wide + 1]
        sums = row[2 * wide + 2 :]
        added = {
            each.name: {currency if each.kind is FieldKind.MONEY else "": (sums[2 * n], sums[2 * n + 1])}
            for n, each in enumerate(measured)
            if sums[2 * n] is not None
        }
        cells[key] = cells.get(key, Sums()) + Sums(count, added)
        for place, label in enumerate(said):
            if label is not None:
                known = labels.get((place, key[place]))
                labels[place, key[place]] = label if known is None else min(known, label)
    looked_at = sum(each.count for each in cells.values())
    return Tally(cells, labels, looked_at > most)


def _currency_of(asked: ListRequest, measured: list[Field]) -> Field | None:
    """The field with the currency of each amount, where amounts have different ones."""
    if not any(each.kind is FieldKind.MONEY and each.own is None for each in measured):
        return None
    return asked.fields.get("currency")


def _key(dimension: Dimension) -> sql.Composable:
    """The SQL of a value, or of the first day of the span that it lies in where the business is."""
    plain: sql.Composable = sql.SQL(dimension.field.sql)
    if not dimension.unit:
        return plain
    if dimension.field.kind is FieldKind.INSTANT:
        plain = sql.SQL("(({}) at time zone {})").format(plain, sql.Literal(business_zone().key))
    return sql.SQL("date_trunc({}, ({})::timestamp)::date").format(sql.Literal(dimension.unit), plain)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """What takes longer is given up, so that a page never waits for a report without end."""
    try:
        with transaction.atomic():
            before = run(sql.SQL("select current_setting('statement_timeout')"), [])[0][0]
            _bound(f"{int(seconds * 1000)}")
            yield
            _bound(before)
    except OperationalError as error:
        if not isinstance(error.__cause__, errors.QueryCanceled):
            raise
        raise ReportTooSlow(
            _("This takes longer than %(count)s seconds. Narrow it by a filter.") % {"count": math.ceil(seconds)}
        ) from error


def _bound(milliseconds: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('statement_timeout', %s, true)", [milliseconds])


def _of_mart(question: Question, *, only_kept: bool) -> Tally:
    mart, snapshot = question.source.mart, queries.current_snapshot()
    assert mart is not None
    if snapshot is None:
        raise ReportTooLarge(_("There are no numbers yet: the warehouse has not been refreshed."))
    usual = queries.usual_question(snapshot, queries.newest_run())
    with reports(snapshot, rules=queries.segment_rules(), only_kept=only_kept) as answers:
        try:
            rows = mart.rows(answers, usual["as_of"])
        except NotYetMade as missing:
            raise ReportTooSlow(_("This is being worked out. Look again in a moment.")) from missing
    cells: dict[Key, Sums] = {}
    for row in rows:
        key = tuple(_span(each, row[each.field.name]) for each in question.dimensions)
        added = {
            each.name: {"": (row[each.name], 1)} for each in measured_fields(question) if row[each.name] is not None
        }
        cells[key] = cells.get(key, Sums()) + Sums(1, added)
    return Tally(cells, {}, as_of=usual["as_of"], currency=snapshot.currency)


def _span(dimension: Dimension, value: Any) -> Any:
    """The first day of the span that a day lies in; whatever is no day stays."""
    if not isinstance(value, date):
        return value
    if dimension.unit in ("quarter", "month"):
        return value.replace(
            day=1, month=(value.month - 1) // 3 * 3 + 1 if dimension.unit == "quarter" else value.month
        )
    return value.replace(month=1, day=1) if dimension.unit == "year" else value
