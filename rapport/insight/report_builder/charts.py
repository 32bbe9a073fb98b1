"""Where the marks of a report's chart stand: numbers for SVG, drawn by templates/insight/report_parts.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.insight.report_builder.questions import BARS, LINE
from rapport.insight.report_builder.result import Cell, Part, Result
from rapport.insight.report_builder.tally import Sums

WIDE, TALL = 660.0, 200.0
_EDGE = 6.0
_WIDEST = 96.0
TONES = 8


@dataclass(frozen=True)
class ChartMark:
    """A rectangle of one part; `tone` is the number of its color."""

    left: float
    top: float
    width: float
    height: float
    tone: int
    title: str
    href: str


@dataclass(frozen=True)
class ChartLine:
    """One series over time: `points` as of a polyline, and a dot for each of them."""

    points: str
    tone: int
    dots: list[tuple[float, float, str, str]]


@dataclass(frozen=True)
class Chart:
    """Columns or lines; `zero` is how far down nothing is, `highest` what the top of the scale is called."""

    marks: list[ChartMark]
    lines: list[ChartLine]
    legend: list[tuple[int, Part]]
    zero: float
    first: str
    last: str
    highest: str


@dataclass(frozen=True)
class Bar:
    """A line of a table with its bar, `ratio` of the longest one; what is below nothing has none."""

    cell: Cell
    ratio: float
    title: str


def bars(result: Result) -> list[Bar]:
    """Lying bars, for what has no order in time and one dimension."""
    drawn = [result.drawn(cell.sums) or 0 for cell in result.cells]
    top = max([0.0, *drawn]) or 1.0
    return [
        Bar(cell, max(value, 0) / top, _title(result, cell)) for cell, value in zip(result.cells, drawn, strict=True)
    ]


def lies(result: Result) -> bool:
    """Whether the report is drawn as lying bars."""
    question = result.question
    return question.chart == BARS and not question.dimensions[0].is_time and not result.series


def chart(result: Result) -> Chart | None:
    """Standing columns or lines; nothing where the table says all, or there is nothing to draw."""
    if result.question.chart not in (BARS, LINE) or lies(result) or not result.firsts:
        return None
    by_place = {tuple(part.key for part in cell.parts): cell for cell in result.cells}
    firsts = [each for each in result.firsts if not (each.is_rest and result.question.dimensions[0].is_time)]
    if not firsts:
        return None
    series: Sequence[Part | None] = result.series or [None]
    rows = [[by_place.get((first.key, *([one.key] if one else []))) for one in series] for first in firsts]
    values = [[result.drawn(cell.sums) if cell is not None else None for cell in row] for row in rows]
    is_line = result.question.chart == LINE
    high, low = _scale(values, is_line=is_line)
    if high == low:
        return None
    legend = [(number % TONES, part) for number, part in enumerate(result.series)]
    measure = result.question.measures[0]
    zero = _down(0, high, low)
    lines = _lines(result, rows, values, high, low) if is_line else []
    marks = [] if is_line else _columns(result, rows, values, high, low)
    highest = _highest(result, rows, values, high) or result.shown(Sums(), measure)
    return Chart(marks, lines, legend, zero, firsts[0].label, firsts[-1].label if len(firsts) > 1 else "", highest)


def _scale(values: Sequence[Sequence[float | None]], *, is_line: bool) -> tuple[float, float]:
    if is_line:
        flat = [each for row in values for each in row if each is not None]
        return max([0.0, *flat]), min([0.0, *flat])
    return (
        max([0.0, *(sum(each for each in row if each and each > 0) for row in values)]),
        min([0.0, *(sum(each for each in row if each and each < 0) for row in values)]),
    )


def _highest(
    result: Result, rows: Sequence[Sequence[Cell | None]], values: Sequence[Sequence[float | None]], high: float
) -> str:
    """What the highest column or dot is, in words."""
    measure = result.question.measures[0]
    for row, numbers in zip(rows, values, strict=True):
        found = [cell.sums for cell in row if cell is not None]
        if sum(each or 0 for each in numbers) == high and found:
            return result.shown(sum(found[1:], found[0]), measure)
        for cell, value in zip(row, numbers, strict=True):
            if cell is not None and value == high:
                return result.shown(cell.sums, measure)
    return ""


def _columns(
    result: Result,
    rows: Sequence[Sequence[Cell | None]],
    values: Sequence[Sequence[float | None]],
    high: float,
    low: float,
) -> list[ChartMark]:
    step, marks = (WIDE - 2 * _EDGE) / len(rows), []
    for place, (row, numbers) in enumerate(zip(rows, values, strict=True)):
        up = down = 0.0
        for tone, (cell, value) in enumerate(zip(row, numbers, strict=True)):
            if cell is None or not value:
                continue
            start = up if value > 0 else down
            up, down = (up + value, down) if value > 0 else (up, down + value)
            top, base = sorted((_down(start, high, low), _down(start + value, high, low)))
            width = min(step * 0.76, _WIDEST)
            left = _EDGE + place * step + (step - width) / 2
            marks.append(
                ChartMark(
                    round(left, 1), round(top, 1), round(width, 1), round(max(base - top, 1), 1), tone % TONES,
                    _title(result, cell), cell.href,
                )
            )  # fmt: skip
    return marks


def _lines(
    result: Result,
    rows: Sequence[Sequence[Cell | None]],
    values: Sequence[Sequence[float | None]],
    high: float,
    low: float,
) -> list[ChartLine]:
    step, lines = (WIDE - 2 * _EDGE) / max(len(rows) - 1, 1), []
    for tone in range(len(rows[0])):
        dots = []
        for place, (row, numbers) in enumerate(zip(rows, values, strict=True)):
            cell, value = row[tone], numbers[tone]
            if cell is None:
                if result.question.measures[0].kind != "average":
                    dots.append((round(_EDGE + place * step, 1), round(_down(0, high, low), 1), "", ""))
                continue
            if value is not None:
                left, top = round(_EDGE + place * step, 1), round(_down(value, high, low), 1)
                dots.append((left, top, _title(result, cell), cell.href))
        points = " ".join(f"{left},{top}" for left, top, _said, _href in dots)
        lines.append(ChartLine(points, tone % TONES, [each for each in dots if each[2]]))
    return lines


def _down(value: float, high: float, low: float) -> float:
    return _EDGE + (TALL - 2 * _EDGE) * (high - value) / (high - low)


def _title(result: Result, cell: Cell) -> str:
    names = ", ".join(each.label for each in cell.parts)
    return f"{names}: {result.shown(cell.sums, result.question.measures[0])}"
