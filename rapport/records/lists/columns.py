"""Which columns a list shows, in which order and how wide: as they are kept, and as somebody may see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.records.registry import Field

MOST_COLUMNS = 40
WIDTHS: dict[str, str | Promise] = {
    "": _("as it comes"),
    "narrow": _("narrow"),
    "medium": _("medium"),
    "wide": _("wide"),
    "widest": _("very wide"),
}


@dataclass(frozen=True)
class ListColumn:
    """A field as a column; without a `width` it takes what its values need."""

    field: Field
    width: str = ""

    @property
    def kept(self) -> str:
        """As it is kept with a view or a person: the name, and the width where one was chosen."""
        return f"{self.field.name}:{self.width}" if self.width else self.field.name


def usual_columns(fields: Mapping[str, Field]) -> tuple[ListColumn, ...]:
    """The columns of the house, or those of the role."""
    return tuple(ListColumn(each) for each in fields.values() if each.default_column)


def with_asked(columns: Sequence[ListColumn], asked: Iterable[Field]) -> tuple[ListColumn, ...]:
    """The columns, and behind those that name a row what the list was asked by, so that an order shows its reason."""
    shown = {each.field.name for each in columns}
    added = {each.name: ListColumn(each) for each in asked if each.name not in shown}
    place = next((place for place, each in enumerate(columns) if not is_needed(each.field)), len(columns))
    return (*columns[:place], *added.values(), *columns[place:])


def columns_kept(kept: Sequence[str] | None, fields: Mapping[str, Field]) -> tuple[tuple[ListColumn, ...], int]:
    """The columns that are kept and visible, and how many had to be left out. What names a row is always there."""
    if kept is None:
        return usual_columns(fields), 0
    parts = [each.partition(":") for each in dict.fromkeys(kept)]
    chosen = [
        ListColumn(fields[name], width if width in WIDTHS else "") for name, _colon, width in parts if name in fields
    ]
    return with_head(chosen, fields), len(parts) - len(chosen)


def with_head(chosen: Iterable[ListColumn], fields: Mapping[str, Field]) -> tuple[ListColumn, ...]:
    """Each field once, and not too many; the columns that a row cannot do without stand first where they are missing."""
    by_name = dict(list({each.field.name: each for each in chosen}.items())[:MOST_COLUMNS])
    missing = [each for each in fields.values() if is_needed(each) and each.name not in by_name]
    return (*(ListColumn(each) for each in missing), *by_name.values())


def is_needed(field: Field) -> bool:
    """Whether every row shows it, since it names the row."""
    return field.essential and field.default_column
