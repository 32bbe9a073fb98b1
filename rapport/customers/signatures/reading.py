"""Who wrote a mail, as its signature says: name, job, organization, numbers, addresses. No Django here.

Each line, or each part of a line between strokes, says one thing; what is told by its form (addresses, numbers, web sites, a
postal code) is taken first, and the rest by its words and its place. What nothing is made of is handed back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import phonenumbers

from rapport.customers.normalizing import region_of
from rapport.customers.signatures.words import (
    COUNTRY_OF_DOMAIN,
    GREETING,
    JOB,
    LABEL,
    ORGANIZATION,
    OWN_COUNTRY_NAMES,
    PHONE_LABELS,
    POSTAL_CODES,
    SOCIAL,
    STATES,
    STREET,
    TITLE_AFTER_HAN,
    TITLE_AFTER_HANGUL,
)

LONGEST = 4_000
_MOST_LINES, _MOST_NUMBERS, _LONGEST_PART = 40, 6, 200
_TYPED_NUMBER = re.compile(r"^([^\d+]{1,20}?)[\s.:：]+([+(]?\d[-0-9 ()./]{5,24})$")  # one that says no country
_EDGES = " <>[]:;,"
_CITY = "[가-힣]+(?:특별자치시|특별시|광역시|도|시)|서울|부산|대구|인천|광주|대전|울산"
_STROKES = re.compile(r"\s*(?:[|•·‖¦]|\t| // |\s{4,})\s*")
_QUOTED = re.compile(r"^[\s>*_=~#-]+")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>,;|()]+", re.IGNORECASE)
_BARE_SITE = re.compile(r"^(?:[a-z0-9-]+\.)+[a-z]{2,12}(?:/\S*)?$", re.IGNORECASE)
_SIGNED = re.compile(r"[^\W\d_]")
_NAME = re.compile(
    r"^(?:[^\W\d_][\w.'’-]*\s+){1,4}[^\W\d_][\w.'’-]*$|^[\u4e00-\u9fff]{2,4}$|^[가-힣]{2,4}$", re.UNICODE
)
_AT = re.compile(r"\s+(?:at|@|bei|bij|chez|–|—|-)\s+|,\s+", re.IGNORECASE)
_TOWN = (
    re.compile(r"^(?P<city>.+?),?\s+(?P<region>[A-Z]{2})\s+(?P<postal_code>\d{5}(?:-\d{4})?)$"),
    re.compile(r"^(?P<city>[^\d,]+?)?,?\s*(?P<postal_code>[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2})$"),
    re.compile(r"^(?:[A-Z]{1,2}[- ])?(?P<postal_code>\d{4}\s?[A-Z]{2}|\d{2}-\d{3}|\d{5}-\d{3}|\d{4,6})\s+(?P<city>[^\d,]{2,})$"),
    re.compile(r"^(?P<city>[^\d,]{2,}?)\s+(?P<postal_code>\d{5}-\d{3}|\d{2}-\d{3}|\d{4,6})$"),
)  # fmt: skip
# a street by its place before the town, whatever it is called: “Damrak 12”, “12 Rambla”
_HOUSE = re.compile(r"^(?:[^\d,]{3,60}\s\d{1,4}(?:\s?[A-Za-z])?(?:\s?[-/]\s?\d{1,4})?|\d{1,4}[A-Za-z]?\s[^\d,]{3,60})$")
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_HANGUL_ADDRESS = re.compile(rf"^(?P<city>{_CITY})\s+(?P<street>[가-힣].*\d.*)$")
_HAN_ADDRESS = re.compile(
    r"^(?:[\u4e00-\u9fff]{2,8}省)?(?P<city>[\u4e00-\u9fff]{2,6}?市)(?P<street>[\u4e00-\u9fff].*\d.*)$"
)
_ASIAN_CODE = re.compile(r"[\s,(（\[]*(?:우\)?)?\s*(\d{5,6})[)）\]]?(?=$|\s)")


@dataclass
class Understood:
    """What was made of it: golden values by name, further numbers and addresses (kind, label, value), and the rest."""

    values: dict[str, str] = field(default_factory=dict)
    further: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return "organization" if "name" not in self.values and "organization" in self.values else "person"

    def keep(self, name: str, value: str) -> bool:
        """The first that is said of a thing counts."""
        if not value or name in self.values:
            return False
        self.values[name] = value
        return True


def read_signature(text: str, *, country: str = "") -> Understood:
    """`country` is where numbers without a country code are read, unless the signature says where it is from."""
    understood = Understood()
    parts = list(_parts(text))
    region = _region(text, parts) or _region_of_a_number(parts) or country
    rest = _take_sites(parts, understood)
    rest = _take_numbers(rest, understood, region=region)
    rest = _take_addresses(rest, understood)
    understood.keep("country", _country_told(understood.values, parts))
    _take_names(rest, understood)
    return understood


def _parts(text: str) -> Iterable[str]:
    lines = text[:LONGEST].replace("\r", "\n").replace("\u200b", "").split("\n")
    for line in [line for line in lines if line.strip()][:_MOST_LINES]:
        for part in _STROKES.split(_QUOTED.sub("", line.replace("\xa0", " ")).strip()):
            plain = part.strip().strip(",;")
            if plain and _has_meaning(plain) and not GREETING.match(plain):
                yield plain[:_LONGEST_PART]


def _has_meaning(part: str) -> bool:
    return bool(_SIGNED.search(part)) or sum(sign.isdigit() for sign in part) > 4


def _region(text: str, parts: Iterable[str]) -> str:
    """The country of the address, else of the e-mail address."""
    for part in parts:
        for piece in part.split(","):
            if found := _country(piece):
                return found
    found_mail = _EMAIL.search(text)
    end = found_mail[0].rpartition(".")[2].lower() if found_mail else ""
    return COUNTRY_OF_DOMAIN.get(end, region_of(end) or "") if len(end) == 2 else ""


def _region_of_a_number(parts: Iterable[str]) -> str:
    """Of the first that is written with its country code."""
    return next(filter(None, _regions_of_numbers(parts)), "")


def _country_told(values: Mapping[str, str], parts: Iterable[str]) -> str:
    """Where nobody says the country: that of an address which is written so nowhere else, else that of all numbers."""
    code, region = values.get("postal_code", ""), values.get("region", "")
    if region in STATES and _ZIP.fullmatch(code):
        return "US"
    for country, form in POSTAL_CODES:
        if form.fullmatch(code):
            return code[:2] if code[:2] in ("GG", "GY", "IM", "JE") and country == "GB" else country
    if re.search("[가-힣]", values.get("city", "")):
        return "KR"
    regions = {each for each in _regions_of_numbers(parts) if len(each) == 2}
    return regions.pop() if len(regions) == 1 else ""


def _regions_of_numbers(parts: Iterable[str]) -> Iterable[str]:
    """Of those that are written with their country code."""
    for part in parts:
        for found in phonenumbers.PhoneNumberMatcher(part, None):
            yield phonenumbers.region_code_for_number(found.number) or ""


def _country(piece: str) -> str:
    plain = piece.strip().strip(".")
    if len(plain) < 3:
        return plain if plain in ("UK", "US") and region_of(plain) else ""
    return OWN_COUNTRY_NAMES.get(piece.strip().casefold(), "") or region_of(plain) or ""


def _take_sites(parts: Iterable[str], understood: Understood) -> list[str]:
    """E-mail addresses and web sites, wherever they stand."""
    rest = []
    for part in parts:
        for address in _EMAIL.findall(part):
            if not understood.keep("email", address) and address.lower() != understood.values["email"].lower():
                understood.further.append(("email", "other", address))
        plain = _EMAIL.sub(" ", part)
        for site in _URL.findall(plain):
            if not SOCIAL.search(site):
                understood.keep("website", site.rstrip("./"))
        plain = _unlabelled(_URL.sub(" ", plain))
        if _BARE_SITE.match(plain) and not SOCIAL.search(plain):
            understood.keep("website", plain)
        elif plain and _has_meaning(plain):
            rest.append(plain if plain != _unlabelled(part) else part)
    return rest


def _unlabelled(part: str) -> str:
    found = part.strip(_EDGES)
    while (shorter := LABEL.sub("", found).strip(_EDGES)) != found:
        found = shorter
    return "" if LABEL.match(f"{found}:") and " " not in found else found


def _take_numbers(parts: Iterable[str], understood: Understood, *, region: str) -> list[str]:
    numbers: list[tuple[str, str]] = []
    rest = []
    for part in parts:
        end, left = 0, ""
        for found in phonenumbers.PhoneNumberMatcher(part, region or None, leniency=phonenumbers.Leniency.POSSIBLE):
            if _is_within_address(part, found):
                continue
            before = part[end : found.start]
            numbers.append((_label_of(before), _written(found)))
            left, end = left + before, found.end
        left += part[end:]
        if not end and (typed := _TYPED_NUMBER.match(part)):
            numbers.append((_label_of(typed[1]), typed[2].strip()))
            continue
        plain = _unlabelled(left) if end else part
        if plain and (not end or len(_SIGNED.findall(plain)) > 7 or sum(sign.isdigit() for sign in plain) > 4):
            rest.append(plain)
    _keep_numbers(numbers[:_MOST_NUMBERS], understood)
    return rest


def _is_within_address(part: str, found: phonenumbers.PhoneNumberMatch) -> bool:
    """A number of seven digits or less without a word before it, or with a town after it, is a postal code or a house."""
    digits = sum(sign.isdigit() for sign in found.raw_string)
    has_plus = found.raw_string.lstrip("( ").startswith(("+", "00"))
    if has_plus or LABEL.match(part) or digits > 8:
        return False
    return bool(STREET.search(part)) or any(town.match(part) for town in _TOWN) or digits < 7


def _label_of(before: str) -> str:
    word = before.strip(" .:：()/,;+")
    return next((label for label, words in PHONE_LABELS if words.search(word)), "work")


def _written(found: phonenumbers.PhoneNumberMatch) -> str:
    return str(phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164))


def _keep_numbers(numbers: list[tuple[str, str]], understood: Understood) -> None:
    """The mobile is the first one, as that is where she is; never the fax."""
    once = {number: label for label, number in reversed(numbers)}
    ordered = sorted(
        dict.fromkeys(number for _label, number in numbers), key=lambda n: ("mobile", "work", "fax").index(once[n])
    )
    for number in ordered:
        if once[number] == "fax" or not understood.keep("phone", number):
            understood.further.append(("phone", once[number], number))


def _take_addresses(parts: Iterable[str], understood: Understood) -> list[str]:
    rest = []
    for part in parts:
        plain = _unlabelled(part)
        if _take_asian(plain, understood):
            continue
        pieces = [piece.strip() for piece in plain.split(",") if piece.strip()]
        if not any(_is_address(piece) for piece in pieces) and not _is_address(plain):
            rest.append(plain)
            continue
        left = [piece for piece in _pieces_with_town(plain, pieces) if not _take_piece(piece, understood)]
        if "city" in understood.values and any(map(_town, pieces)):
            _take_street_before(left or rest, understood)
        if left and "street" in understood.values and "city" not in understood.values and len(left) == 1:
            understood.keep("city", left.pop())
        rest.extend(left)
    return rest


def _pieces_with_town(plain: str, pieces: list[str]) -> list[str]:
    """The pieces of a line that ends with a town, which may have commas itself: “123 Main Street, Springfield, IL 62704”."""
    town = _town(plain)
    if town is None:
        return pieces
    before, comma, _city = town["city"].rpartition(",")
    return [*before.split(","), plain[len(before) + 1 :].strip()] if comma else [plain]


def _take_street_before(left: list[str], understood: Understood) -> None:
    """What stands last before the town is the street, where it looks like a house in one."""
    if left and "street" not in understood.values and _HOUSE.match(left[-1]):
        understood.keep("street", left.pop())


def _is_address(piece: str) -> bool:
    return bool(STREET.search(piece) or _town(piece) or _country(piece))


def _town(piece: str) -> re.Match[str] | None:
    return next((found for each in _TOWN if (found := each.match(piece))), None)


def _take_piece(piece: str, understood: Understood) -> bool:
    if found := _country(piece):
        return understood.keep("country", found)
    if (town := _town(piece)) is not None and not STREET.search(piece):
        return _keep_all(town, understood)
    return bool(STREET.search(piece)) and understood.keep("street", piece)


def _keep_all(found: re.Match[str], understood: Understood) -> bool:
    """Each part of an address that was found; whether all of it is new."""
    kept = [understood.keep(name, value.strip(" ,")) for name, value in found.groupdict().items() if value]
    return all(kept)


def _take_asian(part: str, understood: Understood) -> bool:
    """Large before small, the postal code before or after it."""
    code = _ASIAN_CODE.search(part)
    plain = _ASIAN_CODE.sub("", part).strip(" ,()（）")
    found = _HANGUL_ADDRESS.match(plain) or _HAN_ADDRESS.match(plain)
    if found is None:
        return False
    if code is not None:
        understood.keep("postal_code", code[1])
    return _keep_all(found, understood)


def _take_names(parts: list[str], understood: Understood) -> None:
    """What is left, in its order: who, what she does, where."""
    waiting = list(_apart(parts, understood))
    for name, fits in (("organization", _is_organization), ("job_title", JOB.search), ("name", _NAME.match)):
        found = next(
            (part for part in waiting if fits(part) and (name != "organization" or not _is_job_only(part))), None
        )
        if found is not None and understood.keep(name, found):
            waiting.remove(found)
    for part in [part for part in waiting if _is_of_domain(part, understood)]:
        if understood.keep("organization", part):
            waiting.remove(part)
    if (
        waiting
        and "name" in understood.values
        and not any(sign.isdigit() for sign in waiting[0])
        and len(waiting[0]) < 60
    ):
        empty = "organization" if "organization" not in understood.values else "job_title"
        if understood.keep(empty, waiting[0]):
            waiting.pop(0)
    understood.left.extend(waiting)


def _apart(parts: list[str], understood: Understood) -> Iterable[str]:
    """A part that says two things is two: “Buyer at De Molen”, “김서연 부장”."""
    for part in parts:
        found = TITLE_AFTER_HANGUL.match(part) or TITLE_AFTER_HAN.match(part)
        if found is not None:
            understood.keep("name", found[1])
            understood.keep("job_title", found[2])
            continue
        pieces = [piece for piece in _AT.split(part, maxsplit=1) if piece]
        yield from pieces if len(pieces) == 2 and _says_two_things(part, *pieces) else [part]


def _says_two_things(part: str, first: str, second: str) -> bool:
    if JOB.search(first):
        at_one_place = _is_organization(second) and not _is_organization(first)
        return at_one_place or not (_is_organization(part) or JOB.search(second))
    return bool(_NAME.match(first) and JOB.search(second))


def _is_organization(part: str) -> bool:
    return bool(ORGANIZATION.search(part))


def _is_job_only(part: str) -> bool:
    """“Head of Group Sales” names no group."""
    found = ORGANIZATION.search(part)
    return bool(JOB.search(part)) and found is not None and found.end() < len(part.rstrip(". "))


def _is_of_domain(part: str, understood: Understood) -> bool:
    """Whether a name is that of the domain of her e-mail address."""
    domain = understood.values.get("email", "").partition("@")[2].rpartition(".")[0]
    letters = "".join(sign for sign in part.casefold() if sign.isalnum())
    return bool(domain) and len(letters) > 2 and letters in "".join(sign for sign in domain if sign.isalnum())
