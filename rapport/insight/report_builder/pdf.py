"""A report as a PDF: its chart as on the page, its table, what it asks. Letters that its fonts do not have are refused in words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from rapport.insight.report_builder.charts import Chart, chart, lies
from rapport.insight.report_builder.pdf_charts import draw, swatch
from rapport.insight.report_builder.result import Result
from rapport.insight.report_builder.tally import ReportTooLarge
from rapport.ui.formats import day, moment

_PLAIN, _BOLD = "Helvetica", "Helvetica-Bold"
_HANGUL, _KANA, _HAN = "HYSMyeongJo-Medium", "HeiseiMin-W3", "STSong-Light"
_RUNS = re.compile(
    "(?P<hangul>[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]+)|(?P<east>[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]+)"
)
_IS_KANA = re.compile("[\u3040-\u30ff]")
_SPACES = re.compile("[\u00a0\u2007\u2009\u200a\u202f]")
_INK, _QUIET, _LINE, _ACCENT = (HexColor(each) for each in ("#1d2129", "#5c6470", "#d9dde3", "#3b63d8"))
_TEXT = ParagraphStyle("text", fontName=_PLAIN, fontSize=9, leading=12, textColor=_INK)
_QUIET_TEXT = ParagraphStyle("quiet", parent=_TEXT, textColor=_QUIET, fontSize=8, leading=11)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName=_BOLD, fontSize=16, leading=20)
_HEAD = ParagraphStyle("head", parent=_TEXT, fontName=_BOLD)
_NUMBER = ParagraphStyle("number", parent=_TEXT, alignment=2)
_QUIET_NUMBER = ParagraphStyle("quiet number", parent=_QUIET_TEXT, alignment=2)
_NUMBER_HEAD = ParagraphStyle("number head", parent=_HEAD, alignment=2)
_BAR, _MARGIN = 150, 48
_IN_A_ROW = 4
_LONGEST = 300  # a row of a table cannot go on over the next page


def as_pdf(result: Result, *, title: str) -> bytes:
    """A4, turned where the table is wide. Raises ReportTooLarge for letters that it cannot show."""
    target, question = io.BytesIO(), result.question
    columns = len(question.dimensions) + len(question.measures)
    size = landscape(A4) if columns > 3 else A4
    document = SimpleDocTemplate(
        target, pagesize=size, title=title, author="Rapport", leftMargin=_MARGIN, rightMargin=_MARGIN
    )
    as_of = result.tally.as_of
    when = _("As of the end of %(day)s") % {"day": day(as_of)} if as_of else f"{_('As of')} {moment(result.at)}"
    filters = "; ".join(each.words for each in question.filters)
    only = [_said(f"{_('Only those:')} {filters}", _QUIET_TEXT)] if filters else []
    width = size[0] - 2 * _MARGIN - 12
    story = [
        _said(title, _TITLE), _said(question.said, _TEXT), *only, _said(when, _QUIET_TEXT), Spacer(0, 12),
        *_chart(result, width=width), _table(result, width=width),
    ]  # fmt: skip
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return target.getvalue()


def _chart(result: Result, *, width: float) -> Iterator[Flowable]:
    """Columns or lines with what they are called; nothing where the table itself has bars, or says all."""
    drawn = chart(result)
    if drawn is None:
        return
    if drawn.legend:
        yield _legend(drawn, width=width)
    yield _said(drawn.highest, _QUIET_NUMBER)
    yield draw(drawn, width=width)
    ends = Table(
        [[_said(_cut(drawn.first), _QUIET_TEXT), _said(_cut(drawn.last), _QUIET_NUMBER)]], colWidths=[width / 2] * 2
    )
    ends.setStyle(TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]))
    yield ends
    if result.other_currencies:
        words = _("Drawn in %(currency)s; %(others)s stand in the table.")
        others = ", ".join(result.other_currencies)
        yield _said(words % {"currency": result.currency, "others": others}, _QUIET_TEXT)
    yield Spacer(0, 12)


def _legend(drawn: Chart, *, width: float) -> Table:
    """Each series with its color, a few in a row."""
    said = [(swatch(tone), _said(_cut(part.label), _QUIET_TEXT)) for tone, part in drawn.legend]
    rows = [[cell for pair in said[at : at + _IN_A_ROW] for cell in pair] for at in range(0, len(said), _IN_A_ROW)]
    filled = [row + [""] * (2 * _IN_A_ROW - len(row)) for row in rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
    ]
    return Table(filled, colWidths=[18, width / _IN_A_ROW - 18] * _IN_A_ROW, style=TableStyle(style))


def _table(result: Result, *, width: float) -> Table:
    """Columns as wide as each other: by what is in them, one word without an end would leave nothing to the others."""
    question, measures = result.question, result.question.measures
    has_bars = lies(result)
    head = [_said(each.label, _HEAD) for each in question.dimensions] + ([""] if has_bars else [])
    head += [_said(each.label, _NUMBER_HEAD) for each in measures]
    drawn = [result.drawn(cell.sums) or 0 for cell in result.cells]
    top = max([0.0, *drawn]) or 1.0
    lines: list[list[Any]] = [head]
    for cell, value in zip(result.cells, drawn, strict=True):
        names = [_said(_cut(each.label), _TEXT) for each in cell.parts]
        lines.append([*names, *([_bar(value / top)] if has_bars else []), *_numbers(result, cell.sums)])
    rest = [""] * (len(question.dimensions) - 1 + has_bars)
    lines.append([_said(_("Together"), _HEAD), *rest, *_numbers(result, result.whole.sums)])
    style = [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, _QUIET),
        ("LINEBELOW", (0, 1), (-1, -2), 0.3, _LINE),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, _QUIET),
    ]
    each = (width - has_bars * (_BAR + 12)) / (len(question.dimensions) + len(measures))
    widths = [each, _BAR + 12, *[each] * len(measures)] if has_bars else [each] * len(head)
    return Table(lines, repeatRows=1, style=TableStyle(style), colWidths=widths)


def _numbers(result: Result, sums: Any) -> Iterator[Paragraph]:
    for measure in result.question.measures:
        yield _said(result.shown(sums, measure), _NUMBER)


def _bar(ratio: float | Decimal) -> Drawing:
    drawing = Drawing(_BAR, 7)
    drawing.add(Rect(0, 0, _BAR, 7, fillColor=_LINE, strokeColor=None, fillOpacity=0.5))
    if ratio > 0:
        drawing.add(Rect(0, 0, max(float(ratio) * _BAR, 1), 7, fillColor=_ACCENT, strokeColor=None))
    return drawing


def _said(text: str, style: ParagraphStyle) -> Paragraph:
    """A text in the fonts that have its letters: every reader of PDF brings those of Han, kana and Hangul."""
    text = _SPACES.sub(" ", text).replace("\u2212", "-")
    parts, at = [], 0
    for found in _RUNS.finditer(text):
        parts.append(_latin(text[at : found.start()]))
        east = _KANA if _IS_KANA.search(text) else _HAN
        parts.append(f'<font face="{_font(_HANGUL if found["hangul"] else east)}">{escape(found[0])}</font>')
        at = found.end()
    return Paragraph("".join([*parts, _latin(text[at:])]), style)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _latin(text: str) -> str:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError as error:
        letter = text[error.start]
        words = _("A PDF cannot show the letter “%(letter)s” that stands in this report. Choose XLSX.")
        raise ReportTooLarge(words % {"letter": letter}) from error
    return escape("".join(each if each.isprintable() else " " for each in text))


def _font(name: str) -> str:
    if name not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    return name


def _numbered(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(_PLAIN, 8)
    canvas.setFillColor(_QUIET)
    canvas.drawRightString(document.pagesize[0] - _MARGIN, 28, str(canvas.getPageNumber()))
    canvas.restoreState()
