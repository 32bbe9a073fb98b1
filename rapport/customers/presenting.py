"""How a golden value is written for a reader: phone numbers in groups, countries and languages by name, days as days."""

from __future__ import annotations

from datetime import date
from typing import Any

import phonenumbers
from babel import Locale, UnknownLocaleError
from django.utils import translation
from django.utils.translation import gettext

from rapport.customers.channels import CHANNELS
from rapport.ui.formats import day


def as_read(field: str, value: Any) -> str:
    """The text of `value`, a value of the golden attribute `field`; what cannot be read better stays as it is."""
    if isinstance(value, date):
        return day(value)
    text = str(value)
    if field == "phone":
        return _phone(text)
    if field == "country":
        return str(_reader().territories.get(text, text)) if len(text) == 2 else text
    if field == "language":
        return _language(text)
    if field == "preferred_channel":
        return gettext(CHANNELS[text]) if text in CHANNELS else text
    return text


def _phone(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _language(text: str) -> str:
    try:
        return str(Locale.parse(text.replace("-", "_")).get_display_name(_reader()) or text)
    except (UnknownLocaleError, ValueError):
        return text


def _reader() -> Locale:
    return Locale.parse(translation.to_locale(translation.get_language() or "en"))
