"""Filters of lists: conditions and groups that were asked for and are allowed, their words, and the SQL they become.

One text (filters/text.py), one parsed form (Filter and Group), one SQL: whoever narrows a list by an address goes
through `parse_filters` and `condition_of`, so that a list, its count, its file and what is selected on it agree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from psycopg import sql

from rapport.records.behaviors import NEVER, Asked
from rapport.records.custom_fields.declaring import contained
from rapport.records.filters.dates import Span
from rapport.records.filters.operators import Operator, all_operators, operators_of
from rapport.records.filters.text import (
    ALL,
    ANY,
    LONGEST_TEXT,
    MOST_DEPTH,
    NONE,
    Condition,
    Junction,
    Misspelled,
    TooDeep,
    Written,
    read_text,
    simplified,
    write_text,
)
from rapport.records.filters.values import LONGEST_VALUE, ME, People, Reader, read_value, said_of
from rapport.records.registry import Field, FieldKind, UnknownField

__all__ = [
    "LONGEST_VALUE", "ME", "Filter", "Group", "Node", "Operator", "Reader", "all_operators", "condition_of",
    "operators_of", "parse_filter", "parse_filters", "people_asked_for",
]  # fmt: skip

MOST_CONDITIONS = 20
Part = tuple[sql.Composable, list[Any]]
FoundBy = Callable[[str], Part]


@dataclass(frozen=True)
class Filter:
    """One condition that was asked for and is allowed."""

    field: Field
    operator: Operator
    text: str
    value: Any
    is_group: ClassVar[bool] = False

    @property
    def parameter(self) -> str:
        """As it stands in the URL."""
        return write_text(self.written)

    @property
    def written(self) -> Condition:
        return Condition(self.field.name, self.operator.name, self.text)

    @property
    def conditions(self) -> Iterator[Filter]:
        yield self

    @property
    def label(self) -> str:
        return str(self.field.label)

    @property
    def said(self) -> str:
        """The comparison in words, before its value."""
        return str(self.operator.label if self.operator.said is None else self.operator.said)

    @property
    def shown(self) -> str:
        """The value in words."""
        return said_of(self.field, self.operator, self.text, self.value)

    @property
    def words(self) -> str:
        """All of it: “Last purchase more than 90 days ago”."""
        return " ".join(part for part in (self.label, self.said, self.shown) if part)

    def condition(self, *, by_row: bool = False) -> sql.Composed:
        """The SQL, with one placeholder for each of `arguments`; `by_row` is for who asks it of a few, one by one."""
        placeholder = sql.Placeholder()
        field, folded = (sql.SQL(text) for text in self._expressions(by_row=by_row))  # type: ignore[arg-type]
        plain = sql.SQL(self._template).format(field=field, folded=folded, value=placeholder, end=placeholder)
        if not self._contained:
            return plain
        custom = sql.SQL(self.field.custom)
        held = sql.SQL(" or ").join(sql.SQL("{} @> {}::jsonb").format(custom, placeholder) for _each in self._contained)
        # says the same in a way that the index over these values can answer
        return sql.SQL("({} <> '{{}}'::jsonb and ({}) and {})").format(custom, held, plain)

    @property
    def _template(self) -> str:
        """A yes or no is asked as it is, not compared: so the planner can join what it asks of another table."""
        if self.field.kind is FieldKind.BOOLEAN and self.operator.name == "is":
            return "{field}" if self.value else "not {field}"
        return self.operator.template

    def _expressions(self, *, by_row: bool = False) -> tuple[str, str]:
        """The SQL of the value, and of its text without case: as the field's own index has them, where there is one."""
        field = self.field
        if field.own is not None and field.own.has_index and field.sort_sql:
            return (field.sort_sql if self._is_kept_as_text else field.sql), field.sort_sql
        text = (field.sql_by_row if by_row else "") or field.sql
        if self.operator.name in ("empty", "filled") and text == field.sql:
            text = field.null_with
        return text, f"lower({text})"

    @property
    def _is_kept_as_text(self) -> bool:
        """Days of a field of one's own are sorted as their text, which its index holds."""
        own = self.field.own
        return own is not None and own.has_index and self.field.kind is FieldKind.DATE

    @cached_property
    def _contained(self) -> list[str]:
        own = self.field.own
        held = contained(own, self.operator.name, self.value) if own is not None else []
        return [json.dumps(each, ensure_ascii=False) for each in held]

    @property
    def arguments(self) -> list[Any]:
        return [*self._contained, *self._plain_arguments]

    @property
    def _plain_arguments(self) -> list[Any]:
        value: Any = self.value.ids if isinstance(self.value, People) else self.value
        named = {"value": value.start, "end": value.end} if isinstance(value, Span) else {"value": value}
        if self._is_kept_as_text:
            named = {name: each if each is None else each.isoformat() for name, each in named.items()}
        template = Formatter().parse(self._template)
        return [named[name] for _text, name, _format, _as in template if name is not None and name in named]


@dataclass(frozen=True)
class Group:
    """All of, any of or none of its parts."""

    join: str
    parts: tuple[Node, ...]
    is_group: ClassVar[bool] = True

    @property
    def parameter(self) -> str:
        return write_text(self.written)

    @property
    def written(self) -> Junction:
        return Junction(self.join, tuple(part.written for part in self.parts))

    @property
    def conditions(self) -> Iterator[Filter]:
        for part in self.parts:
            yield from part.conditions

    @property
    def label(self) -> str:
        return ", ".join(dict.fromkeys(each.label for each in self.conditions))

    @property
    def words(self) -> str:
        """Its conditions in words: “City is Porto or Owner is me”."""
        words = [f"({part.words})" if isinstance(part, Group) else part.words for part in self.parts]
        if self.join == NONE:
            return _("not %(words)s") % {"words": words[0] if len(words) == 1 else f"({_in_a_row(words, ANY)})"}
        return _in_a_row(words, self.join)


Node = Filter | Group


def parse_filter(text: str, *, fields: Mapping[str, Field], reader: Reader) -> Filter:
    """`<field>.<operator>:<value>` as an allowed filter, or UnknownField."""
    found = _read(text)
    if not isinstance(found, Condition):
        raise _not_understood(text)
    return _allowed(found, fields=fields, reader=reader)


def parse_filters(texts: Sequence[str], *, fields: Mapping[str, Field], reader: Reader) -> tuple[Node, ...]:
    """What all of the texts together ask for, simplified; anything that is not allowed is UnknownField."""
    if sum(map(len, texts)) > LONGEST_TEXT:
        raise UnknownField(_("The filters of a list have at most {count} letters.").format(count=LONGEST_TEXT))
    if len(texts) > MOST_CONDITIONS:
        raise _too_many()
    wanted: list[Written] = []
    for each in (simplified(_read(text)) for text in texts):
        wanted.extend([each] if isinstance(each, Condition) or each.join != ALL else each.parts)
    if sum(map(_count, wanted)) > MOST_CONDITIONS:
        raise _too_many()
    return tuple(_node(each, fields=fields, reader=reader) for each in wanted)


def condition_of(node: Node, *, found_by: FoundBy, whole: bool = False, by_row: bool = False) -> Part:
    """The SQL of a condition or a group, and its arguments. `found_by` is what a search for a word would ask.

    `whole` is for who asks it of every record of a large table at once, `by_row` for who asks it of a few, one by one.
    """
    if isinstance(node, Filter) and isinstance(node.value, Asked):
        return node.value.condition(is_negated=node.operator.name in NEVER, whole=whole)
    if isinstance(node, Filter):
        return _searched(node, found_by, by_row=by_row)
    parts = [condition_of(part, found_by=found_by, whole=whole, by_row=by_row) for part in node.parts]
    joined = sql.SQL(" and " if node.join == ALL else " or ").join(condition for condition, _arguments in parts)
    template = sql.SQL("(({}) is not true)" if node.join == NONE else "({})")
    return template.format(joined), [argument for _condition, arguments in parts for argument in arguments]


def people_asked_for(nodes: Sequence[Node], *, column: str) -> list[int]:
    """Whose records alone are asked for, where `column` says whose they are; nobody: not asked."""
    for each in nodes:
        is_asked = isinstance(each, Filter) and isinstance(each.value, People) and each.operator.name == "is"
        if is_asked and isinstance(each, Filter) and each.field.sql == column:
            return list(each.value.ids)
    return []


def _searched(asked: Filter, found_by: FoundBy, *, by_row: bool) -> Part:
    """A value that the search knows is looked for there as well, since its index answers."""
    condition, arguments = asked.condition(by_row=by_row), asked.arguments
    if not asked.field.searched or asked.operator.name != "is":
        return condition, arguments
    if not any(map(str.isalnum, asked.value)):
        return sql.SQL("({})").format(condition), arguments
    found = found_by(asked.value)
    return sql.SQL("({} and {})").format(condition, found[0]), [*arguments, *found[1]]


def _read(text: str) -> Written:
    try:
        return read_text(text)
    except TooDeep as error:
        words = _("Groups of filters stand in at most {count} groups.")
        raise UnknownField(words.format(count=MOST_DEPTH)) from error
    except Misspelled as error:
        raise _not_understood(text) from error


def _node(written: Written, *, fields: Mapping[str, Field], reader: Reader) -> Node:
    if isinstance(written, Condition):
        return _allowed(written, fields=fields, reader=reader)
    return Group(written.join, tuple(_node(part, fields=fields, reader=reader) for part in written.parts))


def _allowed(wanted: Condition, *, fields: Mapping[str, Field], reader: Reader) -> Filter:
    field = fields.get(wanted.field)
    if field is None:
        raise UnknownField(_("There is no field “{name}” to filter by.").format(name=wanted.field[:60]))
    operator = next((each for each in operators_of(field) if each.name == wanted.operator), None)
    if operator is None:
        words = _("“{field}” cannot be compared by “{operator}”.")
        raise UnknownField(words.format(field=field.label, operator=wanted.operator[:60]))
    if not operator.takes_value:
        return Filter(field, operator, "", None)
    text = wanted.value.strip()
    return Filter(field, operator, text, read_value(field, operator, text, reader))


def _count(written: Written) -> int:
    return 1 if isinstance(written, Condition) else sum(map(_count, written.parts))


def _in_a_row(words: list[str], join: str) -> str:
    between = _("%(first)s and %(second)s") if join == ALL else _("%(first)s or %(second)s")
    row = words[0]
    for each in words[1:]:
        row = between % {"first": row, "second": each}
    return row


def _too_many() -> UnknownField:
    return UnknownField(_("A list takes at most {count} filters.").format(count=MOST_CONDITIONS))


def _not_understood(text: str) -> UnknownField:
    return UnknownField(_("The filter “{text}” cannot be understood.").format(text=text[:60]))
