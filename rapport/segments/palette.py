"""Segments in the box that searches and jumps."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy

from rapport.accounts.access import staff_user
from rapport.customers.permissions import VIEW
from rapport.segments.queries import segments_seen_by
from rapport.ui.palette import AT_MOST, PaletteSource


def _find(request: HttpRequest, text: str) -> Iterable[tuple[str, str, str]]:
    words = text.casefold().split()
    found = [
        each for each in segments_seen_by(staff_user(request)) if all(word in each.name.casefold() for word in words)
    ]
    return [(each.name, each.note, reverse("segment", args=[each.public_id])) for each in found[:AT_MOST]]


SOURCES = (PaletteSource(gettext_lazy("Segments"), _find, right=VIEW.name),)
