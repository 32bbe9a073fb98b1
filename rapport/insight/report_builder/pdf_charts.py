"""The chart of a report in its PDF: the columns and lines of charts.py, in the colors that the page has by day."""

from __future__ import annotations

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect
from reportlab.lib.colors import Color, HexColor

from rapport.insight.report_builder.charts import TALL, WIDE, Chart, ChartLine, ChartMark

_TONES = ("#3b63d8", "#7c45b8", "#97a9ee", "#1f8a55", "#bc9cdb", "#c98520", "#8cc4a5", "#cfcdca")
_GRID, _AXIS = HexColor("#d9dde3"), HexColor("#5c6470")
_FOOT = 6.0


def draw(chart: Chart, *, width: float) -> Drawing:
    """The chart as wide as said, and as high in proportion; what charts.py counts downwards stands upwards here."""
    scale = width / WIDE
    drawing = Drawing(width, (TALL + _FOOT) * scale)
    drawing.add(Line(0, _up(_FOOT) * scale, width, _up(_FOOT) * scale, strokeColor=_GRID, strokeWidth=0.5))
    for mark in chart.marks:
        drawing.add(_column(mark, scale))
    for line in chart.lines:
        for shape in _line(line, scale):
            drawing.add(shape)
    zero = _up(chart.zero) * scale
    drawing.add(Line(0, zero, width, zero, strokeColor=_AXIS, strokeWidth=0.5))
    return drawing


def swatch(tone: int) -> Drawing:
    """The color of a series, for its legend."""
    drawing = Drawing(7, 7)
    drawing.add(Rect(0, 0, 7, 7, fillColor=_color(tone), strokeColor=None))
    return drawing


def _column(mark: ChartMark, scale: float) -> Rect:
    bottom = _up(mark.top + mark.height) * scale
    return Rect(
        mark.left * scale,
        bottom,
        mark.width * scale,
        mark.height * scale,
        fillColor=_color(mark.tone),
        strokeColor=None,
    )


def _line(line: ChartLine, scale: float) -> list[PolyLine | Circle]:
    places = [tuple(float(number) for number in each.split(",")) for each in line.points.split()]
    along = [each for left, top in places for each in (left * scale, _up(top) * scale)]
    shapes: list[PolyLine | Circle] = []
    if len(places) > 1:
        shapes.append(PolyLine(along, strokeColor=_color(line.tone), strokeWidth=1.2))
    shapes += [
        Circle(left * scale, _up(top) * scale, 1.8, fillColor=_color(line.tone), strokeColor=None)
        for left, top, _title, _href in line.dots
    ]
    return shapes


def _up(top: float) -> float:
    return TALL + _FOOT - top


def _color(tone: int) -> Color:
    return HexColor(_TONES[tone])
