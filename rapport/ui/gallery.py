"""Invented values for the component gallery."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from rapport.core.money import MICROS, Money

_ROWS = (
    ("Ana Beatriz Souza", "Padaria Souza", "Porto Alegre", ("Champion", "good"), 12_480, 0.08, "Thu"),
    ("Tomasz Wrona", "Wrona i Syn", "Kraków", ("At risk", "bad"), 31_060, 0.71, "14 Jun"),
    ("李明华", "华东食品", "上海", ("Promising", "accent"), 2_310, 0.19, "Mon"),
    ("김서연", "", "서울", ("New", "violet"), 180, 0.34, "Tue"),
    ("Petra Lindqvist", "Lindqvist & Co", "Göteborg", ("Needs attention", "warn"), 6_015, 0.44, "9 Sep"),
    ("Diego Ramos", "", "Madrid", ("Hibernating", "plain"), 740, 0.92, "Feb"),
)
_MATRIX = (
    (7, 30, 92, 204, 367),
    (29, 151, 183, 229, 210),
    (51, 141, 116, 129, 71),
    (157, 219, 185, 159, 115),
    (625, 348, 290, 168, 63),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_REVENUE = (30, 34, 33, 41, 44, 43, 52, 58, 55, 63, 72, 40)
_SEGMENTS = (
    ("Champions", "good", 571, 5_210_000, 0.98, 31),
    ("Loyal", "good", 802, 3_890_000, 0.73, 12),
    ("Promising", "accent", 690, 820_000, 0.15, 64),
    ("Needs attention", "warn", 536, 960_000, 0.18, -9),
    ("At risk", "bad", 320, 1_410_000, 0.27, 22),
    ("Hibernating", "plain", 1000, 310_000, 0.06, -40),
)


def samples() -> dict[str, Any]:
    return {
        "people": _ROWS,
        "segments": _SEGMENTS,
        "matrix_rows": _matrix_rows(),
        "months": _months(),
        "price": Money(12_480 * MICROS, "EUR"),
        "instant": datetime(2026, 3, 2, 9, 12, tzinfo=UTC),
        "day": date(2023, 11, 3),
        "kinds_of_data": [(f"Kind {place}", place != 7) for place in range(1, 9)],
    }


def _matrix_rows() -> list[tuple[str, list[dict[str, Any]]]]:
    total = sum(map(sum, _MATRIX))
    return [
        (f"Frequency {5 - place}", [_cell(value, total) for value in row]) for place, row in enumerate(_MATRIX)
    ]  # fmt: skip


def _cell(value: int, total: int) -> dict[str, Any]:
    return {"value": value, "shown": str(value), "note": f"{100 * value / total:.0f} %", "href": "#charts"}


def _months() -> list[tuple[str, int, str, str]]:
    return [
        (month, value, f"€{value} k", "open" if month == "Dec" else "")
        for month, value in zip(_MONTHS, _REVENUE, strict=True)
    ]
