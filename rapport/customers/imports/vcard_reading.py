"""vCards of the versions 2.1, 3.0 and 4.0 as rows of a people file: one card, one row. No Django here."""

from __future__ import annotations

import csv
import hashlib
import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapport.customers.contact_points.further import ADDRESS_PARTS, address_column, further_columns
from rapport.records.imports.decoding import known_encoding
from rapport.records.imports.values import gettext_noop

_FIRST_COLUMNS = (
    "external_id", "kind", "name", "given_name", "family_name", "organization", "job_title", "email", "phone", "website",
    *ADDRESS_PARTS, "language", "born_on",
)  # fmt: skip
COLUMNS = (*_FIRST_COLUMNS, *further_columns())
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)(?:=("[^"]*"|[^;:"]*)((?:,(?:"[^"]*"|[^;:,"]*))*))?')
_NAME = re.compile(r"(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)")
_ESCAPED = re.compile(r"\\(.)", re.S)
_BORN = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_PREFERENCE = re.compile(r"[0-9]{1,3}")
_EMAIL_PLACES = {"work": "email_work", "home": "email_home"}
_PHONE_PLACES = {"cell": "phone_mobile", "fax": "phone_fax", "work": "phone_work", "home": "phone_home"}
_ADDRESS_PLACES = {"x-billing": "billing", "parcel": "delivery", "work": "work", "home": "home"}


class VCardRefused(ValueError):
    """The file is not a list of cards; `line` is the physical line where that shows."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.words, self.line = words, line


@dataclass
class Property:
    """One line of a card: its name, its types in lower case, how much it is preferred, and its value."""

    name: str
    types: frozenset[str]
    preference: int
    value: str

    @property
    def text(self) -> str:
        return _plain(self.value).strip()

    @property
    def parts(self) -> list[str]:
        return [_plain(part).strip() for part in _split(self.value, ";")]


@dataclass
class Card:
    """The lines of one card. `line` is the one it begins on."""

    line: int
    properties: list[Property] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """What is preferred comes first, else the order of the card."""
        return sorted(
            (p for p in self.properties if p.name == name and p.value.strip(" ;")), key=lambda p: p.preference
        )

    def text(self, name: str) -> str:
        return next((p.text for p in self.all(name)), "")


def is_vcard(beginning: bytes) -> bool:
    """Whether a file that begins like this holds cards."""
    return _decoded(beginning, strict=False).lstrip("\ufeff \t\r\n").upper().startswith("BEGIN:VCARD")


def vcards_as_csv(content: bytes) -> bytes:
    """The cards as a CSV file in UTF-8 whose columns are called as the importer of people calls them."""
    rows = [row_of(card) for card in read_cards(_decoded(content))]
    if not rows:
        raise VCardRefused(gettext_noop("The file holds no card of a person or an organization."), 0)
    used = [name for name in COLUMNS if any(row.get(name) for row in rows)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([row.get(name, "") for name in used] for row in rows)
    return buffer.getvalue().encode()


def read_cards(text: str) -> Iterator[Card]:
    """The cards of a file; groups of cards, which name no person, are left out. Raises VCardRefused."""
    card, depth = None, 0
    for line, content in _unfolded(text):
        found = _property(content, line)
        if found.name == "BEGIN" and found.value.strip().upper() == "VCARD":
            depth += 1
            card = Card(line) if depth == 1 else card
        elif card is None:
            raise VCardRefused(gettext_noop("A card must begin with BEGIN:VCARD."), line)
        elif found.name == "END" and found.value.strip().upper() == "VCARD":
            depth -= 1
            if depth == 0:
                if card.text("KIND").lower() != "group":
                    yield card
                card = None
        elif depth == 1:
            card.properties.append(found)
    if card is not None:
        raise VCardRefused(gettext_noop("A card begins here and never ends."), card.line)


def row_of(card: Card) -> dict[str, str]:
    """What the card says, by the columns of the importer of people."""
    names = [*next((p.parts for p in card.all("N")), []), "", ""]
    organization = next((p.parts[0] for p in card.all("ORG")), "")
    is_organization = card.text("KIND").lower() == "org" or card.text("X-ABSHOWAS").upper() == "COMPANY"
    row = {
        "kind": "organization" if is_organization else "",
        "name": card.text("FN"),
        "given_name": names[1],
        "family_name": "" if is_organization else names[0],
        "organization": "" if is_organization and card.text("FN") else organization,
        "job_title": card.text("TITLE") or card.text("ROLE"),
        "website": card.text("URL"),
        "language": card.text("LANG"),
        "born_on": _day(card.text("BDAY")),
    }
    _place(row, "email", [(p.text.removeprefix("mailto:"), p.types) for p in card.all("EMAIL")], _EMAIL_PLACES)
    _place(row, "phone", [(_number(p), p.types) for p in card.all("TEL")], _PHONE_PLACES)
    _place_addresses(row, card)
    row["external_id"] = card.text("UID") or _key_of(row)
    return {name: " ".join(value.split()) if name != "street" else value for name, value in row.items()}


def _place(row: dict[str, str], first: str, values: list[tuple[str, frozenset[str]]], places: dict[str, str]) -> None:
    """The first value into the first column, the others where their type belongs, else where there is room."""
    room = [f"{first}_2", f"{first}_3", f"{first}_other"]
    for number, (value, types) in enumerate((v, t) for v, t in values if v):
        wanted = [first] if number == 0 else [place for word, place in places.items() if word in types]
        place = next((place for place in (*wanted, *room) if place not in row), None)
        if place is not None:
            row[place] = value


def _place_addresses(row: dict[str, str], card: Card) -> None:
    labels = ["other", "home", "work", "delivery", "billing"]
    for number, found in enumerate(card.all("ADR")):
        box, more, street, city, region, postal_code, country, *_rest = [*found.parts, *[""] * 7]
        lines = " ".join(part for part in (street, more, box) if part)
        said = dict(zip(ADDRESS_PARTS, (lines, postal_code, city, region, country), strict=True))
        if number == 0:
            row.update(said)
            continue
        wanted = [label for word, label in _ADDRESS_PLACES.items() if word in found.types]
        label = next((label for label in (*wanted, *labels) if address_column(label, "street") not in row), None)
        if label is not None:
            row.update({address_column(label, part): value for part, value in said.items()})


def _number(found: Property) -> str:
    return found.text.removeprefix("tel:").partition(";")[0]


def _day(text: str) -> str:
    """A whole day; a birthday without its year is none."""
    found = _BORN.match(text)
    return "-".join(found.groups()) if found else ""


def _key_of(row: dict[str, str]) -> str:
    said = "\x1f".join(row.get(name, "").casefold() for name in ("email", "phone", "name", "organization", "born_on"))
    return f"card-{hashlib.sha256(said.encode()).hexdigest()[:24]}"


def _decoded(content: bytes, *, strict: bool = True) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace" if strict else "ignore")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines with the number of the physical line each begins on."""
    begins, pieces, is_quoted = 0, [""], False
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text.lstrip("\ufeff")), start=1):
        if is_quoted and pieces[-1].endswith("="):
            pieces[-1] = pieces[-1][:-1]
            pieces.append(line)
        elif line[:1] in (" ", "\t") and any(pieces):
            pieces.append(line[1:])
        else:
            if (whole := "".join(pieces)).strip():
                yield begins, whole
            begins, pieces, is_quoted = number, [line], "QUOTED-PRINTABLE" in line.partition(":")[0].upper()
    if (whole := "".join(pieces)).strip():
        yield begins, whole


def _property(content: str, line: int) -> Property:
    name = _NAME.match(content)
    if name is None:
        raise VCardRefused(gettext_noop("This line has no name."), line)
    parameters: dict[str, list[str]] = {}
    position = name.end()
    while found := _PARAMETER.match(content, position):
        position = found.end()
        values = [found[2], *re.findall(r'"[^"]*"|[^,"]+', found[3] or "")] if found[2] is not None else []
        said = [part for value in values for part in value.strip('"').split(",") if part]
        key = found[1].upper() if said else "TYPE"
        parameters.setdefault(key, []).extend(part.lower() for part in (said or [found[1]]))
    if content[position : position + 1] != ":":
        raise VCardRefused(gettext_noop("After the name of a line a colon is missing."), line)
    value = content[position + 1 :]
    types = parameters.get("TYPE", [])
    if "quoted-printable" in (*parameters.get("ENCODING", ()), *types):
        charset = next(iter(parameters.get("CHARSET", ())), "utf-8")
        value = _from_quoted_printable(value, charset)
    preference = next(iter(parameters.get("PREF", ())), "1" if "pref" in types else "101")
    return Property(
        name[1].upper(), frozenset(types), int(preference) if _PREFERENCE.fullmatch(preference) else 101, value
    )


def _from_quoted_printable(value: str, charset: str) -> str:
    octets = quopri.decodestring(value.encode("utf-8"))
    try:
        return octets.decode(known_encoding(charset) or "utf-8")
    except UnicodeDecodeError:
        return octets.decode("utf-8", "replace")


def _split(value: str, separator: str) -> list[str]:
    """The parts between separators that are not escaped. Every piece is looked at once, whatever a card holds."""
    parts, begins = [], 0
    for found in re.finditer(rf"\\.|{separator}", value, re.S):
        if found[0] == separator:
            parts.append(value[begins : found.start()])
            begins = found.end()
    return [*parts, value[begins:]]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
