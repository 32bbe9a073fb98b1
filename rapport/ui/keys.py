"""The keys of the pages: rooms list theirs in keys.KEYS; the sheet behind `?` and docs/keyboard.md both come from here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.core.rooms import contributions
from rapport.ui.navigation import entries

EVERYWHERE, ROWS, PAGES = "everywhere", "rows", "pages"
GROUPS: dict[str, str | Promise] = {EVERYWHERE: _("Everywhere"), ROWS: _("In lists"), PAGES: _("On some pages")}
_LIST = "[data-rows] .row-link, [data-card] .card-link, table[data-rows] tbody tr:not(.empty-row)"


@dataclass(frozen=True)
class Key:
    """What a key does.

    `needs` is a selector: the sheet tells of the key where the page has such an element. What the keys of the group
    PAGES do the sheet reads from the buttons that print them; the documentation takes their words from here.
    """

    keys: tuple[str, ...]
    said: str | Promise
    group: str = PAGES
    needs: str = ""
    order: int = 50


KEYS = (
    Key(("⌘K", "Ctrl K"), _("Search, jump, or do something with this page or the selected rows"), EVERYWHERE, order=1),
    Key(("/",), _("Search in this list"), EVERYWHERE, needs="[data-search]", order=1),
    Key(("?",), _("This list of shortcuts"), EVERYWHERE, order=1),
    Key(("u",), _("Undo what you did last"), EVERYWHERE, needs="[data-undo-last]", order=1),
    Key(("F8",), _("Go to the notifications"), EVERYWHERE, order=1),
    Key(("Esc",), _("Close or cancel"), EVERYWHERE, order=1),
    Key(("j", "k"), _("Next and previous row"), ROWS, needs=_LIST, order=1),
    Key(("Enter",), _("Open the row, or go to what can be done with it"), ROWS, needs=_LIST, order=1),
    Key(("p",), _("Look at the row beside the list"), ROWS, needs='[data-row-key="p"]', order=1),
    Key(("x",), _("Select the row"), ROWS, needs="[data-rows] .select input, [data-select-row]", order=1),
    Key(
        ("X",), _("Select all that fit, those of the other pages too"), ROWS, needs="[data-select-everything]", order=1
    ),
    Key(("b",), _("Go to what can be done with the selected rows"), ROWS, needs="[data-bulk-bar]", order=1),
)


def keys_of(group: str) -> list[Key]:
    return sorted((key for key in contributions("keys", "KEYS", Key) if key.group == group), key=lambda key: key.order)


def letters() -> set[str]:
    """Every single key that some room tells of."""
    return {each for key in contributions("keys", "KEYS", Key) for each in key.keys}


def as_markdown() -> str:
    """The tables of docs/keyboard.md."""
    return "\n".join(_tables())


def _tables() -> Iterator[str]:
    for group, title in GROUPS.items():
        yield from _table(str(title), [(key.keys, str(key.said)) for key in keys_of(group)])
    going = sorted((entry for entry in entries() if entry.key), key=lambda entry: entry.key)
    yield from _table(str(_("To go somewhere")), [(("g", entry.key), str(entry.label)) for entry in going])


def _table(title: str, lines: list[tuple[tuple[str, ...], str]]) -> Iterator[str]:
    yield from (f"### {title}", "", "| keys | |", "|---|---|")
    for keys, said in lines:
        yield f"| {' '.join(f'`{key}`' for key in keys)} | {said} |"
    yield ""
