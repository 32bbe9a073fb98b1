"""Every URL of the product, walked from the resolver, so that no test has a list of its own to forget something in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from rapport.accounts.access import PROGRAM, PUBLIC, STAFF
from rapport.accounts.third_party import AUDIENCES

_NO_ID = str(uuid.UUID(int=404, version=4))
MISSING = {"uuid": _NO_ID, "uuidstr": _NO_ID, "int": "999999999", "str": "missing", "slug": "missing"}
LISTS = {
    "list_name": "customer",
    "object_name": "customer",
}  # places of a path that name a list, which anybody may know


@dataclass(frozen=True)
class Endpoint:
    """One URL: its name, its route with typed places, its view."""

    name: str
    route: str
    parameters: tuple[tuple[str, str], ...]
    view: Callable[..., HttpResponse]

    def path(self, **values: Any) -> str:
        """The path with `values` in their places, and in the others the list of customers or ids that do not exist."""
        route = self.route
        for name, kind in self.parameters:
            value = str(values.get(name, LISTS.get(name, MISSING.get(kind, "missing"))))
            route = re.sub(rf"<(?:\w+:)?{name}>", lambda _match, value=value: value, route)
        return f"/{route}"

    @property
    def audience(self) -> str | None:
        return getattr(self.view, "audience", None) or AUDIENCES.get(self.name)

    @property
    def is_ours(self) -> bool:
        return self.view.__module__.startswith("rapport.")


def endpoints(urlconf: Any = None) -> list[Endpoint]:
    return list(_walk(get_resolver(urlconf), ""))


def undeclared(found: list[Endpoint]) -> list[str]:
    """What has no audience: our own must declare one; a library's is closed until it is listed."""
    return [
        f"{each.name or each.route}" for each in found if each.is_ours and each.audience not in (PUBLIC, STAFF, PROGRAM)
    ]


def _walk(resolver: URLResolver, before: str) -> Iterator[Endpoint]:
    for entry in resolver.url_patterns:
        route = _route(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, before + route)
        elif isinstance(entry, URLPattern):
            places = tuple(re.findall(r"<(?:(\w+):)?(\w+)>", before + route))
            yield Endpoint(
                entry.name or "", before + route, tuple((name, kind or "str") for kind, name in places), entry.callback
            )


def _route(entry: URLPattern | URLResolver) -> str:
    """The route as text; a regular expression becomes one with plain places."""
    text = str(entry.pattern)
    if text.startswith("^"):
        text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<str:\1>", text.lstrip("^").rstrip("$"))
    return text
