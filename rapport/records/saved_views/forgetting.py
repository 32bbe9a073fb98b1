"""Taking a person out of views of lists: what was searched for may be her name, a filter her address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rapport.core.personal import Person
from rapport.records.models import SavedView

_WORD = re.compile(r"\w+")
_NAMELESS = "…"


def collect_views(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What views say of her, and nothing else that they say."""
    found = [{"list": view.object, "said": text} for view in _every_view() for text in _said_of(view, person)]
    return {"views_of_lists": found} if found else {}


def forget_in_views(person: Person) -> dict[str, int]:
    """Each part that mentions her goes; the view stays with the others. Says how many views were changed."""
    count = 0
    for view in _every_view():
        said = set(_said_of(view, person))
        if not said:
            continue
        asked = {key: [value for value in values if value not in said] for key, values in view.asked.items()}
        name = f"{_NAMELESS} {view.pk}" if view.name in said else view.name
        asked = {key: values for key, values in asked.items() if values}
        SavedView.objects.filter(pk=view.pk).update(name=name, asked=asked)
        count += 1
    return {"records_savedview": count} if count else {}


def _every_view() -> Iterator[SavedView]:
    return SavedView.objects.order_by("pk").iterator()


def _said_of(view: SavedView, person: Person) -> list[str]:
    """The name and the parts of what is asked that mention her."""
    parts = [(key, value) for key, values in view.asked.items() for value in values if key != "sort"]
    named = [view.name] if mentions(view.name, person) else []
    return named + [value for key, value in parts if mentions(value, person, is_search=key == "q")]


def mentions(text: str, person: Person, *, is_search: bool = False) -> bool:
    """By an address or a number, by a whole name; a search already where all its words begin words of hers."""
    said = text.casefold()
    if any(each.casefold() in said for each in person.identifying if each):
        return True
    words = _WORD.findall(said)
    names = [_WORD.findall(each.casefold()) for each in person.names]
    if any(_holds(words, name) for name in names if name):
        return True
    hers = [word for each in (*person.names, *person.identifying) for word in _WORD.findall(each.casefold())]
    return is_search and bool(words) and all(any(each.startswith(word) for each in hers) for word in words)


def _holds(words: list[str], name: list[str]) -> bool:
    return any(words[place : place + len(name)] == name for place in range(len(words) - len(name) + 1))
