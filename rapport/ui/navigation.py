"""The menu: every room lists its entries in navigation.ENTRIES; an entry shows only to those who may open it.

What can be begun from any page a room lists in navigation.ACTS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from rapport.core.rooms import contributions


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu. `section` orders the groups: Today, Customers, Sell, Market, Serve, Understand, Strategy, Settings.

    `count_url` names the URL of a piece with `data-poll` that says how much of it waits; pages fetch it once they are shown.
    """

    label: str | Promise
    url_name: str
    section: str
    right: str = ""
    order: int = 50
    key: str = ""  # the letter that opens it after `g`
    count_url: str = ""


@dataclass(frozen=True)
class ShellAct:
    """A page where something new is begun: the search box offers it, and its key opens it from anywhere.

    A page's own button with the same key goes first. `pasted_as` names the field in which the page takes a text of several
    lines that somebody pastes into the search box.
    """

    label: str | Promise
    url_name: str
    right: str = ""
    key: str = ""
    pasted_as: str = ""
    order: int = 50


def entries() -> Iterator[MenuEntry]:
    return contributions("navigation", "ENTRIES", MenuEntry)


def acts() -> Iterator[ShellAct]:
    return iter(sorted(contributions("navigation", "ACTS", ShellAct), key=lambda act: act.order))
