"""From a column of a file that nothing takes to a field of one's own: what it would be called, and of which kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.records.custom_fields.forms import LONGEST_LABEL
from rapport.records.imports.actions import answer_import, plan_of
from rapport.records.imports.values import (
    ValueRefused,
    is_web_address,
    read_boolean,
    read_decimal,
    split_date,
)
from rapport.records.models import CustomField, CustomKind, Import, ImportState

_ORDERS = ("ymd", "mdy", "dmy")


@dataclass(frozen=True)
class FileColumn:
    """A column of an import that has not been started."""

    job: Import
    position: int
    header: str
    kind: str
    object: str

    @property
    def label(self) -> str:
        return " ".join(self.header.split())[:LONGEST_LABEL].strip()


def column_of(job: Import, position: int) -> FileColumn | None:
    """The column at this place, if the file brings objects that take fields of one's own."""
    if job.state != ImportState.DRAFT:
        return None
    plan = plan_of(job)
    if plan.importer is None or not plan.importer.takes_own_fields or plan.header is None:
        return None
    if not 0 <= position < len(plan.header.names):
        return None
    cells = [row[position] for row in plan.sample if position < len(row)]
    return FileColumn(job, position, plan.header.names[position], guessed_kind(cells), plan.importer.object)


def take_column(column: FileColumn, field: CustomField) -> None:
    """Have the new field filled from the column."""
    answers = dict(column.job.answers)
    mapping = {name: place for name, place in answers.get("mapping", {}).items() if place != column.position}
    answers["mapping"] = {**mapping, field.name: column.position}
    answers["keep"] = [place for place in answers.get("keep", []) if place != column.position]
    answer_import(column.job, answers)


def guessed_kind(cells: Sequence[str]) -> str:
    """What the first cells look like; text where they do not agree. Whoever makes the field has the last word."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return CustomKind.TEXT.value
    if all(map(is_web_address, filled)):
        return CustomKind.LINK.value
    if all(any(split_date(cell, order) for order in _ORDERS) for cell in filled):
        return CustomKind.DATE.value
    if all(map(_is_number, filled)):
        return CustomKind.NUMBER.value
    if all(map(_is_yes_or_no, filled)):
        return CustomKind.BOOLEAN.value
    return CustomKind.TEXT.value


def _is_number(cell: str) -> bool:
    """A number that is nothing else: codes with leading zeros are text."""
    digits = cell.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return False
    for decimal in (".", ","):
        try:
            return read_decimal(cell, decimal) is not None
        except (ValueRefused, ArithmeticError):
            continue
    return False


def _is_yes_or_no(cell: str) -> bool:
    try:
        return read_boolean(cell) is not None
    except ValueRefused:
        return False
