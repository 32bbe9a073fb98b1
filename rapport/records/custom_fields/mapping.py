"""From a column of a file that nothing takes to a field of one's own: what it would be called, and of which kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from rapport.core.acting import Actor
from rapport.records.custom_fields.actions import FieldRefused, add_field
from rapport.records.custom_fields.forms import LONGEST_LABEL, one_line
from rapport.records.custom_fields.queries import custom_fields_of
from rapport.records.imports.actions import answer_import, plan_of
from rapport.records.imports.planning import Plan
from rapport.records.imports.rows import first_rows
from rapport.records.imports.values import (
    ValueRefused,
    is_web_address,
    read_boolean,
    read_decimal,
    split_date,
)
from rapport.records.layouts.sight import hidden_names
from rapport.records.models import CustomField, CustomKind, Import, ImportState

MOST_LOOKED_AT = 100_000  # rows whose cells say what kind of field a column becomes


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
        return _label_of(self.header)


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


@dataclass(frozen=True)
class Filling:
    """A column that nothing takes and the field it would fill: the one of its label, which is `known`, or a new one."""

    position: int
    header: str
    label: str
    kind: str
    known: str
    examples: tuple[str, ...]

    @property
    def kind_label(self) -> str:
        return str(CustomKind(self.kind).label)


def fillings(plan: Plan, *, hidden: Collection[str] = ()) -> list[Filling]:
    """What every column that nothing takes would fill; columns of fields that are `hidden` are left out.

    The kind is what all cells of the first rows can be; that of a known field stays.
    """
    if plan.importer is None or plan.header is None:
        return []
    labels = free_columns(plan)
    known = {each.label.casefold(): each for each in custom_fields_of(plan.importer.object)}
    kinds = _kinds_of(plan, [place for place, label in labels.items() if label.casefold() not in known])
    found = []
    for place, label in labels.items():
        field = known.get(label.casefold())
        if field is not None and field.name in hidden:
            continue
        cells = dict.fromkeys(row[place].strip()[:40] for row in plan.sample if place < len(row))
        found.append(
            Filling(
                place, plan.header.names[place], label, field.kind.value if field is not None else kinds[place],
                field.name if field is not None else "", tuple(cell for cell in cells if cell),
            )
        )  # fmt: skip
    return found


def make_fields(
    job: Import, plan: Plan, *, by: Actor, request: HttpRequest | None = None, chosen: Sequence[Filling] | None = None
) -> list[CustomField]:
    """Have columns that nothing takes fill fields: those `chosen`, else all; returns the fields that are new.

    Only the answers of the draft change; a file that takes no fields of its own is refused (FieldRefused).
    """
    if plan.importer is None or not plan.importer.takes_own_fields or plan.header is None:
        raise FieldRefused(_("What this file holds takes no fields of its own."))
    hidden = hidden_names(job.started_by, plan.importer.object) if job.started_by is not None else frozenset()
    mapping = dict(plan.answers.get("mapping", {}))
    made: list[CustomField] = []
    with transaction.atomic():
        names: dict[str, str] = {}
        for each in fillings(plan, hidden=hidden) if chosen is None else chosen:
            name = each.known or names.get(each.label.casefold())
            if name is None:
                field = add_field(plan.importer.object, label=each.label, kind=each.kind, by=by, request=request)
                made.append(field)
                name = field.name
                names[each.label.casefold()] = name
            mapping.setdefault(name, each.position)
        answer_import(job, {**plan.answers, "mapping": mapping})
    return made


def free_columns(plan: Plan) -> dict[int, str]:
    """The columns that are neither mapped nor kept as they are, by place: what their fields would be called."""
    if plan.importer is None or not plan.importer.takes_own_fields or plan.header is None:
        return {}
    taken = {*plan.answers.get("mapping", {}).values(), *plan.answers.get("keep", [])}
    labels = {place: _label_of(name) for place, name in enumerate(plan.header.names) if place not in taken}
    return {place: label for place, label in labels.items() if label}


def _kinds_of(plan: Plan, places: Sequence[int]) -> dict[int, str]:
    assert plan.table is not None
    assert plan.header is not None
    guesses = {place: _Guess() for place in places}
    for row in first_rows(plan.table, plan.answers["encoding"], plan.header, at_most=MOST_LOOKED_AT):
        for place, guess in guesses.items():
            if place < len(row):
                guess.see(row[place])
    return {place: guess.kind for place, guess in guesses.items()}


def _label_of(header: str) -> str:
    return one_line(one_line(header)[:LONGEST_LABEL])


def guessed_kind(cells: Sequence[str]) -> str:
    """What cells look like; text where they do not agree. Whoever makes the field has the last word."""
    guess = _Guess()
    for cell in cells:
        guess.see(cell)
    return guess.kind


class _Guess:
    """What all cells seen so far can be. One way of writing days, and one sign before decimals, must do for all."""

    def __init__(self) -> None:
        self._left = list(_LOOKS)
        self._seen = False

    def see(self, cell: str) -> None:
        cell = cell.strip()
        if not cell:
            return
        self._seen = True
        if self._left:
            self._left = [(kind, looks) for kind, looks in self._left if looks(cell)]

    @property
    def kind(self) -> str:
        return (self._left[0][0] if self._left and self._seen else CustomKind.TEXT).value


def _is_number(decimal: str, cell: str) -> bool:
    """A number that is nothing else: codes with leading zeros are text."""
    digits = cell.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return False
    try:
        return read_decimal(cell, decimal) is not None
    except (ValueRefused, ArithmeticError):
        return False


def _is_day(order: str, cell: str) -> bool:
    return bool(split_date(cell, order))


def _is_yes_or_no(cell: str) -> bool:
    try:
        return read_boolean(cell) is not None
    except ValueRefused:
        return False


_LOOKS: tuple[tuple[CustomKind, Callable[[str], bool]], ...] = (
    (CustomKind.LINK, is_web_address),
    *((CustomKind.DATE, partial(_is_day, order)) for order in ("ymd", "mdy", "dmy")),
    *((CustomKind.NUMBER, partial(_is_number, decimal)) for decimal in (".", ",")),
    (CustomKind.BOOLEAN, _is_yes_or_no),
)
