"""Changing one value of one record from its list: the field's normal edit, through the gate, with a version check and an undo.

What can be typed into is what rooms list in editable.py. A field that has an act of its own, such as the owner, is listed
in a room's cells.CELL_ACTS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.db import connection
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.accounts.access import Grip, gripping
from rapport.accounts.queries import staff_list
from rapport.core.acting import acting
from rapport.core.remembering import remembered
from rapport.core.rooms import contributions
from rapport.records.bulk.acts import Batch, BulkAct, Refused, Treated, find_act
from rapport.records.bulk.selecting import selectables
from rapport.records.command_log.noting import Undoing, UndoRefused, gone, note_command
from rapport.records.lists.editing import EditableField, Edits, editable_fields, editable_object
from rapport.records.lists.querying import ListedObject
from rapport.records.lists.sql import joins_of
from rapport.records.record_kinds import record_kinds, records_by_id
from rapport.records.registry import Field, FieldKind

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.command_log.models import Command

CELL = "records.cell"
CHANGEABLE = (FieldKind.CHOICE, FieldKind.BOOLEAN, FieldKind.PERSON, FieldKind.DATE)
NOBODY = "nobody"


@dataclass(frozen=True)
class CellAct:
    """A field that is changed by an act on rows: its question `answer` takes the value, the public id of a person."""

    object: str
    field: str
    act: str
    answer: str


class CellChanged(Exception):
    """Somebody else gave the record another value since it was shown; nothing was written."""

    def __init__(self, current: str) -> None:
        super().__init__(current)
        self.current = current


class CellRefused(ValueError):
    """The record keeps its value; the message says why."""


def can_change(user: User, object_name: str, field: Field) -> bool:
    """Whether `user` may give records of this object another value of the field; she must see it, which others look to."""
    return field.kind in CHANGEABLE and (
        _act_of(user, object_name, field) is not None or field.name in editable_fields(user, object_name)
    )


def options_of(user: User, object_name: str, field: Field, *, held: str = "") -> list[tuple[str, str]]:
    """The values to choose from, as they are sent and as they are read; "" stands for none. Nothing for what is typed."""
    act = _act_of(user, object_name, field)
    if act is not None:
        return [("" if value == NOBODY else value, label) for value, label in _said(_question(act[0], act[1], user))]
    editable = editable_fields(user, object_name).get(field.name)
    if editable is None or field.kind is FieldKind.DATE:
        return []
    return [*_offered(field, editable, held), *([("", _("nothing"))] if _can_be_emptied(editable) else [])]


def text_of(field: Field, value: Any) -> str:
    """A value as the database gave it, as addresses and forms say it."""
    if value is None or value == "":
        return ""
    if field.kind is FieldKind.BOOLEAN:
        return "yes" if value else "no"
    if field.kind is FieldKind.PERSON:
        return str(staff_by_id()[value].public_id) if value in staff_by_id() else ""
    if field.kind in (FieldKind.DATE, FieldKind.INSTANT):
        return str(value.isoformat())
    return str(value)


def staff_by_id() -> Mapping[int, User]:
    return remembered("records.staff_by_id", lambda: {each.pk: each for each in staff_list()})


def find_key(user: User, object_name: str, public_id: UUID) -> int:
    """The key of a record that `user` sees in the list, else the 404 of one that is not there."""
    found = selectables()[object_name].find(user, [str(public_id)])
    if not found:
        raise Http404
    return found[0][0]


def value_now(of: ListedObject, key: int, field: Field, *, hold: bool = False) -> str:
    """What the record says in the field; with `hold`, which nobody else can change until the transaction ends."""
    query = sql.SQL("select {value} from {table} r{joins} where r.id = {key}{hold}").format(
        value=sql.SQL(field.sql), table=sql.Identifier(of.table), joins=joins_of([field.join]), key=sql.Placeholder(),
        hold=sql.SQL(" for update of r" if hold else ""),
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(connection.connection), [key])
        row = cursor.fetchone()
    if row is None:
        raise Http404
    return text_of(field, row[0])


def change_value(
    of: ListedObject,
    key: int,
    field: Field,
    *,
    to: str,
    was: str,
    by: User,
    now: datetime,
    request: HttpRequest | None = None,
) -> Command | None:
    """Give the record another value and note how that is undone. Raises CellChanged and CellRefused."""
    with acting(by, request, reason=CELL), gripping(by, Grip.CHANGE):
        current = value_now(of, key, field, hold=True)
        if current == to:
            return None
        if current != was:
            raise CellChanged(current)
        answer = _write(of, key, field, to, by=by, now=now)
        if isinstance(answer, Refused):
            raise CellRefused(answer.reason)
        if answer is None:
            raise CellRefused(_("You may not do this with this record."))
        if not answer.undo:
            return None
        arguments = {"object": of.name, "field": field.name, "key": key, "undo": dict(answer.undo)}
        record = records_by_id(by, of.name, [key]).get(key) if of.name in record_kinds() else None
        return note_command(
            CELL, arguments, by=by, now=now, record_kind=of.name if record is not None else "",
            record_id=key if record is not None else None, customer_id=record.customer_id if record is not None else None,
        )  # fmt: skip


def undo_change(undoing: Undoing) -> None:
    """Give the record back what it said before, where it still says what the act made of it."""
    noted = undoing.arguments
    key, name = int(noted["key"]), str(noted["object"])
    known = _acts().get((name, str(noted["field"])))
    if known is not None:
        act = find_act(name, known.act)
        if act is None or act.undo is None or not undoing.by.has_right(act.right):
            raise UndoRefused(_("You may not do this any more."))
        answers = act.undo(Batch({0: (key,)}, undoing.by, undoing.now, undo={0: noted["undo"]}))
        answer = answers.get(0)
    else:
        editable = editable_object(name)
        if editable is None or not undoing.by.has_right(editable.right):
            raise UndoRefused(_("You may not do this any more."))
        answer = editable.write_back({key: noted["undo"]}, undoing.by, undoing.now).get(key)
    if answer is None:
        raise gone()
    if isinstance(answer, Refused):
        raise UndoRefused(answer.reason)


def _write(of: ListedObject, key: int, field: Field, to: str, *, by: User, now: datetime) -> Treated | Refused | None:
    act = _act_of(by, of.name, field)
    if act is not None:
        return _by_act(act, key, to, by=by, now=now)
    return _by_editing(of.name, key, field, to, by=by, now=now)


def _by_act(act: tuple[CellAct, BulkAct], key: int, to: str, *, by: User, now: datetime) -> Treated | Refused | None:
    known, found = act
    form = found.ask(by, {known.answer: to or NOBODY}) if found.ask is not None else None
    if form is None or not form.is_valid() or found.apply is None:
        return Refused(_("This cannot be chosen."))
    answers = found.apply(Batch({0: (key,)}, by, now, answers={known.answer: to or NOBODY}))
    return answers.get(0)


def _by_editing(name: str, key: int, field: Field, to: str, *, by: User, now: datetime) -> Treated | Refused | None:
    editable, typed = editable_object(name), editable_fields(by, name).get(field.name)
    if editable is None or typed is None:
        return Refused(_("You may not change this."))
    try:
        kept = _kept(typed, to)
    except forms.ValidationError as refusal:
        return Refused(" ".join(refusal.messages))
    return editable.write(Edits({key: {field.name: kept}}, by, now)).get(key)


def _can_be_emptied(typed: EditableField) -> bool:
    return typed.can_be_emptied and not (typed.own is None and typed.form_field.required)


def _kept(typed: EditableField, text: str) -> Any:
    if not text:
        if not _can_be_emptied(typed):
            raise forms.ValidationError(_("This must be filled in."))
        return None
    return typed.kept(typed.form_field.clean(text))


def _offered(field: Field, typed: EditableField, held: str) -> list[tuple[str, str]]:
    if field.kind is FieldKind.BOOLEAN:
        return [("yes", _("yes")), ("no", _("no"))]
    if field.own is not None:
        return field.own.offered(held or None)
    if isinstance(typed.form_field, forms.ChoiceField):
        return _said(typed.form_field)
    return [(value, str(label)) for value, label in field.choices()] if field.choices is not None else []


def _said(question: forms.ChoiceField) -> list[tuple[str, str]]:
    return [(str(value), str(label)) for value, label in question.widget.choices]


def _act_of(user: User, object_name: str, field: Field) -> tuple[CellAct, BulkAct] | None:
    known = _acts().get((object_name, field.name))
    act = find_act(object_name, known.act) if known is not None else None
    return (known, act) if known is not None and act is not None and user.has_right(act.right) else None


@cache
def _acts() -> dict[tuple[str, str], CellAct]:
    return {(each.object, each.field): each for each in contributions("cells", "CELL_ACTS", CellAct)}


def _question(known: CellAct, act: BulkAct, user: User) -> forms.ChoiceField:
    assert act.ask is not None
    question = act.ask(user, None).fields[known.answer]
    assert isinstance(question, forms.ChoiceField)
    return question
