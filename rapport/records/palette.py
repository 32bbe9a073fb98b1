"""Views of lists in the box that searches and jumps."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rapport.accounts.access import staff_user
from rapport.records.exporting import exported_lists
from rapport.records.models import SavedView
from rapport.ui.palette import AT_MOST, PaletteSource


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    user = staff_user(request)
    lists = {name: each for name, each in exported_lists().items() if user.has_right(each.right)}
    if "\x00" in text:
        return []
    found = SavedView.objects.visible_to(user).filter(object__in=lists, name__icontains=text).order_by("name", "pk")
    return [
        (each.name, str(lists[each.object].label), f"{reverse(lists[each.object].url_name)}?view={each.public_id}")
        for each in found[:AT_MOST]
    ]


SOURCES = (PaletteSource(_("Views of lists"), _find),)
