"""The addresses of every page of the product, from its URLs: for the tests of every page and for the pictures."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from tests.browser.site import Site

NOT_PAGES = {
    "healthz", "readyz", "notification_count",  # answers for programs, and a piece of a page
    "home", "setup",  # lead to another page
    "mfa_login_webauthn", "mfa_authenticate", "account_reauthenticate", "mfa_reauthenticate",  # steps of a sign-in
    "mfa_reauthenticate_webauthn",
}  # fmt: skip
_SAMPLES = 2  # pages of each kind that has an argument
_LINK = re.compile(r'href="(/[^"?#]*)')


def page_paths(site: Site, *, session: str = "") -> list[str]:
    """Pages without an argument that answer 200 with HTML, then samples of every kind they link to, by URL name."""
    session = session or site.world["sessions"]["Ada"]
    found = {path: html for path in plain_paths() if (html := _page(site, path, session))}
    kinds: dict[str, list[str]] = {}
    waiting = list(found.values())
    while waiting:
        for path in dict.fromkeys(_LINK.findall(waiting.pop(0))):
            kind = _kind(path)
            if path in found or not kind or kind in NOT_PAGES or len(kinds.setdefault(kind, [])) >= _SAMPLES:
                continue
            html = _page(site, path, session)
            if html:
                kinds[kind].append(path)
                found[path] = html
                waiting.append(html)
    return list(found)


def plain_paths() -> Iterator[str]:
    for name in _names(get_resolver().url_patterns):
        if name not in NOT_PAGES:
            try:
                yield reverse(name)
            except NoReverseMatch:  # an argument before the last part of the path
                continue


def _names(patterns: Sequence[Any]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif isinstance(pattern, URLPattern) and pattern.name and not pattern.pattern.regex.groups:
            yield pattern.name


def _kind(path: str) -> str:
    """The URL name of a path that has an argument."""
    try:
        match = get_resolver().resolve(path)
    except Http404:
        return ""
    return match.url_name or "" if match.kwargs else ""


def _page(site: Site, path: str, session: str) -> str:
    """The HTML of a page; nothing for what redirects, refuses, or is a file. A broken page counts, so that tests see it."""
    asked = urllib.request.Request(site.url(path), headers={"Cookie": f"session={session}", "Accept": "text/html"})
    try:
        with _opener.open(asked, timeout=120) as answer:
            is_page = answer.status == 200 and answer.headers.get_content_type() == "text/html"
            return answer.read().decode() if is_page else ""
    except urllib.error.HTTPError as refusal:
        return "broken" if refusal.code >= 500 else ""


def page_name(path: str) -> str:
    """A page's name for files: its URL name, so that it stays the same while ids change."""
    try:
        return get_resolver().resolve(path).url_name or "page"
    except Http404:
        return "not-found"


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


_opener = urllib.request.build_opener(_StayHere)
