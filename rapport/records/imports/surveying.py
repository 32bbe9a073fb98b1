"""How dates and numbers of a file are written, as far as its own values decide it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from rapport.records.imports.importing import ColumnKind, Importer

ENOUGH_ROWS = 20_000
_ASK_EVERY = 500
_DATE = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?!\d)")
_DATES = (ColumnKind.DATE, ColumnKind.INSTANT)
_NUMBERS = (ColumnKind.MONEY, ColumnKind.NUMBER, ColumnKind.INTEGER, ColumnKind.AMOUNT)


class Survey:
    """Looks at rows until what is wanted is certain. An empty `date_order` or `decimal` means that it must be asked."""

    def __init__(
        self, importer: Importer, mapping: Mapping[str, int], *, wants_dates: bool, wants_decimal: bool
    ) -> None:
        kinds = {position: importer.column(name).kind for name, position in mapping.items()}
        self._dates = [p for p, kind in kinds.items() if kind in _DATES] if wants_dates else []
        self._numbers = [p for p, kind in kinds.items() if kind in _NUMBERS] if wants_decimal else []
        self._orders: set[str] = set()
        self._signs: set[str] = set()
        self._is_cut_short = False
        self.date_example = self.number_example = ""

    @property
    def columns(self) -> str:
        """Which columns it looks at, and for what."""
        return f"dates {self._dates} numbers {self._numbers}"

    def read(self, rows: Iterable[list[str]], *, is_over: Callable[[], bool]) -> None:
        """What is not decided when it `is_over` stays open, and is asked."""
        if not self._dates and not self._numbers:
            return
        for count, row in enumerate(rows):
            for position in self._dates:
                if position < len(row) and row[position]:
                    self._see_date(row[position].strip())
            for position in self._numbers:
                if position < len(row) and row[position]:
                    self._see_number(row[position].strip())
            # what is undecided after many rows is looked for in the rest of the file, what is decided is not
            if count >= ENOUGH_ROWS and "ambiguous" not in self._orders and "ambiguous" not in self._signs:
                return
            if count % _ASK_EVERY == _ASK_EVERY - 1 and is_over():
                self._is_cut_short = count < ENOUGH_ROWS
                return

    @property
    def date_order(self) -> str:
        certain = self._orders - {"ambiguous"}
        if certain <= {"ymd"}:
            return "" if "ambiguous" in self._orders or self._is_cut_short else "ymd"
        decided = certain - {"ymd"}
        return decided.pop() if len(decided) == 1 else ""

    @property
    def decimal(self) -> str:
        certain = self._signs - {"ambiguous"}
        if not certain:
            return "" if "ambiguous" in self._signs or self._is_cut_short else "."
        return certain.pop() if len(certain) == 1 else ""

    def _see_date(self, text: str) -> None:
        found = _DATE.match(text)
        if not found or len(found[1]) == 4:
            self._orders.add("ymd")
            return
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            self._decide_dates("dmy")
        elif second > 12 >= first:
            self._decide_dates("mdy")
        elif first != second and not self._orders & {"dmy", "mdy"}:
            self._orders.add("ambiguous")
            self.date_example = self.date_example or text[:30]

    def _decide_dates(self, order: str) -> None:
        self._orders.discard("ambiguous")
        self._orders.add(order)

    def _see_number(self, text: str) -> None:
        point, comma = text.rfind("."), text.rfind(",")
        if point >= 0 and comma >= 0:
            self._decide_signs("." if point > comma else ",")
        elif point >= 0 or comma >= 0:
            sign = "." if point >= 0 else ","
            digits = re.sub(r"\D+$", "", text[max(point, comma) + 1 :])
            if text.count(sign) > 1:
                self._decide_signs("," if sign == "." else ".")
            elif len(digits) != 3 or text.lstrip("-+").startswith(("0.", "0,", ".", ",")):
                self._decide_signs(sign)
            elif not self._signs - {"ambiguous"}:
                self._signs.add("ambiguous")
                self.number_example = self.number_example or text[:30]

    def _decide_signs(self, sign: str) -> None:
        self._signs.discard("ambiguous")
        self._signs.add(sign)
