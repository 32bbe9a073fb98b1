"""Further e-mail addresses, numbers and postal addresses in the rows of a file. No Django here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

ADDRESS_PARTS = ("street", "postal_code", "city", "region", "country")
# the columns of a file beside the first ones, with the label that each one gives, in the order in which one takes the
# place of a first one that is missing
EMAILS = {"email_work": "work", "email_home": "home", "email_2": "other", "email_3": "other", "email_other": "other"}
PHONES = {
    "phone_mobile": "mobile", "phone_work": "work", "phone_home": "home", "phone_2": "other", "phone_3": "other",
    "phone_other": "other", "phone_fax": "fax",
}  # fmt: skip
ADDRESSES = ("billing", "delivery", "work", "home", "other")
_NOT_DIGIT = re.compile("[^0-9]+")
_LONGEST_WORD = 60

Normalize = Callable[..., str | None]


def address_column(label: str, part: str) -> str:
    return f"{label}_{part}"


def further_columns() -> Iterable[str]:
    """Every column of a file that states something besides the first address, number and postal address."""
    yield from EMAILS
    yield from PHONES
    for label in ADDRESSES:
        for part in ADDRESS_PARTS:
            yield address_column(label, part)


def labels_said(columns: Collection[str]) -> list[tuple[str, str]]:
    """The kinds and labels of contact points that a file with these columns speaks about."""
    said = {("email", label) for name, label in EMAILS.items() if name in columns}
    said |= {("phone", label) for name, label in PHONES.items() if name in columns}
    said |= {
        ("address", label) for label in ADDRESSES if any(address_column(label, p) in columns for p in ADDRESS_PARTS)
    }
    return sorted(said)


def firsts_said(columns: Collection[str]) -> set[str]:
    """The golden attributes that such columns state where a row says no first one."""
    said = {"email"} if any(name in columns for name in EMAILS) else set()
    said |= {"phone"} if any(name in columns for name in PHONES) else set()
    return said | {p for label in ADDRESSES for p in ADDRESS_PARTS if address_column(label, p) in columns}


def one_line(parts: Iterable[str | None]) -> str:
    """An address on one line, as it is kept and compared."""
    return ", ".join(" ".join(part.split()) for part in parts if part)


class FurtherContacts:
    """Takes the further columns out of parsed rows: what is missing as a first one moves up, the rest goes to `points`."""

    def __init__(self, columns: Collection[str], *, email: Normalize, phone: Normalize, country: Normalize) -> None:
        self._emails = [(name, label) for name, label in EMAILS.items() if name in columns]
        self._phones = [(name, label) for name, label in PHONES.items() if name in columns]
        self._addresses = [
            (label, [(part, address_column(label, part)) for part in ADDRESS_PARTS])
            for label in ADDRESSES
            if any(address_column(label, part) in columns for part in ADDRESS_PARTS)
        ]
        self._normal_email, self._normal_phone, self._country = email, phone, country

    def __bool__(self) -> bool:
        return bool(self._emails or self._phones or self._addresses)

    def take(self, values: dict[str, Any]) -> list[dict[str, str | None]]:
        """The further contacts of a row; its first ones are completed in `values`."""
        points = [*self._take_addresses(values), *self._take_emails(values), *self._take_phones(values)]
        values["points"] = json.dumps(points, ensure_ascii=False) if points else None
        return points

    def _take_addresses(self, values: dict[str, Any]) -> Iterable[dict[str, str | None]]:
        seen = {one_line(values.get(part) for part in ADDRESS_PARTS).casefold()}
        nothing_first = not any(values.get(part) for part in ("street", "postal_code", "city"))
        for label, columns in self._addresses:
            parts = {part: values.get(column) for part, column in columns}
            if not any(parts[part] for part in ("street", "postal_code", "city")):
                continue
            parts["country"] = self._country(parts["country"])
            line = one_line(parts.values())
            if nothing_first:
                values.update({part: said or values.get(part) for part, said in parts.items()})
                nothing_first = False
            elif line.casefold() not in seen:
                yield {"kind": "address", "label": label, "value": line, "value_norm": None, **parts}
            seen.add(line.casefold())

    def _take_emails(self, values: dict[str, Any]) -> Iterable[dict[str, str | None]]:
        seen = {self._normal_email(values["email"])}
        for name, label in self._emails:
            said = values.get(name)
            normal = self._normal_email(said)
            if not said or normal in seen:
                continue
            seen.add(normal)
            if not values["email"]:
                values["email"] = said
            else:
                yield {"kind": "email", "label": label, "value": said, "value_norm": normal}

    def _take_phones(self, values: dict[str, Any]) -> Iterable[dict[str, str | None]]:
        country = self._country(values["country"])
        seen = {self._normal_phone(values["phone"], country) or values["phone"]}
        for name, label in self._phones:
            said = values.get(name)
            if not said:
                continue
            normal = self._normal_phone(said, country)
            values[name] = shown = normal or said
            if shown in seen:
                continue
            seen.add(shown)
            if not values["phone"]:
                values["phone"] = shown
            else:
                yield {"kind": "phone", "label": label, "value": shown, "value_norm": normal}


def searched_emails(points: Iterable[dict[str, str | None]]) -> str:
    return " ".join(str(point["value"]) for point in points if point["kind"] == "email")


def with_phones(words: str | None, points: Iterable[dict[str, str | None]]) -> str | None:
    """The lexemes of a row, as the text of an array, with those of its further numbers."""
    digits = [_NOT_DIGIT.sub("", str(point["value"])) for point in points if point["kind"] == "phone"]
    more = ",".join(f'"{f"#{number[::-1]}"[:_LONGEST_WORD]}"' for number in digits if number)
    if not words or not more:
        return words
    return f"{words[:-1]}{',' if len(words) > 2 else ''}{more}}}"
