"""A process map: which steps and ways of a journey report are drawn, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

from rapport.insight.reports import Report

BOX_WIDTH, BOX_HEIGHT = 196, 52
_COLUMN, _ROW, _MARGIN = 262, 150, 48
_PER_ROW = 4
_ROUNDS = 200
_THINNEST, _THICKEST = 1.2, 7.0
_TIP, _LIFT = 5, 34  # room for the head of an arrow; how far a way over or under a row swings out
_LABEL_AT = 0.3  # near where a way begins, where ways have not met yet

Way = tuple[str, str]


@dataclass(frozen=True)
class Box:
    """One activity as it is drawn. `left` and `top` are in units of the drawing."""

    activity: str
    left: float
    top: float
    steps: int
    began: int
    ended: int

    @property
    def dropped(self) -> float:
        """Which share of the steps was the last of its journey."""
        return self.ended / self.steps if self.steps else 0.0

    @property
    def middle(self) -> float:
        return self.left + BOX_WIDTH / 2


@dataclass(frozen=True)
class Arrow:
    """One way from an activity to the next: a curve, how thick, and where its count stands."""

    before: str
    activity: str
    path: str
    thickness: float
    steps: int
    median_seconds: int
    label_at: tuple[float, float]
    is_back: bool


@dataclass(frozen=True)
class ProcessMap:
    """What is drawn, and how much of everything that is: `shown` of `ways` ways carry `share` of all transitions."""

    boxes: list[Box]
    arrows: list[Arrow]
    width: float
    height: float
    shown: int
    ways: int
    share: float


def process_map(report: Report, *, share: float) -> ProcessMap:
    """The map that leaves nobody out: the strongest ways until they carry `share` of all transitions, and of every
    activity at least the strongest way that leads to it and from it.

    Rows from top to bottom follow how many steps it takes to come there from the beginning of a journey, and so does the
    first row from left to right; within the others the boxes lie near those that they follow.
    """
    ways = {(row["before"], row["activity"]): row for row in report["follows"]}
    counts = {way: row["steps"] for way, row in ways.items()}
    chosen = _chosen(counts, share)
    boxes = _boxes(report["activities"], counts)
    most = max((counts[way] for way in chosen), default=1)
    ports = _Ports(boxes, chosen)
    arrows = [
        _arrow(boxes[before], boxes[activity], ways[before, activity], most, ports)
        for before, activity in sorted(chosen, key=lambda way: (counts[way], way))
    ]
    total = sum(counts.values())
    return ProcessMap(
        boxes=list(boxes.values()),
        arrows=arrows,
        width=max((box.left for box in boxes.values()), default=0) + BOX_WIDTH + _MARGIN,
        height=max((box.top for box in boxes.values()), default=0) + BOX_HEIGHT + _MARGIN,
        shown=len(chosen),
        ways=len(ways),
        share=sum(counts[way] for way in chosen) / total if total else 1.0,
    )


def _chosen(counts: dict[Way, int], share: float) -> set[Way]:
    wanted, carried = share * sum(counts.values()), 0
    chosen: set[Way] = set()
    strongest = sorted(counts, key=lambda way: (-counts[way], way))
    into: set[str] = set()
    out_of: set[str] = set()
    for way in strongest:
        if carried < wanted or way[1] not in into or way[0] not in out_of:
            chosen.add(way)
            carried += counts[way]
        into.add(way[1])
        out_of.add(way[0])
    return chosen


def _boxes(activities: Iterable[Report], counts: dict[Way, int]) -> dict[str, Box]:
    rows = list(activities)
    depths = _depths(rows, counts)
    ordered = sorted(rows, key=lambda row: (depths[row["activity"]], row["activity"]))
    layers = ceil(len(ordered) / _PER_ROW)
    widest = ceil(len(ordered) / layers) if layers else 0
    placed = _Placed(widest, depths)
    for layer in range(layers):
        placed.add(ordered[layer * widest : (layer + 1) * widest], layer, counts)
    return placed.boxes


def _depths(rows: list[Report], counts: dict[Way, int]) -> dict[str, float]:
    """How many steps each activity is from the beginning of its journey, on average over the ways that lead to it."""
    depth = dict.fromkeys((row["activity"] for row in rows), 0.0)
    leading: dict[str, list[tuple[str, int]]] = {name: [] for name in depth}
    for (before, activity), count in counts.items():
        leading[activity].append((before, count))
    for _round in range(_ROUNDS):
        depth = {
            row["activity"]: sum(count * (1 + depth[before]) for before, count in leading[row["activity"]])
            / (row["began"] + sum(count for _before, count in leading[row["activity"]]) or 1)
            for row in rows
        }
    return depth


@dataclass
class _Placed:
    """Boxes put down row by row, each near those that lead to it from above."""

    widest: int
    depths: dict[str, float]
    boxes: dict[str, Box] = field(default_factory=dict)

    def add(self, row: list[Report], layer: int, counts: dict[Way, int]) -> None:
        ordered = sorted(row, key=lambda each: self._place(each["activity"], counts))
        indent = (self.widest - len(ordered)) * _COLUMN / 2
        for place, each in enumerate(ordered):
            self.boxes[each["activity"]] = Box(
                activity=each["activity"],
                left=_MARGIN + indent + place * _COLUMN,
                top=_MARGIN + layer * _ROW,
                steps=each["steps"],
                began=each["began"],
                ended=each["ended"],
            )

    def _place(self, activity: str, counts: dict[Way, int]) -> tuple[float, float, str]:
        return self._pull(activity, counts), self.depths[activity], activity

    def _pull(self, activity: str, counts: dict[Way, int]) -> float:
        near = [(box.middle, counts.get((name, activity), 0)) for name, box in self.boxes.items()]
        weight = sum(count for _middle, count in near)
        return sum(middle * count for middle, count in near) / weight if weight else self.widest * _COLUMN / 2


_TOP, _BOTTOM, _SIDE = "top", "bottom", "side"


class _Ports:
    """Where ways leave and reach each box: spread along its upper and lower edge, in the order of where they come from or go."""

    def __init__(self, boxes: dict[str, Box], ways: Iterable[Way]) -> None:
        self._boxes = boxes
        self._held: dict[tuple[str, str], list[tuple[float, Way]]] = {}
        for way in sorted(ways):
            start, end = boxes[way[0]], boxes[way[1]]
            for box, other, edge in zip((start, end), (end, start), edges_of(start, end), strict=True):
                self._held.setdefault((box.activity, edge), []).append((other.middle, way))
        for held in self._held.values():
            held.sort()

    def of(self, box: Box, edge: str, way: Way) -> float:
        """How far to the right the way meets this edge of the box."""
        held = [each for _middle, each in self._held[box.activity, edge]]
        return box.left + BOX_WIDTH * (held.index(way) + 1) / (len(held) + 1)


def edges_of(start: Box, end: Box) -> tuple[str, str]:
    """By which edge a way leaves one box and reaches the other: down, up, or within a row to the neighbor's side, else over
    it to the right and under it to the left.
    """
    if end.top > start.top:
        return _BOTTOM, _TOP
    if end.top < start.top:
        return _TOP, _BOTTOM
    if abs(end.left - start.left) <= _COLUMN:
        return _SIDE, _SIDE
    return (_TOP, _TOP) if end.left > start.left else (_BOTTOM, _BOTTOM)


def _arrow(start: Box, end: Box, row: Report, most: int, ports: _Ports) -> Arrow:
    points = _points(start, end, (row["before"], row["activity"]), ports)
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    return Arrow(
        before=start.activity,
        activity=end.activity,
        path=f"M{x1:.0f} {y1:.0f}C{x2:.0f} {y2:.0f} {x3:.0f} {y3:.0f} {x4:.0f} {y4:.0f}",
        thickness=round(_THINNEST + (_THICKEST - _THINNEST) * (row["steps"] / most) ** 0.5, 1),
        steps=row["steps"],
        median_seconds=row["median_seconds"],
        label_at=_on_curve(points, _LABEL_AT),
        is_back=(end.top, end.left) < (start.top, start.left),
    )


_Points = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _points(start: Box, end: Box, way: Way, ports: _Ports) -> _Points:
    """The curve from one box to another: where it begins and ends, and the two points that pull it."""
    leaves, reaches = edges_of(start, end)
    if leaves == _SIDE:
        to_right = end.left > start.left
        y = start.top + BOX_HEIGHT / 2 + (-9 if to_right else 9)
        x1 = start.left + (BOX_WIDTH if to_right else 0)
        x4 = end.left + (-_TIP if to_right else BOX_WIDTH + _TIP)
        return (x1, y), (x1 + (x4 - x1) / 3, y), (x1 + (x4 - x1) * 2 / 3, y), (x4, y)
    x1, x4 = ports.of(start, leaves, way), ports.of(end, reaches, way)
    out, into = (-1 if leaves == _TOP else 1), (-1 if reaches == _TOP else 1)
    y1 = start.top + (0 if leaves == _TOP else BOX_HEIGHT)
    y4 = end.top + (0 if reaches == _TOP else BOX_HEIGHT) + into * _TIP
    pull = _LIFT if start.top == end.top else abs(y4 - y1) * 0.5
    return (x1, y1), (x1, y1 + out * pull), (x4, y4 + into * pull), (x4, y4)


def _on_curve(points: _Points, part: float) -> tuple[int, int]:
    """The point at this part (0 to 1) of a cubic curve."""
    rest = 1 - part
    weights = (rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3)
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, points, strict=True)) for axis in (0, 1))
    return round(x), round(y)
