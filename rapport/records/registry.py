"""The field registry: what lists, filters, sorts, forms, exports and the API may name. Nothing else can be named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from rapport.core.rooms import contributions

if TYPE_CHECKING:
    from rapport.records.behaviors import Asks
    from rapport.records.custom_fields.declaring import CustomDefinition


class FieldKind(Enum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    CHOICE = "choice"
    CHOICES = "choices"
    LINK = "link"
    BOOLEAN = "boolean"
    PERSON = "person"
    BEHAVIOR = "behavior"
    MEMBERSHIP = "membership"


@dataclass(frozen=True)
class Join:
    """A table a field is read from, as written after LEFT JOIN; `r` is the alias of the listed object's own table.

    `key` names the joined column that equals `r.id` where there is one: it lets a sorted list page through the index
    of the joined table. Of a record that was just made there is nothing in one that `comes_later`. Where `nullable` names
    the columns that may be null in a row of it, all others are null only where there is no row: the planner foresees well
    how many records have none, and takes a null within a row, of which it saw none, for next to nobody.
    """

    alias: str
    table: str
    on: str
    key: str = ""
    comes_later: bool = False
    nullable: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Field:
    """One field of one kind of object.

    `sql` is an expression over alias `r` (the object) or the alias of `join`. `operators` are the comparisons a user may
    ask for, and bring those along that ask for no more (filters/operators.py); an empty tuple means that the field cannot
    be filtered. A sortable field must have an index that starts
    with its expression (`sort_sql` where that differs from what is shown), or say in `sortable_because` why it does not
    need one. `ordered_within` names choices of the same table, each with an index over it, this expression and the key:
    a list of one such choice is walked in that index.
    The values of a `searched` field are part of the object's search, which then serves as its index. A person
    is a user's id in SQL, and `me` or a public id in a filter. A field with a `tone` is shown as a chip of that tone, one with
    `chips` as several (label, kind). A column that is `wide_only` is left out where the screen is narrow. `read` turns the
    text of a filter into what is kept and `format` that into what is shown, where the two differ; `suggest` names what
    is offered while one types the text of a filter.

    Roles can be shown less (layouts/sight.py): an `essential` field cannot be hidden from them, one that is `hidden_with`
    another goes with it, and of a field that is the first filled of several `parts` (names and their SQL) the hidden ones
    are left out; they are fields of `parts_of`, where that is another object. One that `shows` a field of another object
    (object, name) is not seen by those who do not see that. What was worked out from a field of a
    business's own `tells` its name, which may change with each working out: who does not see that one does not see this.
    What is asked in a way of its own, and has no value to show, brings what `asks` for it (behaviors.py).
    `sql_by_row` says the same as `sql` in a way that is never answered for all records at once, for who asks it of a few.
    A day that `is_yearly` returns each year: a calendar shows it in all of them, and it may be asked `each_year`.
    One that is not `offered` is asked by links alone: whoever builds a filter is not offered it, and keeps it as it is.
    `custom` is the SQL of the JSON that holds the value of a business's own field, `own` its definition.
    """

    object: str
    name: str
    label: str | Promise
    kind: FieldKind
    sql: str
    join: Join | None = None
    operators: tuple[str, ...] = ()
    sortable: bool = False
    sortable_because: str = ""
    ordered_within: tuple[str, ...] = ()
    sql_by_row: str = ""
    sort_sql: str = ""
    can_be_empty: bool = True
    searched: bool = False
    choices: Callable[[], list[tuple[str, str | Promise]]] | None = None
    default_column: bool = False
    wide_only: bool = False
    right: str = ""
    order: int = 50
    format: Callable[[Any], str] | None = None
    read: Callable[[str], str | None] | None = None
    suggest: Callable[[], Sequence[str]] | None = None
    tone: Callable[[Any], str] | None = None
    chips: Callable[[Any], list[tuple[str, str]]] | None = None
    essential: bool = False
    hidden_with: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    parts_of: str = ""
    shows: tuple[str, ...] = ()
    tells: Callable[[], str] | None = None
    is_yearly: bool = False
    custom: str = ""
    own: CustomDefinition | None = None
    asks: Asks | None = None
    offered: bool = True

    @property
    def null_with(self) -> str:
        """The SQL that is null exactly where the field has no value: the joined row's key, where it has one in each row."""
        join = self.join
        if join is None or not join.key or join.nullable is None:
            return self.sql
        columns = {f"{join.alias}.{name}" for name in join.nullable}
        is_column = self.sql.removeprefix(f"{join.alias}.").isidentifier()
        return f"{join.alias}.{join.key}" if is_column and self.sql not in columns else self.sql


class UnknownField(ValueError):
    """A field, operator or sort that the registry does not allow was named; the answer is 400."""


@cache
def fields_of(object_name: str) -> dict[str, Field]:
    """Every field of an object that code declares, by name, in display order; layouts.visible_fields knows the others."""
    found = sorted((f for f in _all() if f.object == object_name), key=lambda field: (field.order, field.name))
    return {field.name: field for field in found}


@cache
def behaviors_of(object_name: str) -> dict[str, Field]:
    """What can be asked of an object beside its fields: what happened to it, and which segments it is in."""
    found = (field for field in contributions("behaviors", "BEHAVIORS", Field) if field.object == object_name)
    return {field.name: field for field in sorted(found, key=lambda field: (field.order, field.name))}


def _all() -> Iterator[Field]:
    return contributions("fields", "FIELDS", Field)
