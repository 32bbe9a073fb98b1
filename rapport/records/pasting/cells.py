"""Reading what was copied from a spreadsheet: the block as rows of cells, and one cell as the value of a field."""

from __future__ import annotations

import csv
import io
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from rapport.records.custom_fields.inputs import YesOrNoField
from rapport.records.imports.values import ValueRefused, date_reader, read_boolean, read_decimal
from rapport.records.lists.editing import EditableField

TAB, SEMICOLON, COMMA = "tab", "semicolon", "comma"
SEPARATORS = {TAB: "\t", SEMICOLON: ";", COMMA: ","}
MOST_LETTERS = 1_000_000
MOST_PASTED_ROWS = 2_000
MOST_PASTED_CELLS = 20_000
_BETWEEN_CHOICES = str.maketrans(";|\n", ",,,")


class CellRefused(ValueError):
    """The cell cannot be the value of its field; the message says why."""


class BlockRefused(ValueError):
    """The whole block cannot be taken; the message says why."""


def read_block(text: str, separator: str = TAB) -> list[list[str]]:
    """The cells, row by row, as spreadsheets write them: those with tabs, quotes or breaks stand in quotes."""
    if len(text) > MOST_LETTERS:
        raise BlockRefused(_("The block is too large. Bring it in as a file."))
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    if not text.strip("\n"):
        raise BlockRefused(_("There is nothing to paste."))
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATORS[separator], strict=False))
    except csv.Error as error:
        raise BlockRefused(_("The block cannot be read as a table.")) from error
    rows = [row or [""] for row in rows]
    if len(rows) > MOST_PASTED_ROWS or sum(map(len, rows)) > MOST_PASTED_CELLS:
        raise BlockRefused(_("At most %(count)s rows are pasted at once.") % {"count": MOST_PASTED_ROWS})
    return rows


def read_cell(field: EditableField, text: str, *, dates: str = "ymd", decimal: str = ".") -> Any:
    """What is kept of a cell; None where it is empty. Raises CellRefused."""
    text = text.strip()
    if "\x00" in text:
        raise CellRefused(_("The cell holds a zero byte, which no text may hold."))
    if not text:
        if not field.can_be_emptied:
            raise CellRefused(_("This field may not be empty."))
        return None
    form = field.form_field
    try:
        required, form.required = form.required, False
        try:
            return field.kept(form.clean(_as_sent(form, text, dates=dates, decimal=decimal)))
        finally:
            form.required = required
    except ValueRefused as refusal:
        raise CellRefused(_(str(refusal))) from refusal
    except forms.ValidationError as refusal:
        raise CellRefused(" ".join(refusal.messages)) from refusal


def _as_sent(form: forms.Field, text: str, *, dates: str, decimal: str) -> Any:
    """The text as the form field takes it: choices by their label too, days and numbers as people write them."""
    if isinstance(form, YesOrNoField):
        return {True: "yes", False: "no"}[bool(read_boolean(text))]
    if isinstance(form, forms.MultipleChoiceField):
        parts = (part.strip() for part in text.translate(_BETWEEN_CHOICES).split(","))
        return [_chosen(form, part) for part in parts if part]
    if isinstance(form, forms.ChoiceField):
        return _chosen(form, text)
    if isinstance(form, forms.DateField):
        return date_reader(dates)(text)
    if isinstance(form, forms.DecimalField):
        return format(read_decimal(text, decimal) or 0, "f")
    return text


def _chosen(form: forms.ChoiceField, text: str) -> str:
    offered: list[tuple[Any, Any]] = list(form.choices)  # type: ignore[arg-type]
    known = {str(value).casefold(): str(value) for value, _label in offered}
    known = {str(label).casefold(): str(value) for value, label in offered} | known
    try:
        return known[" ".join(text.split()).casefold()]
    except KeyError as error:
        raise ValueRefused("choice") from error
