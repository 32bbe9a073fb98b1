"""Which encodings a file may be in, which of them is likely for its bytes, and the lines that tell them apart."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

from rapport.records.imports.values import gettext_noop as _

OFFERED = (
    ("utf-8", _("Unicode (UTF-8)")),
    ("utf-8-sig", _("Unicode (UTF-8 with a mark)")),
    ("utf-16", _("Unicode (UTF-16 with a mark)")),
    ("utf-16-le", _("Unicode (UTF-16, little end first)")),
    ("utf-16-be", _("Unicode (UTF-16, big end first)")),
    ("cp1252", _("Western European (Windows)")),
    ("iso-8859-15", _("Western European (Latin 9)")),
    ("latin-1", _("Western European (Latin 1)")),
    ("mac-roman", _("Western European (Mac)")),
    ("cp850", _("Western European (DOS)")),
    ("cp437", _("American (DOS)")),
    ("cp1250", _("Central European (Windows)")),
    ("iso-8859-2", _("Central European (Latin 2)")),
    ("cp852", _("Central European (DOS)")),
    ("cp1257", _("Baltic (Windows)")),
    ("cp1251", _("Cyrillic (Windows)")),
    ("koi8-r", _("Cyrillic (KOI8-R)")),
    ("koi8-u", _("Cyrillic (KOI8-U)")),
    ("cp866", _("Cyrillic (DOS)")),
    ("cp1253", _("Greek (Windows)")),
    ("iso-8859-7", _("Greek (ISO)")),
    ("cp1254", _("Turkish (Windows)")),
    ("iso-8859-9", _("Turkish (ISO)")),
    ("cp1255", _("Hebrew (Windows)")),
    ("cp1256", _("Arabic (Windows)")),
    ("cp1258", _("Vietnamese (Windows)")),
    ("cp874", _("Thai (Windows)")),
    ("gb18030", _("Chinese, simplified (GB 18030)")),
    ("big5", _("Chinese, traditional (Big5)")),
    ("big5hkscs", _("Chinese, Hong Kong (Big5)")),
    ("cp932", _("Japanese (Windows)")),
    ("shift-jis", _("Japanese (Shift JIS)")),
    ("euc-jp", _("Japanese (EUC)")),
    ("cp949", _("Korean (Windows)")),
    ("euc-kr", _("Korean (EUC)")),
)
_BY_CODEC = {codecs.lookup(name).name: name for name, _label in reversed(OFFERED)}
_WESTERN_FIRST = ("cp1252", "iso-8859-15", "cp1250", "cp1251")
_ASIAN = ("gb18030", "cp949", "cp932", "big5", "euc-jp", "big5hkscs")
_LAST = ("mac-roman", "latin-1")
_MOST_CANDIDATES, _MOST_SHOWN, _LONGEST = 10, 4, 200
_TELLING = 300
_ASCII = bytes(range(128))
_APART = re.compile(rb"[,;\t| ]")  # never the second byte of a character in any of these encodings


@dataclass(frozen=True)
class Candidate:
    """An encoding the file may have, with the lines of it that tell encodings apart."""

    encoding: str
    sample: str


def offered_name(name: str) -> str | None:
    """The name by which an encoding is offered here, whatever other name of it was given."""
    try:
        return _BY_CODEC.get(codecs.lookup(name.strip()).name)
    except (LookupError, ValueError):
        return None


def telling_lines(blocks: Iterable[bytes]) -> list[bytes]:
    """Lines that together hold every byte beyond ASCII that the file has: all that encodings could read differently."""
    seen = bytearray(_ASCII)
    found: list[bytes] = []
    for line in _lines_of_interest(blocks, seen):
        fresh = line.translate(None, seen)
        if fresh or len(found) < _MOST_SHOWN:
            seen.extend(set(fresh))
            found.append(_around(line, fresh[:1]))
        if len(found) >= _TELLING:
            break
    return found


def _lines_of_interest(blocks: Iterable[bytes], seen: bytearray) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        whole, newline, rest = (rest + block).rpartition(b"\n")
        if whole.translate(None, seen) or (len(seen) == 128 and not whole.isascii()):
            yield from (line.rstrip(b"\r") for line in whole.split(b"\n") if not line.isascii())
        elif not newline:
            rest = rest[-(1 << 22) :]  # a line without an end is refused by whoever reads the rows
    if not rest.isascii():
        yield rest


def _around(line: bytes, fresh: bytes) -> bytes:
    """The part of a long line that holds the byte, cut where a cell or a word begins."""
    if len(line) <= _LONGEST:
        return line
    at = line.find(fresh) if fresh else 0
    begins = [found.end() for found in _APART.finditer(line, max(0, at - _LONGEST // 2), at)]
    return line[begins[0] if begins and at > _LONGEST // 2 else 0 :][: _LONGEST + 200]


def candidates(lines: Sequence[bytes], readable: Callable[[str], bool]) -> tuple[Candidate, ...]:
    """What a file that is not UTF-8 may be, likeliest first; two that read it alike are one.

    No guess from the bytes alone tells cp1252 from cp1250 in a file with few accents, so the Western ones are always
    there, and before every other one that has a character per byte.
    """
    readings: dict[str, list[str]] = {}
    for encoding in _in_order(lines):
        try:
            texts = [line.decode(encoding, "strict" if len(line) <= _LONGEST else "ignore") for line in lines]
        except UnicodeDecodeError:
            continue
        if (not lines or texts not in readings.values()) and readable(encoding):
            readings[encoding] = texts
        if len(readings) == _MOST_CANDIDATES:
            break
    shown = _most_telling(list(readings.values()), len(lines))
    return tuple(
        Candidate(encoding, "\n".join(texts[place][:_LONGEST] for place in shown))
        for encoding, texts in readings.items()
    )


def _in_order(lines: Sequence[bytes]) -> list[str]:
    guessed = [offered_name(match.encoding) for match in from_bytes(b"\n".join(lines[:50]))][:5]
    asian = [name for name in guessed if name in _ASIAN]
    others = [name for name in guessed if name and name not in _ASIAN][:2]
    return list(dict.fromkeys([*asian, *_WESTERN_FIRST, *others, *_ASIAN, *_LAST]))


def _most_telling(readings: Sequence[Sequence[str]], lines: int) -> list[int]:
    """A few lines, so that of any two candidates at least one line reads differently where that is possible."""

    def kinds(place: int, groups: Iterable[list[int]]) -> int:
        return sum(len({readings[i][place] for i in group}) for group in groups)

    everyone = list(range(len(readings)))
    chosen: list[int] = []
    alike = {0: everyone}
    while len(chosen) < min(_MOST_SHOWN, lines):
        rest = [place for place in range(lines) if place not in chosen]
        best = max(rest, key=lambda place: (kinds(place, alike.values()), kinds(place, [everyone])))
        chosen.append(best)
        split: dict[tuple[int, str], list[int]] = {}
        for number, group in alike.items():
            for i in group:
                split.setdefault((number, readings[i][best]), []).append(i)
        alike = dict(enumerate(split.values()))
    return sorted(chosen)
