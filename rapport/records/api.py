"""Lists and records in the API: the same fields, filters, sorts and gate as on the screens, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import AfterValidator, ConfigDict
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api import take_page
from rapport.accounts.api_problems import Problem
from rapport.accounts.queries import public_ids_of
from rapport.core.money import from_micros
from rapport.records.custom_fields import plain_number
from rapport.records.filters import operators_of
from rapport.records.lists import ListedObject, Row, fetch_page, read_request, read_rows
from rapport.records.registry import Field, FieldKind, UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

LARGEST_PAGE = 200
USUAL_PAGE = 50
Instant = Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
Value = str | int | float | bool | list[str] | None
_MATCHED = re.compile(r'"(\d{1,9})"')


class Strict(Schema):
    """A body of which every name is known; a name that is not is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class PageAsked(Schema):
    """What a list may be asked."""

    q: str = Described("", description="Words to search for.")
    filter: list[str] = Described(
        [], description="`<field>.<operator>:<value>`, any number of times; all must hold. See the object's fields."
    )
    sort: str = Described("", description="A sortable field; with `-` before it the other way round.")
    fields: str = Described(
        "", description="The fields to show, with commas; without it those of the list on the screen."
    )
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class RecordShown(Schema):
    """A record: its id, its version (the ETag), and its values by the names of its fields."""

    id: UUID
    version: int
    values: dict[str, Value]


class PageShown(Schema):
    items: list[RecordShown]
    next: str | None = Described(None, description="Where the next page begins; null on the last one.")


class FieldShown(Schema):
    """A field that the owner of the token sees, and what may be done with it."""

    name: str
    label: str
    kind: str
    operators: list[str]
    is_sortable: bool
    is_writable: bool
    choices: list[str] | None = None


def read_page(request: HttpRequest, of: ListedObject, asked: PageAsked) -> PageShown:
    """One page of a list as it was asked for; raises Problem 400 for what the registry does not know."""
    refuse_strange_names(request, PageAsked.model_fields)
    user = staff_user(request)
    try:
        wanted = read_request(request.GET, of, user=user)
        columns = _columns(wanted.fields, asked.fields)
        settle = take_page(request, asked.limit)
        page = fetch_page(wanted, columns=[*columns, _version(of)], size=asked.limit)
    except UnknownField as error:
        raise Problem(400, str(error)) from error
    settle(len(page.rows))
    return PageShown(items=_shown(page.rows, columns), next=page.next_cursor)


def read_record(user: User, of: ListedObject, key: int) -> RecordShown:
    """One record that the gate let through, with every field its reader sees."""
    columns = list(of.fields_for(user).values())
    return _shown(read_rows(of, [key], [*columns, _version(of)]), columns)[0]


def fields_shown(user: User, of: ListedObject, *, writable: Collection[str]) -> list[FieldShown]:
    return [
        FieldShown(
            name=each.name,
            label=str(each.label),
            kind=each.kind.value,
            operators=[operator.name for operator in operators_of(each)],
            is_sortable=each.sortable,
            is_writable=each.name in writable,
            choices=[value for value, _label in each.choices()] if each.choices is not None else None,
        )
        for each in of.fields_for(user).values()
    ]


def refuse_strange_names(request: HttpRequest, known: Iterable[str]) -> None:
    """A misspelt narrowing must not answer with everything."""
    strange = sorted(set(request.GET) - set(known))
    if strange:
        raise Problem(
            400,
            "There is no parameter of this name.",
            errors=[{"name": name[:60], "message": "unknown"} for name in strange],
        )


def version_matched(request: HttpRequest, current: int) -> int:
    """The version that a change was made for, from If-Match; raises 428 without one and 412 for another than `current`."""
    said = request.headers.get("If-Match", "").strip()
    if not said:
        raise Problem(428, "Send the ETag that you read as If-Match, so that nobody is overwritten.", kind="if-match")
    if said != "*" and str(current) not in _MATCHED.findall(said):
        raise changed_meanwhile(current)
    return current


def changed_meanwhile(current: int) -> Problem:
    words = "Somebody else changed this since you read it; read it again."
    return Problem(412, words, kind="changed-meanwhile", headers={"ETag": etag(current)})


def etag(version: int) -> str:
    return f'"{version}"'


def tell_version(response: HttpResponse, version: int) -> None:
    response["ETag"] = etag(version)


def sent_text(value: Value) -> Any:
    """A JSON value as a form of ours takes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str | list) else str(value)


def _columns(fields: Mapping[str, Field], names: str) -> list[Field]:
    if not names:
        return [field for field in fields.values() if field.default_column]
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in wanted if name not in fields]
    if unknown:
        raise Problem(400, "There is no field of this name.", errors=[{"name": unknown[0][:60], "message": "unknown"}])
    return [fields[name] for name in wanted]


def _version(of: ListedObject) -> Field:
    return Field(object=of.name, name="version", label="", kind=FieldKind.NUMBER, sql="r.version", essential=True)


def _shown(rows: Sequence[Row], columns: Sequence[Field]) -> list[RecordShown]:
    people = [field.name for field in columns if field.kind is FieldKind.PERSON]
    named = public_ids_of({row[name] for row in rows for name in people} - {None})
    return [
        RecordShown(
            id=row.public_id,
            version=row["version"],
            values={field.name: _as_json(field, row[field.name], named) for field in columns},
        )
        for row in rows
    ]


def _as_json(field: Field, value: Any, people: Mapping[int, UUID]) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if field.kind is FieldKind.PERSON:
        return str(people[value]) if value in people else None
    if field.kind is FieldKind.CHOICES:
        return [str(each) for each in (json.loads(value) if isinstance(value, str) else value)]
    if field.kind is FieldKind.MONEY:
        return plain_number(from_micros(int(value)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if field.kind is FieldKind.NUMBER:
        return _number(value)
    return str(value)


def _number(value: Any) -> int | float:
    if isinstance(value, int | float):
        return value
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else float(number)
