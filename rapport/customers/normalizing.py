"""What identifies a person or an organization, in one spelling: e-mail addresses, phone numbers, names. No Django here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneNumberFormat

from rapport.customers.channels import channel_code
from rapport.customers.contact_points.further import FurtherContacts, searched_emails, with_phones
from rapport.customers.folding import LONGEST_KEY, fold_text, words_of
from rapport.records.imports.values import ValueRefused, without

KEYLESS_PREFIX = "row-"
ORGANIZATION_PREFIX, OWN_NUMBERS = "organization ", "own"
_PLAIN_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9]\d{7,14})")
_PUNCTUATION, _FURTHER_PUNCTUATION = " -./()", "\u00a0\u2009\u202f\u2010\u2011\u2012\u2013"
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_IDENTIFYING = ("email_norm", "phone_norm", "name", "organization", "born_on", "postal_code")
_TELLING = ("name", "given_name", "family_name", "organization", "email", "phone", "born_on", "postal_code")


def normalize_email(email: str | None) -> str | None:
    """One spelling of an address, for comparing; None when it is not an address."""
    if not email or email.count("@") != 1:
        return None
    address = email.strip().lower()
    local, _, domain = address.partition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return f"{local}@{domain}" if local and "." in domain else None


def normalize_phone(phone: str | None, country: str | None = None) -> str | None:
    """The number in E.164 form, or None when it is not a possible number; `country` is a code or an English name."""
    if not phone:
        return None
    if "(0)" not in phone:
        found = _PLAIN_INTERNATIONAL.fullmatch(phone.replace(" ", ""))  # as most are written
        if not found:
            bare = without(phone, _PUNCTUATION)
            found = _PLAIN_INTERNATIONAL.fullmatch(bare if bare.isascii() else without(bare, _FURTHER_PUNCTUATION))
        if found and _calling_code(found[1]):
            return f"+{found[1]}"
    return _parsed(phone, region_of(country))


def _parsed(phone: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(phone, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _calling_code(digits: str) -> bool:
    # numbers of the North American plan and of short national plans are left to the library, which knows their lengths
    return (
        digits[0] not in "17"
        and len(digits) >= 10
        and (int(digits[:2]) in COUNTRY_CODE_TO_REGION_CODE or int(digits[:3]) in COUNTRY_CODE_TO_REGION_CODE)
    )


@cache
def _regions() -> dict[str, str]:
    names = {name.casefold(): code for code, name in Locale("en").territories.items() if len(code) == 2}
    return names | {"uk": "GB", "eire": "IE", "usa": "US", "united states of america": "US", "korea": "KR", "rsa": "ZA"}


def region_of(country: str | None) -> str | None:
    """The two-letter code of a country given as code or English name, or None."""
    if not country:
        return None
    plain = country.strip()
    if len(plain) == 2 and plain.isascii() and plain.upper() in phonenumbers.SUPPORTED_REGIONS:
        return plain.upper()
    return _regions().get(plain.casefold())


@lru_cache(maxsize=1024)
def country_code(country: str | None) -> str | None:
    """The two-letter code of a country, or what was given where it is no country's code or name."""
    return region_of(country) or country


# the languages that customers state in their own words; each one costs the memory of its locale, in every worker process
_WITH_OWN_NAMES = (
    "ar", "bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "he", "hi", "hr", "hu", "id", "it", "ja", "ko", "lt", "lv",
    "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip


@cache
def _languages() -> dict[str, str]:
    names = {name.casefold(): code for code, name in Locale("en").languages.items() if len(code) == 2}
    return names | {code: code for code in names.values()}


@cache
def _own_names_of_languages() -> dict[str, str]:
    names = {}
    for code in _WITH_OWN_NAMES:
        try:
            names[Locale(code).languages[code].casefold()] = code
        except (UnknownLocaleError, KeyError):
            continue
    return names


@lru_cache(maxsize=1024)
def language_code(language: str | None) -> str | None:
    """The two-letter code of a language given as code, English name or own name, or what was given where it is none."""
    if not language:
        return language
    plain = language.strip().casefold()
    return _languages().get(plain) or _own_names_of_languages().get(plain, language)


@cache
def country_names() -> tuple[str, ...]:
    """The countries of the world by their English names."""
    names = Locale("en").territories
    return tuple(sorted(names[code] for code in phonenumbers.SUPPORTED_REGIONS if code in names))


@cache
def language_names() -> tuple[str, ...]:
    """The languages that have a two-letter code, by their English names."""
    return tuple(sorted(name for code, name in Locale("en").languages.items() if len(code) == 2))


@cache
def _names_of_countries() -> dict[str, str]:
    return {code: name for name in country_names() if (code := region_of(name))}


@cache
def _names_of_languages() -> dict[str, str]:
    return {code: name for name in language_names() if (code := language_code(name))}


def country_name(code: str) -> str:
    """The English name of a country, which is read as this code again; what is no code stays as it is."""
    return _names_of_countries().get(code, code)


def language_name(code: str) -> str:
    return _names_of_languages().get(code, code)


def full_name(given: str | None, family: str | None) -> str | None:
    """Given and family name as they are written together; Han and Hangul names put the family first, without a space."""
    if given and family and _CJK.search(given) and _CJK.search(family):
        return family + given
    return " ".join(part for part in (given, family) if part) or None


def normalize_values(values: Mapping[str, Any], *, country: str | None = None) -> dict[str, Any]:
    """Golden values as typed by hand, in the one spelling that imports bring; `country` is where nothing else is said."""
    normal = dict(values)
    for field, code_of in (
        ("country", country_code),
        ("language", language_code),
        ("preferred_channel", channel_code),
    ):
        if normal.get(field):
            normal[field] = code_of(normal[field])
    if normal.get("phone"):
        normal["phone"] = normalize_phone(normal["phone"], normal.get("country") or country) or normal["phone"]
    return normal


def person_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `people`: name, identifiers, kind, and a key where the file has none."""
    has_key = "external_id" in answers["columns"]
    has_id = "rapport_id" in answers["columns"] and not has_key
    further = FurtherContacts(answers["columns"], email=normalize_email, phone=normalize_phone, country=country_code)
    take_further = further.take if further else None

    def finish(values: dict[str, Any]) -> None:
        if has_key and values["external_id"] is None:
            raise ValueRefused("missing", "external_id")
        points = take_further(values) if take_further else []
        values["email_norm"] = normalize_email(values["email"])
        values["country"] = country_code(values["country"])
        values["language"] = language_code(values["language"])
        values["preferred_channel"] = channel_code(values["preferred_channel"])
        if values["phone"]:
            values["phone_norm"] = normalize_phone(values["phone"], values["country"])
            values["phone"] = values["phone_norm"] or values["phone"]
        if values["name"] is None:
            values["name"] = full_name(values["given_name"], values["family_name"])
        if values["kind"] is None:
            values["kind"] = "organization" if values["name"] is None and values["organization"] else "person"
        if values["kind"] == "organization" and values["name"] is None:
            values["name"] = values["organization"]
        if has_id and values["rapport_id"]:
            values["external_id"] = values["rapport_id"] = values["rapport_id"].lower()
        elif not has_key:
            values["external_id"] = _key_of(values)
        shown = fold_text(_shown(values))
        values["sort_key"] = None if shown is None else shown[:LONGEST_KEY]
        searched = _searched(values, with_key=has_key)
        if points:
            searched = f"{searched} {searched_emails(points)}"
        name = "" if values["name"] is None else shown
        words = None if name is None else words_of(searched, values["phone"] or "", after=name)
        values["words"] = with_phones(words, points) if points else words

    return finish


def organization_finisher(answers: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Completes rows of the importer `organizations`; some systems number them beside people, with the same numbers."""
    finish_row = person_finisher(answers)
    prefix = ORGANIZATION_PREFIX if answers.get("numbers") == OWN_NUMBERS else ""

    def finish(values: dict[str, Any]) -> None:
        values["kind"] = "organization"
        finish_row(values)
        if prefix and values["external_id"] and not values["external_id"].startswith(KEYLESS_PREFIX):
            values["external_id"] = prefix + values["external_id"]

    return finish


def _shown(values: dict[str, Any]) -> str:
    """What stands for the person in a list, as in customer_sort_key."""
    for name in ("name", "organization", "email"):
        if values[name] is not None:
            return str(values[name])
    return f"~{values['phone'] or ''}"


def _searched(values: dict[str, Any], *, with_key: bool) -> str:
    """What is found of the person besides the name."""
    said = [values["given_name"], values["family_name"], values["organization"], values["email"]]
    said.append(values["external_id"] if with_key else None)
    return " ".join(filter(None, said))


def _key_of(values: dict[str, Any]) -> str:
    identifying = [str(values[name] or "").casefold() for name in _IDENTIFYING]
    if not any(identifying):
        raise ValueRefused("nothing_known", *_TELLING)
    return KEYLESS_PREFIX + hashlib.sha256("\x1f".join(identifying).encode()).hexdigest()[:24]
