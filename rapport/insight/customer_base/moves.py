"""Who moved between RFM groups since a day, with the margin at the edges: as plain values, and as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rapport.insight import queries
from rapport.insight.behind.links import CUSTOMER, MOVED, behind_href
from rapport.insight.marts.segments import segment_changes, segment_moves, segments
from rapport.insight.marts.settled import cell_moves, settled
from rapport.insight.reports import Report, rows
from rapport.insight.rfm.segments import NOT_YET, TONES, Segment
from rapport.ui.formats import day, number

if TYPE_CHECKING:
    from ibis import ir

    from rapport.insight.reports import Reports

VERSION = 1


@dataclass(frozen=True)
class MovesPart:
    """The matrix: groups before down, groups now across."""

    says: str
    groups: list[tuple[str, str]]
    rows: list[tuple[str, list[dict[str, Any]]]]


def group_moves(answers: Reports, *, as_of: date, since: date) -> Report:
    """How many customers went from which group and which cell to which, and how many would have without the margin."""
    margins = queries.group_margins()

    def compute() -> Report:
        then, named = answers.segmented(as_of=since), _settled(answers, as_of=as_of, since=since, margins=margins)
        moves = segment_moves(segment_changes(named, then, not_yet=NOT_YET))
        strict = rows(segment_moves(answers.segment_changes(as_of=as_of, since=since)))
        cells = rows(cell_moves(named, then))
        cells.sort(key=lambda row: [row[name] or 0 for name in sorted(row)])
        return {
            "mart": f"settled v{VERSION}",
            "as_of": as_of.isoformat(),
            "since": since.isoformat(),
            "margin_thousandths": margins,
            "moves": (found := rows(moves, order_by=("segment_before", "segment"))),
            "customers": sum(row["customers"] for row in found),
            "moved": _moved(found),
            "moved_without_margin": _moved(strict),
            "cells": cells,
        }

    return answers.answer("group_moves", (VERSION, as_of, since, sorted(margins.items())), compute)


def changed_groups(answers: Reports, *, as_of: date, since: date) -> ir.Table:
    """Everybody who had bought by `as_of` with the group settled in by then and that of `since`: `segment_changes`."""
    named = _settled(answers, as_of=as_of, since=since, margins=queries.group_margins())
    return segment_changes(named, answers.segmented(as_of=since), not_yet=NOT_YET)


def _settled(answers: Reports, *, as_of: date, since: date, margins: dict[str, int]) -> ir.Table:
    return answers.warehouse.keep(
        f"settled_{as_of:%Y%m%d}_{since:%Y%m%d}",
        lambda: segments(
            settled(
                answers.segmented(as_of=as_of),
                answers.segmented(as_of=since),
                recency_margin=margins["recency"],
                frequency_margin=margins["frequency"],
            ),
            rules=answers.rules,
        ),
    )


def moves_part(report: Report, *, since: date, listed: bool) -> MovesPart:
    labels = dict(Segment.choices)
    counts = {(row["segment_before"], row["segment"]): row["customers"] for row in report["moves"]}
    names = [segment.value for segment in Segment]
    top = max((count for (before, now), count in counts.items() if before != now), default=0) or 1
    lines = []
    for before in (*names, NOT_YET):
        cells = []
        for now in names:
            count = counts.get((before, now), 0)
            stayed = before == now
            heat = 0 if stayed or not count else max(1, round(10 * (count / top) ** 0.5))
            asked = {"as_of": report["as_of"], "since": report["since"], "from": before, "to": now}
            href = behind_href(CUSTOMER, MOVED, **asked) if listed and count else ""
            cells.append({"shown": number(count) if count else "", "heat": heat, "stayed": stayed, "href": href})
        lines.append((str(labels.get(before, _("Had not bought"))), cells))
    return MovesPart(_says(report, since), [(str(labels[name]), TONES[Segment(name)]) for name in names], lines)


def _moved(moves: list[Report]) -> int:
    return sum(row["customers"] for row in moves if row["segment_before"] not in (row["segment"], NOT_YET))


def _says(report: Report, since: date) -> str:
    before = sum(row["customers"] for row in report["moves"] if row["segment_before"] != NOT_YET)
    held = report["moved_without_margin"] - report["moved"]
    said = {"moved": number(report["moved"]), "customers": number(before), "day": day(since)}
    text = (
        _("Of %(customers)s customers who had bought by %(day)s, %(moved)s are in another group now.") % said
        if before
        else _("Nobody had bought by %(day)s.") % said
    )
    if held <= 0:
        return text
    at_edge = ngettext(
        "%(count)s more stands at the edge of a group and is counted where it was.",
        "%(count)s more stand at the edge of a group and are counted where they were.",
        held,
    ) % {"count": number(held)}
    return f"{text} {at_edge}"
