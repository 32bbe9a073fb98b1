"""Views of lists, and the records one was at lately, in the box that searches and jumps."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import staff_user
from rapport.records.exporting.lists import every_list
from rapport.records.models import SavedView
from rapport.records.record_kinds import record_at, record_kinds
from rapport.ui.palette import AT_MOST, PaletteSource


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    user = staff_user(request)
    lists = {name: each for name, each in every_list().items() if user.has_right(each.right)}
    if "\x00" in text:
        return []
    found = SavedView.objects.visible_to(user).filter(object__in=lists, name__icontains=text).order_by("name", "pk")
    return [
        (each.name, str(lists[each.object].label), f"{reverse(lists[each.object].url_name)}?view={each.public_id}")
        for each in found[:AT_MOST]
    ]


def _recent(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    """The browser says where somebody was, the gate what she may still see of it; who was merged stands once."""
    user = staff_user(request)
    found = (record_at(user, path) for path in request.GET.getlist("recent")[:AT_MOST])
    records = {(record.kind, record.id): record for record in found if record is not None}
    return [(each.name, str(record_kinds()[each.kind].label), each.url) for each in records.values()]


SOURCES = (PaletteSource(_("Recently visited"), _recent, opens=True), PaletteSource(_("Views of lists"), _find))
