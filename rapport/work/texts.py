"""What stands in a comment: plain text, addresses that can be followed, and people named with @. No markup is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]{1,2000}", re.IGNORECASE)
_ENDS_SENTENCE = ".,;:!?)]}…"
_MENTION = re.compile(r"(?<![\w@./])@(?=\w)")
_CALLED = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class Piece:
    """A run of text: with `href`, an address; or somebody's name."""

    text: str
    href: str = ""
    is_mention: bool = False


@dataclass(frozen=True)
class Named:
    """Where a text names somebody."""

    begin: int
    end: int
    person: int


def mentions_in(text: str, people: Sequence[tuple[int, str]]) -> list[int]:
    """The ids of those whom the text names as "@Mina Kim", or as "@Mina" where one person only is called so."""
    return list(dict.fromkeys(each.person for each in _named_in(text, people)))


def names_of_nobody(text: str, people: Sequence[tuple[int, str]]) -> list[str]:
    """The words after an @ that name nobody, or more than one."""
    known = {each.begin for each in _named_in(text, people)}
    called = (_CALLED.match(text, each.end()) for each in _MENTION.finditer(text) if each.start() not in known)
    return [each[0] for each in called if each is not None]


def pieces_of(text: str, people: Sequence[tuple[int, str]] = ()) -> list[Piece]:
    """The text in runs, in their order; `people` are those whom it may name."""
    found: list[tuple[int, int, Piece]] = []
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(_ENDS_SENTENCE)
        found.append((match.start(), match.start() + len(address), Piece(address, href=address)))
    for each in _named_in(text, people):
        if not any(begin <= each.begin < end for begin, end, _piece in found):
            found.append((each.begin, each.end, Piece(text[each.begin : each.end], is_mention=True)))
    pieces, at = [], 0
    for begin, end, piece in sorted(found, key=lambda item: item[0]):
        pieces += [Piece(text[at:begin])] if begin > at else []
        pieces.append(piece)
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def _named_in(text: str, people: Sequence[tuple[int, str]]) -> Iterator[Named]:
    names = _names(people)
    for match in _MENTION.finditer(text):
        rest = text[match.end() :]
        for name, person in names:
            follows = rest[len(name) : len(name) + 1]
            if rest[: len(name)].casefold() == name.casefold() and not (follows.isalnum() or follows == "_"):
                yield Named(match.start(), match.end() + len(name), person)
                break


def _names(people: Iterable[tuple[int, str]]) -> list[tuple[str, int]]:
    """What people can be called by, longest first, so that "@Mina Kim" is not read as some other Mina."""
    whole = [(name, person) for person, name in people if name]
    first = [(name.split()[0], person) for name, person in whole if name.split()]
    called = Counter(name.casefold() for name, _person in {*whole, *first})
    known = {(name, person) for name, person in {*whole, *first} if called[name.casefold()] == 1}
    return sorted(known, key=lambda item: (-len(item[0]), item[0], item[1]))
