"""Writing values into many rows of a list: what rooms declare in editable.py, and how fields of one's own are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from psycopg import sql

from rapport.core.rooms import contributions
from rapport.records.bulk.acts import Answers, Refused, Treated
from rapport.records.bulk.narrowing import seen_keys
from rapport.records.custom_fields.declaring import CustomDefinition, CustomObject, as_text, has_value
from rapport.records.custom_fields.inputs import as_kept, form_fields
from rapport.records.layouts.sight import visible_custom_fields

if TYPE_CHECKING:
    from rapport.accounts.models import User
    from rapport.records.lists.querying import ListedObject

Values = Mapping[str, Any]


@dataclass(frozen=True)
class EditableField:
    """One field that may be written from a list. `form_field` reads what is typed, `check` has the last word on it.

    A value is kept as JSON has it, days as their ISO text; None stands for nothing. What has an act of its own for many rows
    `is_cell_only`: it is pasted, and not asked for by “Edit”.
    """

    name: str
    label: str | Promise
    form_field: forms.Field
    own: CustomDefinition | None = None
    check: Callable[[Any], Any] | None = None
    read_as: Callable[[Any], str] | None = None
    is_cell_only: bool = False
    may_be_empty: bool = True

    @property
    def can_be_emptied(self) -> bool:
        return self.may_be_empty and (self.own is None or not self.own.is_required)

    def kept(self, cleaned: Any) -> Any:
        """What is kept of a cleaned value. Raises ValidationError."""
        if self.own is not None:
            return as_kept(self.own, cleaned)
        if not has_value(cleaned):
            return None
        value = self.check(cleaned) if self.check is not None else cleaned
        return value.isoformat() if isinstance(value, date) else value

    def shown(self, kept: Any) -> str:
        """A kept value as people read it."""
        if not has_value(kept):
            return ""
        if self.own is not None:
            return as_text(self.own, kept)
        return self.read_as(kept) if self.read_as is not None else str(kept)


@dataclass(frozen=True)
class Edits:
    """Values to be written, by the keys of rows. `opened` is what somebody saw there before; what differs by now is refused."""

    wanted: Mapping[int, Values]
    by: User
    now: datetime
    opened: Mapping[int, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class EditableObject:
    """A kind of record whose values are written from its list.

    `fields` are those that this person sees and may write. `values` says what rows hold now, of those she sees; `write`
    and `write_back` answer for each row, within the transaction around them, and look again at what she may see.
    """

    object: str
    right: str
    fields: Callable[[User], Mapping[str, EditableField]]
    values: Callable[[User, Sequence[int]], Mapping[int, Values]]
    write: Callable[[Edits], Answers]
    write_back: Callable[[Mapping[int, Mapping[str, Any]], User, datetime], Answers]


@cache
def _editables() -> dict[str, EditableObject]:
    return {each.object: each for each in contributions("editable", "EDITABLES", EditableObject)}


def editable_object(object_name: str) -> EditableObject | None:
    return _editables().get(object_name)


def editable_fields(user: User, object_name: str) -> Mapping[str, EditableField]:
    """The fields of a list that `user` may write; none where she may not, or where nothing can be written."""
    found = editable_object(object_name)
    return found.fields(user) if found is not None and user.has_right(found.right) else {}


def changed_since() -> Refused:
    return Refused(_("Somebody has changed it since."))


def own_editable_fields(user: User, object_name: str) -> dict[str, EditableField]:
    """The fields of one's own that `user` sees of the object."""
    own = visible_custom_fields(user, object_name)
    made = form_fields(own, {})
    return {each.name: EditableField(each.name, each.label, made[each.name], own=each) for each in own}


def edit_own_fields(custom: CustomObject, of: Callable[[User], ListedObject]) -> EditableObject:
    """An object of which nothing can be typed but fields of one's own, written by its room one by one."""
    return EditableObject(
        custom.name, custom.edit_right, lambda user: own_editable_fields(user, custom.name),
        values=partial(_own_values, custom, of), write=partial(_write_own, custom, of),
        write_back=partial(_write_own_back, custom, of),
    )  # fmt: skip


def _own_values(
    custom: CustomObject, of: Callable[[User], ListedObject], user: User, keys: Sequence[int]
) -> Mapping[int, Values]:
    seen = seen_keys(of(user), keys, user=user)
    statement = sql.SQL("select id, custom::text from {} where id = any(%s) order by id for update")
    with connection.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(custom.tables[0])), [seen])
        return {key: _json(text) for key, text in cursor.fetchall()}


def _write_own(custom: CustomObject, of: Callable[[User], ListedObject], edits: Edits) -> Answers:
    assert custom.write is not None
    fields = own_editable_fields(edits.by, custom.name)
    held = _own_values(custom, of, edits.by, list(edits.wanted))
    answers: dict[int, Treated | Refused] = {}
    for key, current in held.items():
        wanted = {name: value for name, value in edits.wanted[key].items() if name in fields}
        changed = {name: value for name, value in wanted.items() if current.get(name) != value}
        opened = edits.opened.get(key)
        if opened is not None and any(current.get(name) != opened.get(name) for name in changed):
            answers[key] = changed_since()
            continue
        if changed:
            custom.write(key, changed, edits.by, edits.now, None)
        before = {name: [current.get(name), value] for name, value in changed.items()}
        answers[key] = Treated({"said": before} if before else {})
    return answers


def _write_own_back(
    custom: CustomObject,
    of: Callable[[User], ListedObject],
    undo: Mapping[int, Mapping[str, Any]],
    by: User,
    now: datetime,
) -> Answers:
    assert custom.write is not None
    held = _own_values(custom, of, by, list(undo))
    answers: dict[int, Treated | Refused] = {}
    for key, current in held.items():
        said = undo[key]["said"]
        if any(current.get(name) != after for name, (_before, after) in said.items()):
            answers[key] = changed_since()
            continue
        custom.write(key, {name: before for name, (before, _after) in said.items()}, by, now, None)
        answers[key] = Treated()
    return answers


def _json(text: str) -> dict[str, Any]:
    return dict(json.loads(text))
