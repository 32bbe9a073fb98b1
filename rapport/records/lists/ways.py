"""The ways to look at one list – table, board, calendar –, and by which of its fields: told by what the fields are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rapport.records.filters.operators import operators_of
from rapport.records.registry import Field, FieldKind, UnknownField

TABLE, BOARD, CALENDAR = "table", "board", "calendar"
AS, BY, SUM = "as", "by", "sum"
NO_SUM = "none"
LABELS: dict[str, str | Promise] = {
    TABLE: gettext_lazy("Table"),
    BOARD: gettext_lazy("Board"),
    CALENDAR: gettext_lazy("Calendar"),
}
_COLUMNS = (FieldKind.CHOICE, FieldKind.BOOLEAN, FieldKind.PERSON)
_DAYS = (FieldKind.DATE, FieldKind.INSTANT)
_NUMBERS = (FieldKind.MONEY, FieldKind.NUMBER)


@dataclass(frozen=True)
class Way:
    """How a list is looked at: a table, in groups where a field is named; a board or a calendar by a field.

    `total` is what groups and columns add up.
    """

    name: str = TABLE
    by: Field | None = None
    total: Field | None = None
    says_total: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is the table as it always was."""
        return self.name == TABLE and self.by is None

    @property
    def words(self) -> str:
        """Board by Owner"""
        shown = _("Groups") if self.name == TABLE and self.by is not None else str(LABELS[self.name])
        return shown if self.by is None else _("%(way)s by %(field)s") % {"way": shown, "field": self.by.label}

    @property
    def parameters(self) -> dict[str, str | None]:
        """As it stands in an address; the plain table says nothing."""
        said: dict[str, str | None] = {AS: None if self.name == TABLE else self.name}
        said[BY] = self.by.name if self.by is not None else None
        said[SUM] = (self.total.name if self.total is not None else NO_SUM) if self.says_total else None
        return said


def read_way(query: QueryDict, fields: Mapping[str, Field]) -> Way:
    """The way that an address asks for; a field that is not for it, or not to be seen, is UnknownField."""
    name = query.get(AS) or TABLE
    if name not in LABELS:
        raise UnknownField(_("A list cannot be shown as “{name}”.").format(name=name[:60]))
    wanted = query.get(BY, "")
    offered = _OFFERED[name](fields) if wanted or name != TABLE else []
    by = next((each for each in offered if each.name == wanted), None)
    if wanted and by is None:
        words = _("The list cannot be shown by “{name}” like this.")
        raise UnknownField(words.format(name=wanted[:60]))
    if by is None and name != TABLE:
        by = _usual(offered)
        if by is None:
            raise UnknownField(_("This list has no field to be shown by like this."))
    return Way(name, by, _read_total(query, fields), bool(query.get(SUM)))


def group_fields(fields: Mapping[str, Field]) -> list[Field]:
    """What a table can be grouped by: whatever has few values, and texts that are compared as a whole."""
    texts = [each for each in fields.values() if each.kind is FieldKind.TEXT and _is_compared(each)]
    return [*board_fields(fields), *texts]


def board_fields(fields: Mapping[str, Field]) -> list[Field]:
    """What can be the columns of a board."""
    return [each for each in fields.values() if each.kind in _COLUMNS and _is_compared(each)]


def calendar_fields(fields: Mapping[str, Field]) -> list[Field]:
    """What can stand in a calendar."""
    return [each for each in fields.values() if each.kind in _DAYS and "on" in each.operators]


def total_fields(fields: Mapping[str, Field]) -> list[Field]:
    """What can be added up."""
    return [each for each in fields.values() if each.kind in _NUMBERS]


def ways_of(fields: Mapping[str, Field]) -> list[str]:
    """The ways to look at a list of these fields."""
    found = [TABLE]
    if board_fields(fields):
        found.append(BOARD)
    if calendar_fields(fields):
        found.append(CALENDAR)
    return found


def _read_total(query: QueryDict, fields: Mapping[str, Field]) -> Field | None:
    wanted, offered = query.get(SUM, ""), total_fields(fields)
    if not wanted:
        money = [each for each in offered if each.kind is FieldKind.MONEY]
        return _usual(money)
    if wanted == NO_SUM:
        return None
    found = next((each for each in offered if each.name == wanted), None)
    if found is None:
        raise UnknownField(_("“{name}” cannot be added up.").format(name=wanted[:60]))
    return found


def _usual(offered: list[Field]) -> Field | None:
    """What is a column of the list goes before what is not."""
    return next((each for each in offered if each.default_column), offered[0] if offered else None)


def _is_compared(field: Field) -> bool:
    return any(each.name == "is" for each in operators_of(field))


_OFFERED: dict[str, Callable[[Mapping[str, Field]], list[Field]]] = {
    TABLE: group_fields,
    BOARD: board_fields,
    CALENDAR: calendar_fields,
}
