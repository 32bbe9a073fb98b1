"""The part of a plan that workbooks need: which sheet, what is certain of its cells, and what is said about them."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.records.imports.drafting import AnswerInvalid, Draft
from rapport.records.imports.xlsx import Table, filled_sheets, table_of
from rapport.records.imports.xlsx_package import is_workbook


def settle_sheet(draft: Draft, path: Path) -> Table | None:
    """The sheet of a workbook as a table, or nothing: the file is text, or the sheet must be asked for."""
    found = draft.look.once(f"{path.name} sheets", lambda: filled_sheets(path) if is_workbook(path) else [])
    if not found:
        draft.answers.pop("sheet", None)
        return None
    sheets = [(str(number), name) for number, name in found]
    number = _chosen(str(draft.answers.get("sheet") or ""), sheets)
    if not number:
        draft.ask("sheet", _("The workbook has several sheets. Which one is to be brought in?"), sheets)
        return None
    draft.look.begin()
    table = table_of(path, int(number), is_over=draft.look.is_over)
    draft.answers.update(sheet=number, sheet_name=table.sheet, encoding="utf-8", encoding_checked="utf-8")
    draft.notes += _words_about(table)
    return table


def take_certain(draft: Draft, table: Table) -> None:
    """Days and numbers of a sheet are certain unless some of them are texts."""
    if not table.texts_as_days:
        draft.answers.setdefault("dates", "ymd")
    if not table.texts_as_numbers:
        draft.answers.setdefault("decimal", ".")


def _chosen(given: str, sheets: list[tuple[str, str]]) -> str:
    if not given:
        return sheets[0][0] if len(sheets) == 1 else ""
    found = next((number for number, name in sheets if given == name), "") or next(
        (number for number, _name in sheets if given == number), ""
    )
    if not found:
        known = ", ".join(name for _number, name in sheets)
        raise AnswerInvalid(
            _("The workbook has no sheet “%(name)s” that holds something. There are: %(known)s.")
            % {"name": given, "known": known}
        )
    return found


def _words_about(table: Table) -> list[str]:
    words = []
    if table.header_row > 1:
        words.append(
            _("The names of the columns stand in row %(row)s of the sheet; what is above them is left out.")
            % {"row": table.header_row}
        )
    if table.formulas:
        words.append(
            ngettext(
                "%(count)s cell is a formula; the value that was saved with it is taken.",
                "%(count)s cells are formulas; the values that were saved with them are taken.",
                table.formulas,
            )
            % {"count": table.formulas}
        )
    if table.without_value:
        words.append(
            ngettext(
                "%(count)s formula has no saved value and counts as empty. Open and save the workbook to have it computed.",
                "%(count)s formulas have no saved value and count as empty. Open and save the workbook to have them computed.",
                table.without_value,
            )
            % {"count": table.without_value}
        )
    if table.errors:
        words.append(
            ngettext(
                "%(count)s cell holds an error such as #N/A; a row in which a column that is taken holds one is refused.",
                "%(count)s cells hold errors such as #N/A; rows in which a column that is taken holds one are refused.",
                table.errors,
            )
            % {"count": table.errors}
        )
    return words
