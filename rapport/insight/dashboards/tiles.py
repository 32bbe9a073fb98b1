"""Dashboards: tiles of saved reports and of reports of ours, each asked as whoever looks at it.

A page has what is there at once; each tile that is not is asked for by an address of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.insight.models import Dashboard, SavedReport
from rapport.insight.report_builder.page import ShownReport, shown_report
from rapport.insight.report_builder.questions import kept_query, read_question
from rapport.records.registry import UnknownField

if TYPE_CHECKING:
    from rapport.accounts.models import User

BUILTIN, REPORT = "builtin:", "report:"
_LEAST = 2.0


@dataclass(frozen=True)
class Patience:
    """Seconds that a tile may take, and all of them; then two for each of the rest, or with `another_time` its address."""

    each: float
    in_all: float
    another_time: bool = False


A_PAGE = Patience(0.3, 0.6, another_time=True)
ONE_TILE = Patience(5, 5)
A_MAIL = Patience(5, 30)


@dataclass(frozen=True)
class Builtin:
    """A report of ours, by the address that asks it."""

    name: str
    label: str | Promise
    asked: str


BUILTINS = (
    Builtin("revenue", _("Revenue by month"), "of=mart-revenue&by=month.month&measure=sum.net_micros&top=24"),
    Builtin("orders", _("Orders by month and channel"), "of=order&by=placed.month&then=channel&measure=count&top=24"),
    Builtin(
        "rfm",
        _("Customers by RFM group"),
        "of=customer&by=segment&filter=segment.filled:&measure=count&measure=sum.value",
    ),
    Builtin(
        "leaving",
        _("Likely gone: value by RFM group"),
        "of=customer&by=segment&filter=alive_percent.at_most:50&measure=sum.value&measure=count",
    ),
    Builtin("new", _("New customers by month"), "of=customer&by=created.month&measure=count&top=24"),
    Builtin("tasks", _("Tasks by state"), "of=task&by=state&measure=count"),
)
_BY_NAME: Mapping[str, Builtin] = {each.name: each for each in BUILTINS}
AT_A_GLANCE = tuple(f"{BUILTIN}{each.name}" for each in BUILTINS)


@dataclass(frozen=True)
class Tile:
    """A report on a dashboard. `href` leads to it alone; without an answer `coming` is where to ask, or `refused` says why."""

    key: str
    label: str | Promise
    is_data: bool
    href: str
    shown: ShownReport | None = None
    coming: str = ""
    refused: str = ""


def shown_tiles(keys: Sequence[str], *, user: User, at: datetime, patience: Patience) -> list[Tile]:
    """The tiles that `user` may see, with the answers that are there in time."""
    reports, tiles = reports_behind(keys, user=user), []
    began = time.monotonic()
    for key in keys:
        found = _named(key, reports)
        if found is None:
            continue
        label, query, href, is_data = found
        try:
            question = read_question(query, user=user)
        except UnknownField as refusal:
            if key.startswith(REPORT):
                tiles.append(Tile(key, label, is_data, href, refused=str(refusal)))
            continue
        left = patience.in_all - (time.monotonic() - began)
        if left <= 0 and patience.another_time:
            tiles.append(Tile(key, label, is_data, href, coming=_address(key)))
            continue
        seconds = min(patience.each, max(_LEAST, left))
        shown = shown_report(question, at=at, seconds=seconds, only_kept=patience.another_time)
        if shown.is_slow and patience.another_time:
            tiles.append(Tile(key, label, is_data, href, coming=_address(key)))
        else:
            tiles.append(Tile(key, label, is_data, href, shown))
    return tiles


def reports_behind(keys: Sequence[str], *, user: User) -> dict[str, SavedReport]:
    """The saved reports among these that `user` may see, by their tile."""
    ids = [each for each in map(_report_id, keys) if each is not None]
    found = SavedReport.objects.visible_to(user).filter(public_id__in=ids) if ids else ()
    return {f"{REPORT}{each.public_id}": each for each in found}


def tiles_offered(dashboard: Dashboard, *, user: User) -> list[tuple[str, str | Promise]]:
    """What can still be put on a dashboard: one's own and shared reports, and ours."""
    reports = SavedReport.objects.visible_to(user).order_by("name", "pk")[:200]
    offered: list[tuple[str, str | Promise]] = [(f"{REPORT}{each.public_id}", each.name) for each in reports]
    offered += [(f"{BUILTIN}{each.name}", each.label) for each in BUILTINS]
    return [each for each in offered if each[0] not in dashboard.tiles]


def moved(tiles: Sequence[str], tile: str, way: str) -> list[str]:
    """The order after a tile was moved `earlier`, `later` or `first`, or taken `out`."""
    found = list(tiles)
    if tile not in found:
        return found
    at = found.index(tile)
    found.remove(tile)
    if way == "out":
        return found
    place = {"earlier": at - 1, "later": at + 1, "first": 0}.get(way, at)
    found.insert(max(0, min(place, len(found))), tile)
    return found


def _named(key: str, reports: Mapping[str, SavedReport]) -> tuple[str | Promise, QueryDict, str, bool] | None:
    if key in reports:
        report = reports[key]
        return report.name, kept_query(report.asked), reverse("report", args=[report.public_id]), True
    builtin = _BY_NAME.get(key.removeprefix(BUILTIN)) if key.startswith(BUILTIN) else None
    if builtin is None:
        return None
    return builtin.label, QueryDict(builtin.asked), f"{reverse('report_new')}?{builtin.asked}", False


def _address(key: str) -> str:
    if key.startswith(BUILTIN):
        return reverse("tile_of_ours", args=[key.removeprefix(BUILTIN)])
    return reverse("report_tile", args=[key.removeprefix(REPORT)])


def _report_id(key: str) -> UUID | None:
    if not key.startswith(REPORT):
        return None
    try:
        return UUID(key.removeprefix(REPORT))
    except ValueError:
        return None
