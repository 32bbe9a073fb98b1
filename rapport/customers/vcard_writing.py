"""A customer as a vCard, 3.0 (RFC 2426) or 4.0 (RFC 6350), for address books."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from rapport.customers.contact_points.reading import ADDRESS, EMAIL, PHONE, Way
from rapport.customers.golden import GOLDEN_FIELDS
from rapport.customers.models import Customer, Kind

_OCTETS = 75
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_PHONE_TYPES = {"mobile": "cell", "work": "work", "home": "home", "fax": "fax"}
_TYPES = {"work": "work", "home": "home", "billing": "x-billing", "delivery": "parcel"}


def vcard_of(customer: Customer, name: str, ways: Sequence[Way], *, version: str, hidden: Collection[str] = ()) -> str:
    """The card with all its lines folded, ending in a line break. Golden attributes that are `hidden` are not on it."""
    lines = ["BEGIN:VCARD", f"VERSION:{version}", *_lines(customer, name, ways, version, hidden), "END:VCARD"]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _lines(customer: Customer, name: str, ways: Sequence[Way], version: str, hidden: Collection[str]) -> Iterator[str]:
    said = {field: getattr(customer, field) for field in GOLDEN_FIELDS if field not in hidden}
    is_four, is_organization = version == "4.0", customer.kind == Kind.ORGANIZATION
    yield f"UID:urn:uuid:{customer.public_id}"
    yield f"FN:{_text(name)}"
    if is_organization:
        yield "KIND:org" if is_four else "X-ABSHOWAS:COMPANY"
    family, given = said.get("family_name") or "", said.get("given_name") or ""
    yield f"N:{_parts([family or ('' if is_organization or given else name), given, '', '', ''])}"
    organization = said.get("organization") or (name if is_organization else "")
    for tag, value in (("ORG", organization), ("TITLE", said.get("job_title"))):
        if value:
            yield f"{tag}:{_text(value)}"
    if website := said.get("website"):
        yield f"URL:{_CONTROL.sub('', website)}"
    if born_on := said.get("born_on"):
        yield f"BDAY:{born_on:%Y%m%d}" if is_four else f"BDAY:{born_on:%Y-%m-%d}"
    if is_four and (language := said.get("language")):
        yield f"LANG:{_text(language)}"
    for way in ways:
        yield _line_of(way, is_four=is_four)


def _line_of(way: Way, *, is_four: bool) -> str:
    if way.kind == PHONE:
        types = [_PHONE_TYPES.get(way.label, "voice")]
        value = f"tel:{_CONTROL.sub('', way.value)}" if is_four and way.value.startswith("+") else _text(way.value)
        extra = ["VALUE=uri"] if value.startswith("tel:") else []
        return f"TEL{_parameters(types, way, extra, is_four=is_four)}:{value}"
    types = [_TYPES[way.label]] if way.label in _TYPES else []
    if way.kind == EMAIL:
        return f"EMAIL{_parameters([*types, *([] if is_four else ['internet'])], way, [], is_four=is_four)}:{_text(way.value)}"
    assert way.kind == ADDRESS
    assert way.address is not None
    address = way.address
    value = _parts(["", "", address.street, address.city, address.region, address.postal_code, address.country])
    return f"ADR{_parameters(types, way, [], is_four=is_four)}:{value}"


def _parameters(types: list[str], way: Way, extra: list[str], *, is_four: bool) -> str:
    said = [*extra, *([f"PREF={1}"] if way.is_first and is_four else [])]
    types = [*types, *(["pref"] if way.is_first and not is_four else [])]
    if types:
        said.append(f"TYPE={','.join(types)}")
    return "".join(f";{each}" for each in said)


def _parts(parts: Iterable[str | None]) -> str:
    return ";".join(_text(part or "") for part in parts)


def _text(value: str) -> str:
    """A text in which nothing ends the value or the line."""
    escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    return _CONTROL.sub("", escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n"))


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets; each but the first begins with a space, and no character is cut."""
    piece, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _OCTETS:
            yield piece
            piece, size = " ", 1
        piece += character
        size += octets
    yield piece
