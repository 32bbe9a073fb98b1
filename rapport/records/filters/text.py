"""How filters are written in an address: conditions, and groups of them, that read back as exactly what was written.

    city.is:Porto                                       one condition: <field>.<operator>:<value>, the value as it is
    any(city.is:Porto;none(owner.is:me;kind.is:person)) a group: all of, any of or none of what stands between ";"

Within a group `~` stands before each `;`, `)` and `~` of a value; in a list of values it stands before `,` and `~`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ALL, ANY, NONE = "all", "any", "none"
JOINS = (ALL, ANY, NONE)
MOST_DEPTH = 4
LONGEST_TEXT = 6_000
_OPENS = re.compile(r"(all|any|none)\(")
_PLAIN = re.compile(r"[^;)~]+")


class Misspelled(ValueError):
    """The text is no filter; the words say why, for a person."""


class TooDeep(Misspelled):
    """Groups stand in groups more often than is allowed."""


@dataclass(frozen=True)
class Condition:
    """One comparison as it is written, before anybody looked whether it exists."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class Junction:
    """All of, any of or none of the parts."""

    join: str
    parts: tuple[Condition | Junction, ...]


Written = Condition | Junction


def read_text(text: str) -> Written:
    """What stands in one parameter. Raises Misspelled."""
    if len(text) > LONGEST_TEXT:
        raise Misspelled(text[:60])
    if not _OPENS.match(text):
        return _condition(text)
    found, end = _read(text, 0, depth=1)
    if end != len(text):
        raise Misspelled(text[:60])
    return found


def write_text(written: Written, *, inside: bool = False) -> str:
    """The one way to write it; `inside` of a group its marks are taken off their meaning."""
    if isinstance(written, Junction):
        return f"{written.join}({';'.join(write_text(part, inside=True) for part in written.parts)})"
    text = f"{written.field}.{written.operator}:{written.value}"
    return _marked(text, ";)~") if inside else text


def write_list(values: Iterable[str]) -> str:
    """Several values as one."""
    return ",".join(_marked(each, ",~") for each in values)


def read_list(text: str) -> list[str]:
    """The values of a list, without those that say nothing; the opposite of `write_list`."""
    found = [""]
    letters = iter(text)
    for letter in letters:
        if letter == ",":
            found.append("")
        else:
            found[-1] += next(letters, "") if letter == "~" else letter
    return [each.strip() for each in found if each.strip()]


def simplified(written: Written) -> Written:
    """The same without groups that do not matter: of one part alone, in a group of their own kind, none of none."""
    if isinstance(written, Condition):
        return written
    parts = tuple(_flattened(written.join, (simplified(part) for part in written.parts)))
    if len(parts) > 1 or written.join == NONE:
        alone = parts[0] if len(parts) == 1 else None
        is_double = isinstance(alone, Junction) and alone.join == NONE
        if is_double and isinstance(alone, Junction):
            return simplified(Junction(ANY, alone.parts))
        return Junction(written.join, parts)
    return parts[0]


def _flattened(join: str, parts: Iterable[Written]) -> Iterator[Written]:
    same = ANY if join == NONE else join
    for part in parts:
        if isinstance(part, Junction) and part.join == same:
            yield from part.parts
        else:
            yield part


def _read(text: str, place: int, *, depth: int) -> tuple[Written, int]:
    """What begins at `place`, and where it ends."""
    opened = _OPENS.match(text, place)
    if opened is None:
        return _read_condition(text, place)
    if depth > MOST_DEPTH:
        raise TooDeep(text[:60])
    parts: list[Written] = []
    place = opened.end()
    while True:
        part, place = _read(text, place, depth=depth + 1)
        parts.append(part)
        mark = text[place : place + 1]
        if mark not in (";", ")") or not mark:
            raise Misspelled(text[:60])
        place += 1
        if mark == ")":
            return Junction(opened[1], tuple(parts)), place


def _read_condition(text: str, place: int) -> tuple[Condition, int]:
    found = ""
    while place < len(text) and text[place] not in ";)":
        plain = _PLAIN.match(text, place)
        if plain is not None:
            found, place = found + plain[0], plain.end()
        elif text[place + 1 : place + 2] in (";", ")", "~"):
            found, place = found + text[place + 1], place + 2
        else:
            raise Misspelled(text[:60])
    return _condition(found), place


def _condition(text: str) -> Condition:
    head, _colon, value = text.partition(":")
    field, _dot, operator = head.partition(".")
    return Condition(field, operator, value)


def _marked(text: str, marks: str) -> str:
    return "".join(f"~{letter}" if letter in marks else letter for letter in text)
