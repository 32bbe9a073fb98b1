"""What every page of the shell needs: the menu, the person, the theme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from rapport.ui.keys import EVERYWHERE, GROUPS, ROWS, Key, keys_of
from rapport.ui.navigation import MenuEntry, ShellAct, acts, entries

SECTIONS: dict[str, str | Promise] = {
    "Today": "",
    "Customers": _("Customers"),
    "Sell": _("Sell"),
    "Market": _("Market"),
    "Serve": _("Serve"),
    "Understand": _("Understand"),
    "Strategy": _("Strategy"),
    "Settings": _("Settings"),
}
SELDOM = "Settings"  # opened by few and not every day: the section stays folded away from its own pages
THEME_COOKIE = "theme"
THEMES = ("light", "dark")


@dataclass(frozen=True)
class MenuLink:
    label: str | Promise
    url: str
    key: str
    is_current: bool
    count_url: str = ""


@dataclass(frozen=True)
class MenuSection:
    label: str | Promise
    links: tuple[MenuLink, ...]
    folds: bool = False

    @property
    def is_open(self) -> bool:
        return any(link.is_current for link in self.links)


@dataclass(frozen=True)
class ActLink:
    label: str | Promise
    url: str
    key: str
    pasted_as: str


@dataclass(frozen=True)
class Shell:
    """The frame around a page."""

    language: str
    theme: str  # "light", "dark", or "" to follow the device
    person: Any | None
    menu: tuple[MenuSection, ...]
    shortcuts: bool
    acts: tuple[ActLink, ...] = ()

    @property
    def keys(self) -> list[tuple[str | Promise, list[Key]]]:
        """What the sheet of keys tells, by group."""
        return [(GROUPS[group], keys_of(group)) for group in (EVERYWHERE, ROWS)]


def shell(request: HttpRequest) -> dict[str, Any]:
    person = signed_in(request)
    return {
        "shell": Shell(
            language=translation.get_language() or "en",
            theme=theme_of(request, person),
            person=person,
            menu=menu_for(person, path=request.path) if person else (),
            shortcuts=request.COOKIES.get("shortcuts") != "off" and getattr(person, "has_keyboard_keys", True),
            acts=acts_for(person) if person else (),
        )
    }


def csrf(request: HttpRequest) -> dict[str, Any]:
    """The token of this answer and the field that carries it, masked once for all of its forms; only where one is written."""
    return {
        "csrf_token": SimpleLazyObject(partial(get_token, request)),
        "csrf_input": SimpleLazyObject(partial(csrf_input, request)),
    }


def signed_in(request: HttpRequest) -> Any | None:
    """The member of the staff who asks; an error page can come before anybody was recognized."""
    person = getattr(request, "user", None)
    return person if person is not None and person.is_authenticated else None


def theme_of(request: HttpRequest, person: Any | None) -> str:
    chosen = getattr(person, "theme", "") or request.COOKIES.get(THEME_COOKIE, "")
    return chosen if chosen in THEMES else ""


def menu_for(person: Any, *, path: str = "") -> tuple[MenuSection, ...]:
    """The entries this person may open, by section; the longest one that leads here is the current one."""
    allowed = [entry for entry in entries() if not entry.right or person.has_right(entry.right)]
    urls = {entry: reverse(entry.url_name) for entry in allowed}
    current = max((url for url in urls.values() if url != "/" and path.startswith(url)), key=len, default=path)
    return tuple(
        MenuSection(label, _links(section, urls, current), folds=section == SELDOM)
        for section, label in SECTIONS.items()
        if any(entry.section == section for entry in allowed)
    )


def start_pages(person: Any) -> list[tuple[str, str]]:
    """The pages of the menu that somebody can begin with, by the names of their URLs."""
    allowed = [
        entry for entry in entries() if entry.section != SELDOM and (not entry.right or person.has_right(entry.right))
    ]
    places = {section: place for place, section in enumerate(SECTIONS)}
    allowed.sort(key=lambda entry: (places.get(entry.section, len(places)), entry.order))
    return [(entry.url_name, str(entry.label)) for entry in sorted(allowed, key=lambda entry: not entry.right)]


def start_url(person: Any) -> str:
    """Where somebody begins: what she chose, as long as she may open it, else the first page of her role."""
    names = [name for name, _label in start_pages(person)]
    chosen = getattr(person, "start_page", "")
    return reverse(chosen if chosen in names else names[0])


def acts_for(person: Any) -> tuple[ActLink, ...]:
    """What this person may begin from any page."""
    return tuple(_act_link(act) for act in acts() if not act.right or person.has_right(act.right))


def _act_link(act: ShellAct) -> ActLink:
    return ActLink(act.label, reverse(act.url_name), act.key, act.pasted_as)


def _links(section: str, urls: dict[MenuEntry, str], current: str) -> tuple[MenuLink, ...]:
    entries_here = sorted((entry for entry in urls if entry.section == section), key=lambda entry: entry.order)
    return tuple(
        MenuLink(
            entry.label, urls[entry], entry.key, urls[entry] == current,
            reverse(entry.count_url) if entry.count_url else "",
        )
        for entry in entries_here
    )  # fmt: skip
