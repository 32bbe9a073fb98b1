"""Lists and records in the API: the same fields, filters, sorts and gate as on the screens, as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Schema
from pydantic import AfterValidator, ConfigDict
from pydantic import Field as Described

from rapport.accounts.access import staff_user
from rapport.accounts.api_problems import Problem
from rapport.core.money import from_micros
from rapport.records.api.rows import row_of, row_seen, rows_by_key
from rapport.records.behaviors import Behavior
from rapport.records.command_log.noting import undoables
from rapport.records.custom_fields.declaring import plain_number
from rapport.records.filters.conditions import operators_of
from rapport.records.layouts.sight import fields_to_ask, worked_out
from rapport.records.lists.columns import columns_kept
from rapport.records.lists.querying import ListedObject, count_rows, fetch_keys, read_request
from rapport.records.registry import Field, FieldKind, UnknownField
from rapport.records.saved_views.opening import fitting_query, view_or_404

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

LARGEST_PAGE = 200
USUAL_PAGE = 50
Instant = Annotated[datetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
Value = str | int | float | bool | list[str] | None
VERSION = "r.version"
_TEXTS = (FieldKind.TEXT, FieldKind.CHOICE, FieldKind.PERSON)
_MATCHED = re.compile(r'"(\d{1,9})"')
_NAMED = "(select named.public_id::text from accounts_user named where named.id = {})"
_INSTANT = """to_char(({}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_BESIDE_A_VIEW = {"view", "fields", "after", "limit"}
_PLACE_SALT = "rapport.records.api"


class Strict(Schema):
    """A body of which every name is known; a name that is not is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class Undoable(Schema):
    """What an act that changes something answers with."""

    undo: UUID | None = Described(
        None,
        description="The change that this made: `POST /changes/{id}/undo` takes it back. null where nothing was changed,"
        " and where there is no way back.",
    )


class CountAsked(Schema):
    """What a count may be asked."""

    q: str = Described("", description="Words to search for.", max_length=200, examples=["souza"])
    filter: list[str] = Described(
        [],
        description="`<field>.<operator>:<value>`, any number of times; all must hold. See the object's fields.",
        examples=[["city.is:Porto"]],
    )


class PageAsked(CountAsked):
    """What a list may be asked."""

    view: UUID | None = Described(
        None, description="The id of a saved view, which then says what is asked; see `GET /views`."
    )
    sort: str = Described(
        "", description="A sortable field; with `-` before it the other way round.", examples=["-created"]
    )
    fields: str = Described(
        "",
        description="The fields to show, with commas; without it those of the list on the screen, or of the view.",
        examples=["name,city"],
    )
    after: str = Described("", description="`next` of the page before.")
    limit: int = Described(USUAL_PAGE, ge=1, le=LARGEST_PAGE)


class RecordShown(Undoable):
    """A record: its id, its version (the ETag), and its values by the names of its fields."""

    id: UUID
    version: int = Described(description="The ETag of the record is this number in quotation marks.")
    values: dict[str, Value]


class PageShown(Schema):
    items: list[RecordShown]
    next: str | None = Described(None, description="Where the next page begins; null on the last one.")


class CountShown(Schema):
    """How many there are: up to 10,000 exactly; above, that many at least, or an estimate of the whole."""

    count: int
    is_exact: bool
    is_estimate: bool = Described(description="Whether it is about so many, rather than so many at least.")


class BlankShown(Schema):
    """Something that a question leaves open, and may stay so."""

    name: str = Described(examples=["kind"])
    label: str = Described(examples=["Kind"])
    kind: str = Described(
        description="choice (may be given several times), count, money, text, or length: `90_days`, `2_weeks`, `1_year`."
    )
    choices: list[str] | None = None


class FieldShown(Schema):
    """A field that the owner of the token sees, and what may be done with it."""

    name: str = Described(description="By which it is filtered, sorted, shown and written.")
    is_own: bool = Described(description="Whether the business has added it itself.")
    is_shown: bool = Described(description="Whether it can be asked for in `fields`; else it is there to filter by.")
    label: str
    kind: str
    operators: list[str]
    takes: dict[str, str] = Described(
        description="What each operator is asked with: nothing, one, two (with `..` between), several (with commas),"
        " chosen (of `choices`, with commas; `me` among people), period, amount, blanks.",
        examples=[{"did": "blanks", "never": "blanks"}],
    )
    is_sortable: bool
    is_writable: bool
    choices: list[str] | None = None
    asks: list[BlankShown] | None = Described(
        None,
        description="Of a question about what happened, the blanks of its operators, as"
        " `contacts.did:kind=call,within=90_days`.",
    )


def read_page(request: HttpRequest, of: ListedObject, asked: PageAsked, *, version: str = VERSION) -> HttpResponse:
    """One page of a list as it was asked for, a PageShown; raises Problem 400 for what the registry does not know.

    `version` is the SQL of what changes whenever a row does. What the database said is written as it is: to check it
    against its description once more would take as long as all the rest.
    """
    user = staff_user(request)
    try:
        query, kept = _query(request, of, asked, user=user)
        wanted = read_request(query, of, user=user)
        columns = list(map(_for_outside, _columns(wanted.fields, asked.fields, kept)))
        page = fetch_keys(wanted, size=asked.limit)
    except UnknownField as error:
        raise Problem(400, str(error)) from error
    rows = rows_by_key(request, of, page.ids, [*columns, _version(of, version)])
    return _answer({"items": _as_shown(rows, columns), "next": page.next_cursor})


def read_count(request: HttpRequest, of: ListedObject) -> CountShown:
    """How many rows a list would have; raises Problem 400 for what the registry does not know."""
    try:
        found = count_rows(read_request(request.GET, of, user=staff_user(request)))
    except UnknownField as error:
        raise Problem(400, str(error)) from error
    return CountShown(count=found.number, is_exact=found.is_exact, is_estimate=found.is_estimate)


def read_record(
    user: User, of: ListedObject, key: int, *, version: str = VERSION, command: Command | None = None
) -> RecordShown:
    """One record that the gate let through, with every field its reader sees; after `command`, with what undoes it."""
    shown = read_written(user, of, key, version=version)
    return RecordShown.model_construct(**shown | {"id": UUID(shown["id"]), "undo": undo_of(command)})


def read_record_seen(
    request: HttpRequest, of: ListedObject, public_id: UUID, *, version: str = VERSION
) -> HttpResponse | None:
    """One record with every field its reader sees, a RecordShown; None where her list has none of this id."""
    user = staff_user(request)
    columns = _shown_outside(user, of)
    row = row_seen(request, of, user, public_id, [*columns, _version(of, version)])
    if row is None:
        return None
    (shown,) = _as_shown([row], columns)
    answer = _answer(shown)
    tell_version(answer, shown["version"])
    return answer


def read_written(
    user: User, of: ListedObject, key: int, *, version: str = VERSION, is_new: bool = False
) -> dict[str, Any]:
    """One record that the gate let through, as `read_record` reads it, for `answer_written`.

    To be called while somebody acts still: a statement after that has to say first that nobody does. Of a record that
    `is_new` in this transaction nobody else can have said anything yet.
    """
    columns = _shown_outside(user, of, is_new=is_new)
    (shown,) = _as_shown([row_of(of, key, [*columns, _version(of, version)])], columns)
    return shown


def answer_written(shown: dict[str, Any], command: Command | None = None, *, status: int = 200) -> HttpResponse:
    """A RecordShown of what was read, with what undoes `command`; written as it is, like a page."""
    undo = undo_of(command)
    answer = _answer(shown | {"undo": None if undo is None else str(undo)}, status=status)
    tell_version(answer, shown["version"])
    return answer


def undo_of(command: Command | None) -> UUID | None:
    """The change that an act was noted as, where it can be taken back."""
    return command.public_id if command is not None and undoables()[command.action].undo is not None else None


def count_fetched(request: HttpRequest, rows: int) -> None:
    """An answer with many rows is counted as so many."""
    request.fetched = max(rows, 1)  # type: ignore[attr-defined]


def fields_shown(user: User, of: ListedObject, *, writable: Collection[str]) -> list[FieldShown]:
    shown = of.fields_for(user)
    return [
        FieldShown(
            name=each.name,
            label=str(each.label),
            kind=each.kind.value,
            operators=[operator.name for operator in operators_of(each)],
            takes={operator.name: operator.takes.value for operator in operators_of(each)},
            is_sortable=each.sortable,
            is_own=each.own is not None,
            is_shown=each.name in shown,
            is_writable=each.name in writable,
            choices=[value for value, _label in each.choices()] if each.choices is not None else None,
            asks=_blanks(each),
        )
        for each in fields_to_ask(user, of.name).values()
    ]


def _blanks(field: Field) -> list[BlankShown] | None:
    if not isinstance(field.asks, Behavior):
        return None
    return [
        BlankShown(
            name=blank.name, label=str(blank.label), kind=blank.kind.value,
            choices=[value for value, _label in blank.choices()] if blank.choices is not None else None,
        )
        for blank in field.asks.blanks
    ]  # fmt: skip


def write_place(key: int, *, of: str) -> str:
    """Where the next page of a list in the order of its keys begins; nobody can write one herself."""
    return signing.dumps([of, key], salt=_PLACE_SALT)


def read_place(text: str, *, of: str) -> int:
    try:
        made_for, key = signing.loads(text, salt=_PLACE_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise unknown_place() from error
    if made_for != of:
        raise unknown_place()
    return int(key)


def unknown_place() -> Problem:
    return Problem(400, "This place in the list is not known. Start again from the top.", kind="unknown-place")


def mark_of(values: Any) -> int:
    """A version of what has none of its own: another one whenever these values are others."""
    text = json.dumps(values, sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 10**9


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


def invalid(errors: Sequence[Mapping[str, str]]) -> Problem:
    return Problem(422, "Some values cannot be taken.", errors=errors)


def _query(
    request: HttpRequest, of: ListedObject, asked: PageAsked, *, user: User
) -> tuple[QueryDict, Sequence[str] | None]:
    """What is asked, by the request or by the view that it names; and the columns of that view."""
    if asked.view is None:
        return request.GET, None
    if not set(request.GET) <= _BESIDE_A_VIEW:
        raise Problem(400, "A view says what is asked; only fields, after and limit may stand beside it.")
    view = view_or_404(user, of.name, str(asked.view))
    query, left_out = fitting_query(view.asked, of, user=user)
    if left_out:  # without a narrowing that is not there any more it would be another list
        raise Problem(409, "This view asks for something that is not there any more.", kind="view-outdated")
    if asked.after:
        query["after"] = asked.after
    return query, view.columns


def _columns(fields: Mapping[str, Field], names: str, kept: Sequence[str] | None = None) -> list[Field]:
    if not names:
        return [column.field for column in columns_kept(kept, fields)[0]]
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",")))
    unknown = [name for name in wanted if name not in fields]
    if unknown:
        raise Problem(400, "There is no field of this name.", errors=[{"name": unknown[0][:60], "message": "unknown"}])
    return [fields[name] for name in wanted]


def _shown_outside(user: User, of: ListedObject, *, is_new: bool = False) -> tuple[Field, ...]:
    if is_new:
        return worked_out(user, of.name, "outside, new", lambda: tuple(map(_of_new, _shown_outside(user, of))))
    return worked_out(user, of.name, "outside", lambda: tuple(map(_for_outside, of.fields_for(user).values())))


def _of_new(field: Field) -> Field:
    comes_later = field.join is not None and field.join.comes_later
    return replace(field, sql="null", join=None) if comes_later else field


def _for_outside(field: Field) -> Field:
    """People are named by their ids outside; the database looks them up with the rest of the row. It writes instants too."""
    if field.kind is FieldKind.PERSON:
        return replace(field, sql=_NAMED.format(field.sql))
    return replace(field, sql=_INSTANT.format(field.sql)) if field.kind is FieldKind.INSTANT else field


def _version(of: ListedObject, version: str) -> Field:
    return Field(object=of.name, name="version", label="", kind=FieldKind.NUMBER, sql=version, essential=True)


def _answer(shown: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return HttpResponse(json.dumps(shown), content_type="application/json; charset=utf-8", status=status)


def _as_shown(rows: Sequence[tuple[Any, ...]], columns: Sequence[Field]) -> list[dict[str, Any]]:
    """Rows of public id, the values of `columns` and the version, as JSON has them."""
    fields = [(field.name, field, field.kind in _TEXTS) for field in columns]
    found = []
    for public_id, *values, version in rows:
        shown = {
            name: value if is_text and type(value) is str else _as_json(field, value)
            for (name, field, is_text), value in zip(fields, values, strict=True)
        }
        found.append({"undo": None, "id": public_id, "version": _as_version(version), "values": shown})
    return found


def _as_version(value: Any) -> int:
    """A number, or the values of which another one tells that they are others."""
    return value if isinstance(value, int) else mark_of(json.loads(value) if isinstance(value, str) else value)


def _as_json(field: Field, value: Any) -> Value:
    if value is None or isinstance(value, bool):
        return value
    if field.kind is FieldKind.INSTANT:
        return str(value).replace(".000000Z", "Z")
    if field.kind is FieldKind.CHOICES:
        return [str(each) for each in (json.loads(value) if isinstance(value, str) else value)]
    if field.kind is FieldKind.MONEY:
        return plain_number(from_micros(int(value)))
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
