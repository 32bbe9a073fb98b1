"""Where the marks of the charts of the customer base stand: numbers for SVG, drawn by templates/insight/base_charts.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDE, TALL = 330.0, 170.0
STACK_WIDE, STACK_TALL = 660.0, 220.0
_EDGE = 6.0


@dataclass(frozen=True)
class Mark:
    """A rectangle: `tone` is the end of its class."""

    left: float
    top: float
    width: float
    height: float
    tone: str
    title: str


@dataclass(frozen=True)
class Dot:
    left: float
    top: float
    title: str


@dataclass(frozen=True)
class Curve:
    """A running share against the share of all: `points` as of a polyline, and dots that say what they are."""

    points: str
    area: str
    dots: list[Dot]
    even: str


@dataclass(frozen=True)
class Column:
    """One column of stacked marks; `hit` is where its title is shown."""

    marks: list[Mark]
    left: float
    width: float
    title: str
    is_open: bool = False


@dataclass(frozen=True)
class Step:
    """One column of a bridge: from one running total to the next."""

    label: str
    low: int
    high: int
    tone: str
    title: str


def curve(running: Sequence[tuple[int, int]], titles: Sequence[str], *, top: int) -> Curve | None:
    """(members, micros) so far, best first, up to `top`; nothing where there is nothing to share."""
    members, total = running[-1] if running else (0, 0)
    if not members or total <= 0:
        return None
    base, wide, tall = TALL - _EDGE, WIDE - 2 * _EDGE, TALL - 2 * _EDGE
    places = [(_EDGE + wide * count / members, base - tall * max(micros, 0) / top) for count, micros in running]
    points = " ".join(f"{left:.1f},{height:.1f}" for left, height in [(_EDGE, base), *places])
    dots = [Dot(round(left, 1), round(height, 1), said) for (left, height), said in zip(places, titles, strict=True)]
    area = f"{points} {places[-1][0]:.1f},{base:.1f}"
    even = f"{_EDGE:.1f},{base:.1f} {places[-1][0]:.1f},{base - tall * total / top:.1f}"
    return Curve(points, area, dots[1::2], even)


def bridge(steps: Sequence[Step]) -> list[Mark]:
    """A column for each step between its two totals, on a scale with the zero."""
    lowest = min([0, *(step.low for step in steps)])
    span = (max([0, *(step.high for step in steps)]) - lowest) or 1
    step_wide, tall = WIDE / max(len(steps), 1), TALL - 2 * _EDGE
    marks = []
    for place, step in enumerate(steps):
        top = _EDGE + tall * (1 - (step.high - lowest) / span)
        height = max(tall * (step.high - step.low) / span, 1.0)
        marks.append(_mark(place * step_wide + step_wide * 0.14, top, step_wide * 0.72, height, step.tone, step.title))
    return marks


def zero_line(steps: Sequence[Step]) -> float:
    """How far down the zero of a bridge is."""
    lowest = min([0, *(step.low for step in steps)])
    span = (max([0, *(step.high for step in steps)]) - lowest) or 1
    return round(_EDGE + (TALL - 2 * _EDGE) * (1 + lowest / span), 1)


def stacked(periods: Sequence[tuple[str, Sequence[tuple[str, int, str]], bool]]) -> list[Column]:
    """Columns of (title, layers from the bottom up as (tone, micros, title), is open); what is below zero is not drawn."""
    top = max((sum(max(micros, 0) for _tone, micros, _title in layers) for _said, layers, _open in periods), default=0)
    step, tall = (STACK_WIDE - 2 * _EDGE) / max(len(periods), 1), STACK_TALL - 2 * _EDGE
    columns = []
    for place, (title, layers, is_open) in enumerate(periods):
        left, floor, marks = _EDGE + place * step, STACK_TALL - _EDGE, []
        for tone, micros, said in layers:
            height = tall * max(micros, 0) / (top or 1)
            if height > 0:
                floor -= height
                marks.append(_mark(left + step * 0.1, floor, step * 0.8, height, tone, said))
        columns.append(Column(marks, round(left, 1), round(step, 1), title, is_open))
    return columns


def _mark(left: float, top: float, width: float, height: float, tone: str, title: str) -> Mark:
    return Mark(round(left, 1), round(top, 1), round(width, 1), round(height, 2), tone, title)
