"""Every sentence on a page can be translated: under a pseudo-locale nothing but data is left in plain letters."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

_SEEN_ATTRIBUTES = {"placeholder", "aria-label", "alt", "title"}
_NOT_TEXT = {"script", "style", "code", "kbd", "time", "option", "title"}
_WORD = re.compile(r"[A-Za-z]{3,}")
_DATA = re.compile(
    r"Rapport|Tiny Ltd|Ada|Sales|Reader|Administrator|Manager|Service|North|South|GBP|Europe/London|\S+@\S+|"
    r"Jan\w*|Feb\w*|Mar\w*|Apr\w*|May|Jun\w*|Jul\w*|Aug\w*|Sep\w*|Oct\w*|Nov\w*|Dec\w*|UTC|GMT|BST|CSV|Ctrl|Enter|Esc|Shift|https?://\S+"
)


class _Texts(HTMLParser):
    """Collects what a person reads: text nodes and the attributes that are spoken or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []
        self.data_from: int | None = None  # how deep the element lies that says translate="no"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in {"input", "meta", "link", "br", "img", "hr", "path", "rect", "line", "circle"}:
            self.open.append(tag)
            if ("translate", "no") in attributes and self.data_from is None:
                self.data_from = len(self.open)
        if self.data_from is None:
            self.found += [value for name, value in attributes if name in _SEEN_ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if self.data_from is not None and len(self.open) < self.data_from:
            self.data_from = None

    def handle_data(self, data: str) -> None:
        if self.data_from is None and not _NOT_TEXT & set(self.open) and data.strip():
            self.found.append(data.strip())


def _pseudo(text: str) -> str:
    return f"«{text}»" if text else text


@pytest.fixture
def pseudo_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    translation.gettext("")  # Django fills in the functions at their first call
    active = translation._trans
    monkeypatch.setattr(active, "gettext", _pseudo)
    monkeypatch.setattr(active, "pgettext", lambda context, text: _pseudo(text))
    monkeypatch.setattr(active, "ngettext", lambda one, many, number: _pseudo(one if number == 1 else many))


def plain_urls(patterns: list[URLPattern | URLResolver] | None = None) -> list[str]:
    """The names of our own URLs that need no argument."""
    names = []
    for item in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(item, URLResolver):
            if "allauth" not in str(item.urlconf_name):
                names += plain_urls(item.url_patterns)
        elif item.name and not item.pattern.converters and "<" not in str(item.pattern):
            names.append(item.name)
    return names


def untranslated(html: str) -> list[str]:
    """The words of a page that did not go through gettext."""
    parser = _Texts()
    parser.feed(html)
    left = [_untold(text) for text in parser.found]
    return [text for text in left if _WORD.search(_DATA.sub("", text))]


def _untold(text: str) -> str:
    """What did not go through gettext; a sentence may hold another one."""
    while text != (left := re.sub(r"«[^«»]*»", "", text)):
        text = left
    return text


@pytest.mark.parametrize("name", sorted(set(plain_urls()) - {"gallery"}))  # the gallery shows sample data
def test_every_sentence_of_the_page_is_translatable(name: str, ada: Any, as_user: Any, pseudo_locale: None):
    response = as_user(ada).get(reverse(name))

    if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
        assert untranslated(response.content.decode()) == []


def test_a_plain_sentence_is_found():
    assert untranslated("<p>«Fine» 12</p><p>Forgotten words</p>") == ["Forgotten words"]
    assert untranslated("<p>««A call», in minutes»</p><p>««A call»» in minutes</p>") == [" in minutes"]
