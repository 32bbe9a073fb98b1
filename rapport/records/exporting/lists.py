"""Lists as files: which lists there are, their columns, and their rows, streamed in bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache, partial
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.string import TextLoader

from rapport.accounts.queries import business_currency, business_zone, staff_list
from rapport.core.money import from_micros
from rapport.core.rooms import contributions
from rapport.records.bulk.narrowing import SELECTION, narrowed_to_selection
from rapport.records.custom_fields.declaring import as_text
from rapport.records.exporting.xlsx_writing import write_sheets
from rapport.records.imports.problems import FIRST_LETTERS, harmless
from rapport.records.lists.querying import ListedObject, ListRequest, read_request, whole_query
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

CSV, XLSX = "csv", "xlsx"
_FETCHED_AT_ONCE = 2_000

Block = Sequence[Sequence[Any]]  # some rows, column by column


@dataclass(frozen=True)
class ExportedList:
    """A list with views, columns and filters, that can be had as a file unless it `is_file` no.

    `of` says which list somebody sees, `url_name` where it is shown.
    """

    name: str
    label: str | Promise
    right: str
    url_name: str
    of: Callable[[User], ListedObject]
    is_file: bool = True

    @property
    def id_column(self) -> str:
        """The header of the ids, by which the file is known when it comes in again."""
        return f"Rapport {self.name} id"


@dataclass(frozen=True)
class Column:
    """A column of the file: its header, and how what the database gave becomes a typed value."""

    field: Field
    header: str
    value: Callable[[Any], Any]

    def typed(self, values: Sequence[Any]) -> Sequence[Any]:
        if self.value is _text:
            return [value if value is None or type(value) is str else _text(value) for value in values]
        return [None if value is None else self.value(value) for value in values]


@cache
def every_list() -> dict[str, ExportedList]:
    """Whatever has views, columns and filters."""
    return {each.name: each for each in contributions("exports", "EXPORTS", ExportedList)}


@cache
def exported_lists() -> dict[str, ExportedList]:
    """What can be had as a file."""
    return {name: each for name, each in every_list().items() if each.is_file}


def read_query(exported: ExportedList, query: str, *, user: User) -> ListRequest:
    """What the address of the list asked, checked again. Raises UnknownField."""
    if "\x00" in query:
        raise UnknownField(_("The list cannot be shown like this"))
    asked = QueryDict(query, mutable=True)
    asked.pop("after", None)
    of, selected = exported.of(user), asked.pop(SELECTION, None)
    return read_request(asked, narrowed_to_selection(of, str(selected[-1]), user=user) if selected else of, user=user)


def columns_offered(asked: ListRequest) -> list[Field]:
    return list(asked.of.fields_for(asked.user).values())


def columns_of(asked: ListRequest, names: Sequence[str]) -> list[Column]:
    """The chosen columns in their order; amounts bring their currency with them. Raises UnknownField."""
    fields = asked.of.fields_for(asked.user)
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise UnknownField(f"There is no column “{unknown[0]}”.")
    chosen = [fields[name] for name in names]
    has_money = any(field.kind is FieldKind.MONEY and not field.own for field in chosen)
    if has_money and "currency" in fields and fields["currency"] not in chosen:
        chosen.append(fields["currency"])
    zone, currency = business_zone(), business_currency()
    staff = {person.pk: person.email for person in staff_list()}
    columns: list[Column] = []
    taken: set[str] = set()
    for field in chosen:
        header = _header(field, zone=zone, currency="" if "currency" in fields and not field.own else currency)
        if header in taken:
            header = f"{header} ({field.name.replace('_', ' ')})"
        taken.add(header)
        columns.append(Column(field, header, _reader(field, zone=zone, staff=staff)))
    return columns


def _header(field: Field, *, zone: ZoneInfo, currency: str) -> str:
    if field.kind is FieldKind.INSTANT:
        return f"{field.label} ({zone.key})"
    if field.kind is FieldKind.PERSON:
        return f"{field.label} ({_('e-mail')})"
    if field.kind is FieldKind.MONEY and currency:
        return f"{field.label} ({currency})"
    return str(field.label)


def _reader(field: Field, *, zone: ZoneInfo, staff: dict[int, str]) -> Callable[[Any], Any]:
    if field.kind is FieldKind.MONEY:
        return lambda micros: from_micros(int(micros))
    if field.kind is FieldKind.INSTANT:
        return lambda instant: instant.astimezone(zone).replace(tzinfo=None)
    if field.kind is FieldKind.PERSON:
        return lambda key: staff.get(key, "")
    if field.kind in (FieldKind.DATE, FieldKind.BOOLEAN):
        return lambda value: value
    if field.own is not None and field.kind is FieldKind.CHOICE:
        return lru_cache(maxsize=1_000)(partial(as_text, field.own))
    if field.own is not None and field.kind is FieldKind.CHOICES:
        return partial(as_text, field.own)
    if field.kind is FieldKind.CHOICES and field.format is not None:
        return field.format
    if field.kind is FieldKind.NUMBER:
        return _number
    return _text


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    return value if isinstance(value, int | Decimal) else Decimal(str(value))


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def stream_rows(asked: ListRequest, columns: Sequence[Column]) -> Iterator[list[Any]]:
    """Id and values of every row that was asked for, from one look at the database; a few thousand are held at a time."""
    for block in stream_blocks(asked, columns):
        yield from map(list, zip(*block, strict=True))


def stream_blocks(asked: ListRequest, columns: Sequence[Column]) -> Iterator[Block]:
    """The same, a few thousand rows together, column by column: most values are as they come, and cost no call each."""
    query, arguments = whole_query(asked, [column.field for column in columns])
    connection.ensure_connection()
    with connection.connection.cursor(name="rapport_export", withhold=True) as cursor:
        cursor.adapters.register_loader("uuid", TextLoader)
        cursor.adapters.register_loader("timestamptz", TimestamptzLoader)  # Django's own is several times slower
        cursor.execute(query.as_string(connection.connection), arguments)
        while rows := cursor.fetchmany(_FETCHED_AT_ONCE):
            ids, *found = zip(*rows, strict=True)
            yield [ids, *(column.typed(values) for column, values in zip(columns, found, strict=True))]


def write_file(
    target: IO[bytes],
    file_format: str,
    *,
    exported: ExportedList,
    columns: Sequence[Column],
    blocks: Iterator[Block],
    with_mark: bool,
) -> None:
    """The rows as CSV (UTF-8, each cell in quotes, nothing that a spreadsheet would run) or as a workbook."""
    head = [exported.id_column, *(column.header for column in columns)]
    if file_format == XLSX:
        kept = ([_kept(values) for values in block] for block in blocks)
        write_sheets(target, title=str(exported.label), head=_kept(head), blocks=kept)
        return
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=False)
    text.write("\ufeff" if with_mark else "")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(cell) for cell in head])
    for block in blocks:
        writer.writerows(zip(*map(_as_texts, block), strict=True))
    text.flush()
    text.detach()


def _as_texts(values: Sequence[Any]) -> list[Any]:
    return [
        value if value is None or (type(value) is str and value[:1] not in FIRST_LETTERS) else _as_text(value)
        for value in values
    ]


def _as_text(value: Any) -> str:
    return _TEXT_OF.get(type(value), str)(value)


_TEXT_OF: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "",
    str: harmless,
    bool: lambda value: "true" if value else "false",
    Decimal: lambda value: f"{value:f}",
    datetime: lambda value: str(value.isoformat(sep=" ")),
}


def _kept(values: Sequence[Any]) -> list[Any]:
    """A workbook keeps text as it is; only what reading it again would take an apostrophe off gets one more."""
    return [harmless(value) if isinstance(value, str) and value[:1] == "'" else value for value in values]
