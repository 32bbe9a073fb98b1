"""What the "Search or jump" box finds: pages of the menu, and records that rooms look up in palette.SOURCES.

What can be done with the page beneath it, or with its selected rows, the browser adds (behaviors/palette.js).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from rapport.core.rooms import contributions
from rapport.ui.context import acts_for, menu_for

AT_MOST = 8


@dataclass(frozen=True)
class Found:
    label: str | Promise
    hint: str | Promise
    url: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class PaletteSource:
    """Records to jump to.

    `find` receives (request, text) and returns up to eight (label, hint, url) that this person may see, best first. One
    that `opens` is asked while the box is still empty, and not afterwards.
    """

    title: str | Promise
    find: Callable[[HttpRequest, str], Iterable[tuple[str, str, str]]]
    right: str = ""
    opens: bool = False


@dataclass(frozen=True)
class FoundGroup:
    title: str | Promise
    found: tuple[Found, ...]


def find_everywhere(request: HttpRequest, person: Any, text: str, *, pages_title: str) -> list[FoundGroup]:
    """What can be begun, pages with a word that begins with `text`, then what each source finds.

    Without a text: where one was lately, and the pages. Where one was lately also goes first within what is found.
    """
    visited = request.GET.getlist("recent")
    sources = [
        FoundGroup(source.title, _latest_first([Found(*item) for item in source.find(request, text)], visited))
        for source in contributions("palette", "SOURCES", PaletteSource)
        if source.opens is not bool(text) and (not source.right or person.has_right(source.right))
    ]
    begun = FoundGroup(_("Begin"), tuple(_acts(person, text.casefold())))
    pages = FoundGroup(pages_title, tuple(_pages(person, text.casefold())))
    groups = [begun, pages, *sources] if text else [*sources, begun, pages]
    return [group for group in groups if group.found]


def _latest_first(found: list[Found], visited: list[str]) -> tuple[Found, ...]:
    places = {url: place for place, url in enumerate(visited)}
    return tuple(sorted(found, key=lambda item: places.get(item.url, len(places)))[:AT_MOST])


def _acts(person: Any, text: str) -> Iterator[Found]:
    for act in acts_for(person):
        if _begins(act.label, text):
            yield Found(act.label, "", act.url, (act.key.upper(),) if act.key else ())


def _pages(person: Any, text: str) -> Iterator[Found]:
    for section in menu_for(person):
        for link in section.links:
            if _begins(link.label, text):
                yield Found(link.label, section.label, link.url, ("g", link.key) if link.key else ())


def _begins(label: str | Promise, text: str) -> bool:
    return any(word.startswith(text) for word in _beginnings(str(label).casefold()))


def _beginnings(label: str) -> Iterator[str]:
    """The label from each of its words on, so that "your pro" and "pro" both begin "your profile"."""
    words = label.split()
    return (" ".join(words[place:]) for place in range(len(words)))
