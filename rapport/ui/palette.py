"""What the "Search or jump" box finds: pages of the menu, and records that rooms look up in palette.SOURCES."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from rapport.core.rooms import contributions
from rapport.ui.context import menu_for

AT_MOST = 8


@dataclass(frozen=True)
class Found:
    label: str | Promise
    hint: str | Promise
    url: str


@dataclass(frozen=True)
class PaletteSource:
    """Records to jump to.

    `find` receives (request, text) and returns up to eight (label, hint, url) that this person may see, best first.
    """

    title: str | Promise
    find: Callable[[HttpRequest, str], Iterable[tuple[str, str, str]]]
    right: str = ""


@dataclass(frozen=True)
class FoundGroup:
    title: str | Promise
    found: tuple[Found, ...]


def find_everywhere(request: HttpRequest, person: Any, text: str, *, pages_title: str) -> list[FoundGroup]:
    """Pages with a word that begins with `text`, then what each source finds; without a text, only the pages."""
    groups = [FoundGroup(pages_title, tuple(_pages(person, text.casefold())))]
    if text:
        groups += [
            FoundGroup(source.title, tuple(Found(*item) for item in source.find(request, text))[:AT_MOST])
            for source in contributions("palette", "SOURCES", PaletteSource)
            if not source.right or person.has_right(source.right)
        ]
    return [group for group in groups if group.found]


def _pages(person: Any, text: str) -> Iterator[Found]:
    for section in menu_for(person):
        for link in section.links:
            if any(word.startswith(text) for word in _beginnings(str(link.label).casefold())):
                yield Found(link.label, section.label, link.url)


def _beginnings(label: str) -> Iterator[str]:
    """The label from each of its words on, so that "your pro" and "pro" both begin "your profile"."""
    words = label.split()
    return (" ".join(words[place:]) for place in range(len(words)))
