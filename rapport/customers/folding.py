"""What search.sql does to letters and words, in Python, for the workers of an import: common scripts here, the rest there.

Each function says None where it leaves the text to the database, whose answer for every letter read here is the same.
"""

from __future__ import annotations

import re
import unicodedata

_CJK = "\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
# a dotted capital I becomes two letters here and one in the database
_READ_HERE = re.compile(f"[\x01-\u012f\u0131-\u024f{_CJK}]*")
_MARKS = re.compile("[\u0300-\u036f]+")
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe"})
_PLAIN_WORD, _WORD, _NOT_DIGIT = re.compile("[a-z0-9]+"), re.compile(r"[^\W_]+"), re.compile("[^0-9]+")
_RUN = re.compile(f"[{_CJK}]+")
_LONGEST_TEXT, _LONGEST_WORD, LONGEST_KEY = 400, 60, 200


def fold_text(text: str) -> str | None:
    """Letters without marks, in lower case."""
    if text.isascii():
        return text.lower()
    if not _READ_HERE.fullmatch(text):
        return None
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    if bare.isascii():
        return bare.lower()
    return unicodedata.normalize("NFC", bare.lower().translate(_LETTERS))


def words_of(text: str, phone: str, *, after: str = "") -> str | None:
    """The lexemes of search_vector, as the text of an array of PostgreSQL; what the text comes `after` is folded already."""
    folded = fold_text(text)
    if folded is None or not phone.isascii():
        return None
    if after:
        folded = f"{after} {folded}"
    if len(folded) > _LONGEST_TEXT:
        return None
    words = _PLAIN_WORD.findall(folded) if folded.isascii() else _words_of_scripts(folded)
    digits = _NOT_DIGIT.sub("", phone)
    if digits:
        words.append(f"#{digits[::-1]}"[:_LONGEST_WORD])
    elif phone:
        words.append("#")
    # in quotation marks, since somebody is called Null
    return '{"' + '","'.join(words) + '"}' if words else "{}"


def _words_of_scripts(folded: str) -> list[str]:
    if not _RUN.search(folded):
        return _WORD.findall(folded)
    words = []
    for word in _WORD.findall(_RUN.sub(r" \g<0> ", folded)):
        if _RUN.match(word):
            words += word
            words += [word[place : place + 2] for place in range(len(word) - 1)]
        else:
            words.append(word[:_LONGEST_WORD])
    return words
